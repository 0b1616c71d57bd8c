"""Prompts with places: what is a place, how it is filled, and that values stay literal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.prompting.template import ConflictingPlaces, Field, MissingValue, parse


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("no place", ()),
        ("{{name}}", (Field("name"),)),
        ("{{ name }}", (Field("name"),)),
        ("{{name|Ada}}", (Field("name", default="Ada"),)),
        ("{{tone:formal|casual}}", (Field("tone", "choice", "formal", ("formal", "casual")),)),
        ("{{text:multiline}}", (Field("text", "multiline"),)),
        ("{{a}} and {{a}} and {{a|x}}", (Field("a", default="x"),)),
        ("{{a|x}} and {{a}}", (Field("a", default="x"),)),
        (r"\{{name}}", ()),
        ("{{}} {{1}} {{a b}} {{a", ()),
        ("{{{name}}}", (Field("name"),)),
    ],
)
def test_places_are_read(text: str, fields: tuple[Field, ...]) -> None:
    assert parse(text).fields == fields


def test_filling_uses_values_then_defaults() -> None:
    template = parse("Dear {{name}}, {{tone:formal|casual}} {{sign|Bye}}")
    assert template.fill({"name": "Ada"}) == "Dear Ada, formal Bye"
    filled = template.fill({"name": "Ada", "tone": "casual", "sign": "Yours"})
    assert filled == "Dear Ada, casual Yours"


@pytest.mark.parametrize(
    ("values", "problem"),
    [({}, "Fill in “name”"), ({"name": " "}, "Fill in"), ({"name": "a", "tone": "x"}, "is one of")],
)
def test_what_is_missing_is_named(values: dict[str, str], problem: str) -> None:
    with pytest.raises(MissingValue, match=problem):
        parse("{{name}} {{tone:formal|casual}}").fill(values)


def test_one_name_is_not_declared_twice() -> None:
    with pytest.raises(ConflictingPlaces, match="“a”"):
        parse("{{a|x}} {{a:multiline}}")


def test_two_braces_can_be_written() -> None:
    assert parse(r"\{{name}} {{name}}").fill({"name": "Ada"}) == "{{name}} Ada"


@given(st.text(min_size=1).filter(str.strip))
def test_a_value_is_never_read_again(value: str) -> None:
    assert parse("<{{a}}>").fill({"a": value}) == f"<{value}>"
    assert parse("{{a}}{{b|!}}").fill({"a": "{{b}}"}) == "{{b}}!"


@given(st.text())
def test_any_text_is_a_template(text: str) -> None:
    try:
        template = parse(text)
    except ConflictingPlaces:
        return
    if not template.fields and "\\{{" not in text:
        assert template.fill({}) == text
