"""What the user's own words show: language, difficulty, tempo, purpose. Only they are read."""

import re
from dataclasses import dataclass

from orchestrator.routing import words
from orchestrator.routing.matching import found
from orchestrator.routing.types import Features, Purpose, Signal, Task, Tempo

# Of a longer text only the two ends are read: people put the task first or last.
HEAD_CHARS = 6_000
TAIL_CHARS = 2_000
CODE = re.compile(
    r"```|^ {0,8}(?:def|class|import|function|const|SELECT|#include)\b|[{};]$", re.MULTILINE
)
MATHS = re.compile(r"\\(?:frac|int|sum|sqrt)\b|[∫∑√≤≥≠]|\b\d+\s*[*/^=]\s*\d+")
LIST_LINE = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+\S", re.MULTILINE)
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
KANA = re.compile(r"[\u3040-\u30ff]")
HAN = re.compile(r"[\u3400-\u9fff]")
WORD = re.compile(r"[^\W_]+")
TIERS = ((20, "super_easy"), (40, "easy"), (60, "medium"), (80, "hard"), (101, "super_hard"))


def read(task: Task) -> Features:
    text = excerpt(task.text)
    lowered = text.lower()
    count = _word_count(text, len(task.text))
    facts = _facts(text, lowered, count)
    difficulty, moved = _difficulty(facts)
    purpose, purpose_signals = _purpose(facts, task)
    return Features(
        words=count,
        estimated_tokens=count_tokens(task.text),
        language=_language(lowered),
        has_code=facts.has_code,
        has_maths=facts.has_maths,
        difficulty=difficulty,
        tempo=task.overrides.tempo or _tempo(lowered),
        stages=facts.stages,
        purpose=purpose,
        is_security_critical=bool(found(words.SECURITY, lowered)),
        needs_web=task.needs_web or bool(found(words.NEEDS_WEB, lowered)),
        tier=_tier(facts, difficulty),
        signals=(*moved, *purpose_signals),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    lowered: str
    words: int
    has_code: bool
    has_maths: bool
    stages: int


def _facts(text: str, lowered: str, count: int) -> _Facts:
    lines = len(LIST_LINE.findall(text))
    return _Facts(
        lowered=lowered,
        words=count,
        has_code=bool(CODE.search(text)),
        has_maths=bool(MATHS.search(text)),
        stages=lines if lines > 1 else 1 + len(found(words.STEP_WORDS, lowered)),
    )


def excerpt(text: str) -> str:
    if len(text) <= HEAD_CHARS + TAIL_CHARS:
        return text
    return f"{text[:HEAD_CHARS]}\n{text[-TAIL_CHARS:]}"


def count_tokens(text: str) -> int:
    """About four characters a token; scripts without spaces about one and a half."""
    head = text[:HEAD_CHARS]
    dense = len(HAN.findall(head)) + len(KANA.findall(head))
    per_token = 1.5 if head and dense > len(head) / 3 else 4.0
    return max(1, round(len(text) / per_token)) if text else 0


def _word_count(text: str, whole_chars: int) -> int:
    """Scaled up from the excerpt to the whole; without spaces, two signs count as a word."""
    count = len(WORD.findall(HAN.sub("", KANA.sub("", text))))
    count += (len(HAN.findall(text)) + len(KANA.findall(text))) // 2
    return round(count * whole_chars / len(text)) if text else 0


def _language(lowered: str) -> str:
    if KANA.search(lowered):
        return "ja"
    if HAN.search(lowered):
        return "zh"
    if CYRILLIC.search(lowered):
        return "ru"
    seen = WORD.findall(lowered[:1_000])
    scores = {
        name: sum(word in stopwords for word in seen) for name, stopwords in words.STOPWORDS.items()
    }
    return max(scores, key=lambda name: scores[name])


def _tempo(lowered: str) -> Tempo:
    if found(words.THOROUGH, lowered):
        return Tempo.THOROUGH
    return Tempo.HURRIED if found(words.HURRIED, lowered) else Tempo.NORMAL


def _difficulty(facts: _Facts) -> tuple[float, tuple[Signal, ...]]:
    """Half, moved by wording and length; every step is a signal on the receipt."""
    signals = []
    if harder := found(words.HARDER, facts.lowered):
        signals.append(Signal("harder", ", ".join(harder[:3]), 0.15 if len(harder) == 1 else 0.3))
    if easier := found(words.EASIER, facts.lowered):
        signals.append(Signal("easier", ", ".join(easier[:3]), -0.15))
    if facts.words > 100:
        signals.append(Signal("long", f"{facts.words} words", 0.1))
    elif facts.words < 15:
        signals.append(Signal("short", f"{facts.words} words", -0.1))
    total = 0.5 + sum(signal.weight for signal in signals)
    return round(min(1.0, max(0.0, total)), 3), tuple(signals)


def _purpose(facts: _Facts, task: Task) -> tuple[Purpose, tuple[Signal, ...]]:
    if task.images:
        return Purpose.VISION, (Signal("image", str(task.images)),)
    hits = {
        purpose: found(vocabulary, facts.lowered) for purpose, vocabulary in words.PURPOSES.items()
    }
    scores = {purpose: len(seen) for purpose, seen in hits.items()}
    scores[Purpose.CODING] += 2 * facts.has_code
    scores[Purpose.MATHS] += 2 * facts.has_maths
    best = max(scores, key=lambda purpose: scores[purpose])
    if not scores[best]:
        return (Purpose.TOOLS if task.has_tools else Purpose.GENERAL), ()
    seen = ", ".join(hits[best][:3]) or "its shape"
    return best, (Signal(f"purpose {best.value}", seen, float(scores[best])),)


def _tier(facts: _Facts, difficulty: float) -> str:
    """A score of 0 to 100 from length, wording, code, steps, seen as five tiers."""
    length = 5 if facts.words < 50 else 10 if facts.words < 150 else 15 if facts.words < 300 else 20
    score = length + difficulty * 40 + 15 * facts.has_code + min(20, 5 * (facts.stages - 1))
    return next(name for limit, name in TIERS if score < limit)
