"""Words that tell of tempo, difficulty and purpose in six languages.

English, German, Spanish, Chinese, Japanese, Russian. Listed with commas between them.
"""

from orchestrator.routing.types import Purpose


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


HURRIED = _listed("""
    quick, quickly, fast, asap, urgent, hurry, right away, schnell, sofort, dringend, eilig,
    rápido, urgente, ya mismo, 快, 马上, 立刻, 紧急, 急いで, 至急, すぐに, быстро, срочно,
    немедленно
""")
THOROUGH = _listed("""
    careful, carefully, thorough, thoroughly, in depth, take your time, gründlich, sorgfältig,
    ausführlich, detailliert, cuidadosamente, a fondo, exhaustivo, 仔细, 详细, 彻底, 丁寧に,
    詳しく, 徹底的, тщательно, подробно, внимательно
""")
HARDER = _listed("""
    complex, difficult, tricky, challenging, hard, system, global, everywhere, entire, whole,
    distributed, concurrent, komplex, schwierig, knifflig, gesamte, überall, verteilt, complejo,
    difícil, complicado, todo el, distribuido, 复杂, 困难, 整个, 系统, 複雑, 難しい, 全体, сложный,
    сложная, трудный, вся система
""")
EASIER = _listed("""
    simple, small, tiny, minor, trivial, easy, one-liner, just, einfach, klein, kleine, kurz,
    simpel, sencillo, pequeño, fácil, 简单, 小的, 簡単, 小さな, простой, простая, маленький
""")
SECURITY = _listed("""
    security, vulnerability, authentication, authorization, password, encryption, injection, csrf,
    xss, sicherheit, sicherheitslücke, passwort, verschlüsselung, seguridad, contraseña, cifrado,
    安全, 漏洞, 密码, セキュリティ, 脆弱性, безопасность, уязвимость, пароль
""")
NEEDS_WEB = _listed("""
    latest news, today's news, current price, search the web, look up online, weather, stock price,
    aktuelle nachrichten, im internet, wetter, aktueller preis, noticias de hoy, busca en internet,
    el tiempo, 最新新闻, 上网搜索, 天气, 最新のニュース, 天気, последние новости, погода,
    найди в интернете
""")
FOLLOW_UPS = _listed("""
    yes, yes please, ok, okay, go on, continue, go ahead, do it, try again, again, next, more,
    please continue, try now, ja, ja bitte, weiter, mach weiter, ok weiter, nochmal, noch einmal,
    sí, si, continúa, sigue, otra vez, adelante, 是, 是的, 好, 好的, 继续, 再来, はい, 続けて,
    もう一度, お願いします, да, дальше, продолжай, ещё раз, ещё
""")
REFUSALS = _listed("""
    no, nope, no thanks, stop, never mind, thanks, thank you, nein, nein danke, danke, egal,
    no gracias, gracias, 不, 不用了, 谢谢, いいえ, ありがとう, нет, спасибо
""")
# Questions whose answer is a fact, not an explanation.
FACT_QUESTIONS = (
    "what is", "what's", "what was", "what are", "who", "whose", "when", "where", "which",
    "how many", "how much", "how old", "how far", "how tall", "how long", "is it", "is there",
    "was ist", "was heißt", "was bedeutet", "wer", "wann", "wo", "welche", "welcher", "welches",
    "wie viel", "wie viele", "wie alt", "wie hoch", "wie heißt",
    "qué es", "cuál es", "quién", "cuándo", "dónde", "cuánto", "cuántos", "cuántas",
    "что такое", "кто", "когда", "где", "сколько", "какой", "какая", "как называется",
)  # fmt: skip
FACT_MARKS = (
    "是什么",
    "是谁",
    "什么时候",
    "在哪",
    "多少",
    "几",
    "とは",
    "は誰",
    "はいつ",
    "はどこ",
    "いくつ",
    "いくら",
)
STEP_WORDS = _listed("""
    then, after that, finally, plus, additionally, and then, dann, danach, anschließend,
    schließlich, zusätzlich, luego, después, finalmente, además, 然后, 接着, 最后, 次に, それから,
    最後に, затем, потом, наконец
""")
PHASES = _listed("""
    design, build, implement, test, deploy, migrate, document, plan, research, write, review,
    entwirf, entwerfe, baue, implementiere, teste, dokumentiere, migriere, plane, diseña,
    construye, implementa, prueba, despliega, documenta, 设计, 实现, 测试, 部署, 文档, 設計, 実装,
    テスト, デプロイ, спроектируй, реализуй, протестируй, разверни, задокументируй
""")
PURPOSES: dict[Purpose, tuple[str, ...]] = {
    Purpose.CODING: _listed("""
        code, function, class, bug, refactor, python, javascript, typescript, sql, api, compile,
        unit test, regex, script, funktion, klasse, programm, skript, código, función, programa,
        代码, 函数, 编程, 脚本, コード, 関数, プログラム, код, функция, функцию, программа, скрипт
    """),
    Purpose.RESEARCH: _listed("""
        research, compare, sources, survey, literature, recherchiere, recherche, vergleiche,
        quellen, investiga, compara, fuentes, 研究, 比较, 来源, 調査, 比較, исследуй, сравни,
        источники
    """),
    Purpose.REASONING: _listed("""
        prove, why, reason, logic, trade-off, explain why, beweise, warum, logik, abwägung,
        por qué, demuestra, lógica, 为什么, 证明, 推理, なぜ, 証明, почему, докажи, логика
    """),
    Purpose.MATHS: _listed("""
        equation, integral, derivative, theorem, matrix, calculate, gleichung, ableitung, berechne,
        ecuación, derivada, calcula, 方程, 积分, 计算, 方程式, 計算, уравнение, интеграл, вычисли
    """),
    Purpose.CREATIVE: _listed("""
        poem, story, song, slogan, novel, gedicht, geschichte, lied, poema, cuento, canción, 诗,
        故事, 歌词, 詩, 物語, стихотворение, рассказ, сказка
    """),
    Purpose.TRANSLATION: _listed("""
        translate, translation, übersetze, übersetzung, traduce, traducción, 翻译, 翻訳, переведи,
        перевод
    """),
    Purpose.BULK: _listed("""
        bulk, batch, all files, each row, every line, massenhaft, alle dateien, jede zeile,
        por lotes, todos los archivos, 批量, 所有文件, 一括, すべてのファイル, массово, все файлы
    """),
    Purpose.CONVERSATION: _listed("""
        hello, hi, how are you, tell me, hallo, wie geht, hola, qué tal, 你好, こんにちは, привет,
        как дела
    """),
}
STOPWORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        _listed("""
        a, and, are, for, how, in, is, my, of, please, that, the, this, to, what, with, you
    """)
    ),
    "de": frozenset(
        _listed("""
        bitte, das, der, die, ein, eine, für, ich, ist, mein, mit, nicht, und, was, wie, zu
    """)
    ),
    "es": frozenset(
        _listed("""
        con, cómo, de, el, en, es, favor, la, las, los, mi, para, por, que, un, una, y
    """)
    ),
}
