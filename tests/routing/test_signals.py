"""What a text shows before any road is chosen; odd texts included."""

import pytest

from orchestrator.routing import signals
from orchestrator.routing.types import Features, Purpose, Task, Tempo


def read(text: str, **fields: object) -> Features:
    return signals.read(Task(text, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please explain the idea of this to me", "en"),
        ("Bitte erkläre mir die Idee und was das ist", "de"),
        ("Por favor explica la idea de este texto para mi", "es"),
        ("请解释这个想法", "zh"),
        ("この考えを説明してください", "ja"),
        ("Объясни эту мысль", "ru"),
    ],
)
def test_the_language_is_guessed(text: str, language: str) -> None:
    assert read(text).language == language


@pytest.mark.parametrize(
    ("text", "tempo"),
    [
        ("Quick, asap!", Tempo.HURRIED),
        ("Bitte sofort", Tempo.HURRIED),
        ("Take your time and be thorough", Tempo.THOROUGH),
        ("Bitte gründlich", Tempo.THOROUGH),
        ("Tulips", Tempo.NORMAL),
    ],
)
def test_tempo(text: str, tempo: Tempo) -> None:
    assert read(text).tempo is tempo


def test_difficulty_moves_in_named_steps() -> None:
    assert read("Tulips").difficulty == 0.4
    assert read("A complex question about tulips").difficulty == 0.55
    assert read("A simple question about tulips").difficulty == 0.25
    assert {signal.name for signal in read("A simple question").signals} >= {"easier", "short"}


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("Refactor this python function", Purpose.CODING),
        ("```\nx = 1\n```", Purpose.CODING),
        ("Solve the equation 3 * 4 = x", Purpose.MATHS),
        ("Übersetze das ins Englische", Purpose.TRANSLATION),
        ("写一首诗", Purpose.CREATIVE),
        ("Tulips", Purpose.GENERAL),
    ],
)
def test_purpose(text: str, purpose: Purpose) -> None:
    assert read(text).purpose is purpose


def test_an_image_makes_the_purpose_vision() -> None:
    assert read("Refactor this python function", images=1).purpose is Purpose.VISION


@pytest.mark.parametrize(
    ("text", "stages"),
    [("Do it", 1), ("- a\n- b\n- c", 3), ("1. a\n2) b", 2), ("Do it, then that, finally rest", 3)],
)
def test_stages(text: str, stages: int) -> None:
    assert read(text).stages == stages


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\ud800",
        "e" + "\u0301" * 100_000,
        "{" * 100_000,
        "a" * 5_000_000,
        "\n" * 50_000,
    ],
    ids=["empty", "space", "nul", "surrogate", "marks", "braces", "five megabytes", "lines"],
)
def test_odd_texts_are_read_without_harm(text: str) -> None:
    features = read(text)
    assert 0 <= features.difficulty <= 1
    assert features.estimated_tokens >= 0


def test_a_long_text_is_counted_whole_though_its_middle_is_not_read() -> None:
    features = read("tulip " * 100_000)
    assert features.words == pytest.approx(100_000, rel=0.01)
    assert features.estimated_tokens == pytest.approx(150_000, rel=0.01)


def test_tiers_grow_with_the_task() -> None:
    easy = read("Fix this small typo").tier
    hard = read("A complex distributed system.\n" + "- build the thing\n" * 8 + "words " * 320).tier
    assert (easy, hard) == ("super_easy", "super_hard") or hard == "hard"
