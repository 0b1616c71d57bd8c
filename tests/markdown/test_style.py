"""The style sheet and the script of answers: readable colours, no styles from outside."""

import re
from pathlib import Path

import pytest

from orchestrator.markdown import code

STATIC = Path(__file__).parents[2] / "static"
STYLE = (STATIC / "css/markdown.css").read_text()
SCRIPT = (STATIC / "js/code_blocks.js").read_text()
PAIR = re.compile(r"--([a-z-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)")
COLOURS = {
    name: (light, dark)
    for name, light, dark in PAIR.findall(STYLE + (STATIC / "css/tokens.css").read_text())
}
ON_CODE = [name for name in COLOURS if name.startswith("code-") and name != "code-ground"]


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((name, "code-ground") for name in [*ON_CODE, "text"]),
        *((name, ground) for name in ("muted", "accent") for ground in ("surface", "bg")),
        *(("text", "raised"), ("text", "yellow-tint"), ("accent", "yellow-tint")),
        *(("muted", "code-ground"), ("muted", "yellow-tint")),
    ],
)
def test_every_text_stands_out_from_its_ground(text: str, ground: str, scheme: int) -> None:
    assert contrast(COLOURS[text][scheme], COLOURS[ground][scheme]) >= 4.5


def test_every_class_of_the_highlighter_has_a_style() -> None:
    rules = STYLE[STYLE.index(".code :is(") :]
    assert {name for name in code.CLASSES.values() if not re.search(rf"\.{name}\b", rules)} == set()


def test_colours_are_named_once_and_used_by_name() -> None:
    rules = STYLE[STYLE.index("@layer components") :]
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rules)
    assert set(re.findall(r"var\(--(code-[a-z]+)\)", rules)) == {*ON_CODE, "code-ground"}


def test_the_script_is_small_and_styles_nothing() -> None:
    assert len(SCRIPT.encode()) < 2_500
    assert not re.search(r"\.style\b|innerHTML|import |eval|setAttribute\(\"style", SCRIPT)
