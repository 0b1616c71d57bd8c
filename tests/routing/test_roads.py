"""Which words lead to which task class, in six languages, and what never does."""

from dataclasses import replace

import pytest

from orchestrator.routing import roads, signals
from orchestrator.routing.types import (
    ClassifierHint,
    Overrides,
    PreviousTurn,
    RoadMatch,
    Task,
)
from tests.routing.fleets import FLEET, ROADS

TASKS = {
    "dirt-road": [
        "Fix the typo in the second line",
        "Please check the spelling of this paragraph",
        "Sort this list alphabetically",
        "Korrigiere den Tippfehler im Titel",
        "Corrige la ortografía de este texto",
        "请修改这句话里的错别字",
        "この文の誤字を直してください",
        "Исправь опечатки в тексте",
    ],
    "country-road": [
        "Explain quantum computing",
        "Write a function that adds two numbers",
        "Summarize this article in three sentences",
        "Erkläre mir die Photosynthese",
        "Explica la fotosíntesis",
        "解释一下光合作用",
        "光合成について説明して",
        "Объясни, что такое фотосинтез",
    ],
    "highway": [
        "There is a bug: the login page crashes with an exception",
        "My script fails with this traceback",
        "The app is broken since yesterday, please debug it",
        "Die Seite stürzt ab, hier ist die Fehlermeldung",
        "El programa no funciona y muestra errores",
        "程序崩溃了，帮我调试一下",
        "このエラーが出て動かない",
        "Программа падает, исправь ошибку",
    ],
    "motorway": [
        "Design the architecture of a payment system",
        "Plan the migration of our data model to PostgreSQL",
        "What are the trade-offs of microservices here?",
        "Entwirf ein System für Bestellungen, mit Blick auf Skalierbarkeit",
        "Diseña un sistema con buena escalabilidad",
        "设计一个可扩展的微服务架构",
        "注文システムのアーキテクチャを考えて",
        "Спроектируй систему заказов, нужна архитектура",
    ],
    "test-track": [
        "Please review this pull request",
        "Do a security audit of the module",
        "Give me a code review of this class",
        "Begutachte diesen Entwurf und nenne die Schwachstellen",
        "Haz una revisión de código de este módulo",
        "请做一次代码审查",
        "このコードをレビューしてください",
        "Сделай ревью этого модуля",
    ],
    "rally": [
        "Rename in bulk: add a prefix to each row",
        "Translate every line of this CSV",
        "Convert all files to UTF-8 in batch",
        "Bearbeite alle Dateien und jede Zeile darin",
        "Procesa por lotes todos los archivos",
        "批量处理所有文件",
        "すべてのファイルを一括で変換して",
        "Обработай все файлы пакетно",
    ],
    "convoy": [
        "Build a pipeline: extract, transform, load",
        "Do this step by step, one after the other",
        "Set up a workflow with three stages in sequence",
        "Gehe Schritt für Schritt vor, der Reihe nach",
        "Hazlo paso a paso, en secuencia",
        "请按顺序一步一步来",
        "段階的に、順番に処理して",
        "Сделай это шаг за шагом, по порядку",
    ],
    "team-drive": [
        "Build the login across frontend and backend, it touches several files",
        "A multi-file feature that needs specialists",
        "Look at it from different perspectives, as a team",
        "Das betrifft mehrere Dateien in Frontend und Backend",
        "Afecta a varios archivos, frontend y backend",
        "这个功能涉及前端和后端的多个文件",
        "フロントエンドとバックエンドの複数のファイルを変更する",
        "Это затрагивает несколько файлов, фронтенд и бэкенд",
    ],
    "long-distance": [
        "Build the entire project end-to-end",
        "I need a complete application with a roadmap in several phases",
        "Design it, build it, test it, deploy it and document it",
        "Setze das gesamte Projekt von Anfang bis Ende um",
        "Haz todo el proyecto de principio a fin",
        "端到端地完成整个项目，给出路线图",
        "プロジェクト全体を最初から最後まで作って",
        "Сделай весь проект от начала до конца",
    ],
    "test-drive": [
        "Write unit tests for this module",
        "Improve the test coverage with pytest",
        "Generate test cases for the parser",
        "Schreibe Tests für diese Klasse, mit guter Testabdeckung",
        "Escribe pruebas unitarias para este módulo",
        "为这个模块编写测试用例",
        "このクラスの単体テストを書いて",
        "Напиши тесты для этого модуля",
    ],
}
CASES = [(text, name) for name, texts in TASKS.items() for text in texts]


def match(text: str, **fields: object) -> RoadMatch:
    task = Task(text, **fields)  # type: ignore[arg-type]
    return roads.match(task, signals.read(task), FLEET)


@pytest.mark.parametrize(("text", "name"), CASES)
def test_words_lead_to_the_road(text: str, name: str) -> None:
    assert match(text).road.name == name


def test_every_shipped_road_has_words_that_reach_it() -> None:
    assert set(TASKS) == {road.name for road in ROADS}


@pytest.mark.parametrize(("text", "name"), CASES)
def test_confidence_is_a_share(text: str, name: str) -> None:
    assert 0 < match(text).confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Send it to my home address",
        "The attestation of the protester",
        "A debugger-free life",
        "Buggy whips of the 19th century",
        "Prefixing and suffixing in grammar",
    ],
)
def test_words_inside_other_words_do_not_count(text: str) -> None:
    assert match(text).method == "default"


def test_nothing_known_is_a_standard_task_with_little_confidence() -> None:
    found = match("Tulips, please")
    assert (found.road.name, found.confidence, found.method) == ("country-road", 0.3, "default")
    assert roads.is_unsure(found)


def test_many_phases_are_a_long_distance_without_its_words() -> None:
    text = "Plan the shop, design the pages, implement them, test them and deploy them"
    assert match(text).road.name == "long-distance"


def test_a_very_long_text_with_many_points_is_a_long_distance() -> None:
    text = "\n".join(f"- point {n}: " + "something about tulips " * 20 for n in range(12))
    assert match(text).road.name == "long-distance"


def test_a_named_road_wins_over_all_words() -> None:
    found = match("Fix the typo", overrides=Overrides(road="motorway"))
    assert (found.road.name, found.confidence) == ("motorway", 1.0)


PREVIOUS = PreviousTurn(road="motorway", gear="claude-opus", age_s=60)


@pytest.mark.parametrize(
    "text", ["yes", "Yes!", "ok weiter", "try again", "sí", "继续", "続けて", "да", "go on please"]
)
def test_a_short_follow_up_stays_on_its_road(text: str) -> None:
    found = match(text, previous=PREVIOUS)
    assert (found.road.name, found.method) == ("motorway", "inherited")


def test_after_half_an_hour_a_follow_up_stands_alone() -> None:
    found = match("yes", previous=replace(PREVIOUS, age_s=1_801))
    assert found.method != "inherited"


def test_a_short_question_after_code_stays_with_the_code() -> None:
    previous = replace(PREVIOUS, road="highway", had_code=True)
    assert match("what about the other branch", previous=previous).road.name == "highway"
    assert match("what about the other branch", previous=PREVIOUS).road.name != "motorway"


@pytest.mark.parametrize("text", ["no thanks", "Danke!", "谢谢", "спасибо"])
def test_closing_words_take_the_easiest_road(text: str) -> None:
    assert match(text, previous=PREVIOUS).road.level == 1


def test_a_tool_loop_stays_on_its_road() -> None:
    found = match("Fix the typo", previous=replace(PREVIOUS, in_tool_loop=True))
    assert found.road.name == "motorway"


def test_a_classifier_is_heard_only_when_the_words_are_unsure() -> None:
    hint = ClassifierHint("rally", 0.9, "small-model")
    assert match("Tulips, please", hint=hint).road.name == "rally"
    assert match("Write unit tests with pytest", hint=hint).road.name == "test-drive"
    unknown = replace(hint, road="nowhere")
    assert match("Tulips, please", hint=unknown).road.name == "country-road"


@pytest.mark.parametrize(
    "text",
    [
        "What is the capital of France?",
        "Who wrote Faust",
        "Was ist die Hauptstadt von Spanien?",
        "¿Cuál es la capital de Francia?",
        "法国的首都是什么？",
        "日本の首都はどこですか",
        "Сколько планет в Солнечной системе?",
    ],
)
def test_a_short_question_for_a_fact_is_easy_work(text: str) -> None:
    found = match(text)
    assert (found.road.name, found.method) == ("dirt-road", "short question")


@pytest.mark.parametrize(
    ("text", "road"),
    [
        ("What is the best architecture for a bank?", "motorway"),  # words say more
        ("Why did Rome fall?", "country-road"),
        ("How do bridges carry weight?", "country-road"),
        ("What is the reason that so many empires of the ancient world fell apart", "country-road"),
        ("What is wrong?\n```\nx = 1\n```", "country-road"),
        ("What is ∫ x² dx", "country-road"),
    ],
)
def test_a_question_that_wants_more_is_not(text: str, road: str) -> None:
    assert match(text).road.name == road


def test_a_road_that_asks_for_more_certainty_is_passed_over() -> None:
    task = Task(text="Fix the typo in the second line")
    features = signals.read(task)
    sure = roads.match(task, features, FLEET)
    strict = tuple(
        replace(road, min_confidence=sure.confidence + 0.01) if road.name == "dirt-road" else road
        for road in FLEET.roads
    )
    exact = tuple(
        replace(road, min_confidence=sure.confidence) if road.name == "dirt-road" else road
        for road in FLEET.roads
    )
    assert sure.road.name == "dirt-road"
    assert roads.match(task, features, replace(FLEET, roads=exact)).road.name == "dirt-road"
    assert roads.match(task, features, replace(FLEET, roads=strict)).road.name != "dirt-road"
