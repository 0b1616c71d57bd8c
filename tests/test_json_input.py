"""JSON from outside: what is taken comes back unchanged, what is refused says why."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator import json_input
from orchestrator.json_input import MAX_INTEGER, InvalidJson, JsonTooLarge

KIB = 1024
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS), inner),
    max_leaves=30,
)


def nested(depth: int, opening: str = "[", closing: str = "]") -> str:
    return opening * depth + closing * depth


@given(VALUES, st.booleans())
def test_what_json_can_say_comes_back_unchanged(value: json_input.JsonValue, ascii_: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_)
    assert json_input.parse(text, max_bytes=KIB * KIB) == value
    assert json_input.parse(text.encode(), max_bytes=KIB * KIB) == value


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_input_is_taken_or_refused_and_nothing_else(data: bytes | str) -> None:
    with suppress(InvalidJson):
        json.dumps(json_input.parse(data, max_bytes=KIB)).encode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "NaN is not a number"),
        ("[Infinity]", "Infinity is not"),
        ('{"limit": -Infinity}', "-Infinity is not"),
        ("1e999", "too large"),
        ("-1e999", "too large"),
        (str(MAX_INTEGER + 1), "outside -2^53"),
        (str(-MAX_INTEGER - 1), "outside -2^53"),
        ("9" * 5_000, "outside -2^53"),
        ('{"a": 1, "a": 2}', "appears twice"),
        ('{"a": {"b": 1, "b": 1}}', "appears twice"),
        (r'"\ud800"', "U+D800"),
        (r'{"\uDFFF": 1}', "U+DFFF"),
        (r'["ok", {"deep": ["\u0000"]}]', "U+0000"),
        ('"\x00"', "control character"),
        ("", "Expecting value"),
        ("[1,]", "Illegal trailing comma|Expecting value"),
        ("{} {}", "Extra data"),
        ('{"a": 1', "Expecting"),
        ("\ufeff{}", "BOM|Expecting value"),
        ('"' + "[" * 100, "Nested too deeply"),
    ],
)
def test_input_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidJson, match=reason.replace("^", r"\^").replace("+", r"\+")):
        json_input.parse(text, max_bytes=64 * KIB)


@pytest.mark.parametrize("data", [b"\xff\xfe", b'"\xed\xa0\x80"', '"\ud800"'])
def test_text_that_is_not_utf_8_is_refused(data: bytes | str) -> None:
    with pytest.raises(InvalidJson, match="UTF-8"):
        json_input.parse(data, max_bytes=KIB)


@pytest.mark.parametrize("text", [r'"\\u0000"', r'"\\\\ud800"', r'"\ud83d\ude97"', '"🚗"', "-0"])
def test_texts_that_only_look_risky_are_taken(text: str) -> None:
    assert json_input.parse(text, max_bytes=KIB) == json.loads(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize("depth", [65, 1_000, 100_000])
def test_deep_nesting_is_refused_before_it_can_overflow(
    depth: int, opening: str, closing: str
) -> None:
    text = opening * depth + "1" + closing * depth
    with pytest.raises(InvalidJson, match="Nested too deeply"):
        json_input.parse(text, max_bytes=KIB * KIB)


def test_the_deepest_allowed_nesting_is_taken() -> None:
    assert json_input.parse(nested(64), max_bytes=KIB) == json.loads(nested(64))


def test_brackets_inside_strings_and_side_by_side_are_not_depth() -> None:
    text = json.dumps(["[" * 500, '\\"{{{{' * 200, *[[]] * 200])
    assert json_input.parse(text, max_bytes=64 * KIB) == json.loads(text)


@given(st.integers(0, 200), st.integers(1, 80))
def test_the_depth_limit_is_exact(depth: int, limit: int) -> None:
    text = nested(depth) if depth else "0"
    if depth <= limit:
        json_input.parse(text, max_bytes=KIB, max_depth=limit)
    else:
        with pytest.raises(InvalidJson):
            json_input.parse(text, max_bytes=KIB, max_depth=limit)


def test_size_is_counted_in_bytes() -> None:
    assert json_input.parse('"äää"', max_bytes=8) == "äää"
    with pytest.raises(JsonTooLarge, match="8 bytes are too many: 7"):
        json_input.parse('"äää"', max_bytes=7)
    with pytest.raises(JsonTooLarge):
        json_input.parse(b"x" * 10, max_bytes=9)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_stay_finite(number: float) -> None:
    value = json_input.parse(repr(number), max_bytes=KIB)
    assert isinstance(value, float)
    assert math.isfinite(value)
