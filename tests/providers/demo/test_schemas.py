"""Instances the demo makes for JSON schemas, checked by hand-written rules."""

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.providers.demo.schemas import instance
from orchestrator.providers.errors import BadRequest

TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["name", "children", "next"],
        }
    },
}


def is_node(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"name", "children", "next"}
        and isinstance(value["name"], str)
        and all(is_node(child) for child in value["children"])
        and (value["next"] is None or is_node(value["next"]))
    )


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, str),
        ({"type": "integer"}, int),
        ({"type": "number"}, int | float),
        ({"type": "boolean"}, bool),
        ({"type": "object"}, dict),
        ({"type": "array"}, list),
        ({"type": "null"}, type(None)),
        ({"type": ["null", "string"]}, str),
        ({"properties": {"a": {"type": "null"}}}, dict),
        ({"items": {"type": "null"}}, list),
    ],
)
def test_a_type_is_kept(schema: dict[str, Any], kind: Any) -> None:
    assert isinstance(instance(schema), kind)


def test_a_recursive_schema_ends_and_is_valid() -> None:
    assert is_node(instance(TREE))


def test_nested_parts_are_all_made() -> None:
    schema = {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "minItems": 3,
                "maxItems": 3,
                "uniqueItems": True,
                "items": {
                    "type": "object",
                    "properties": {"id": {"type": "integer", "minimum": 10}},
                    "required": ["id"],
                },
            },
            "kind": {"const": "list"},
        },
        "required": ["items", "kind", "extra"],
        "additionalProperties": {"type": "boolean"},
    }

    made = instance(schema)

    ids = [item["id"] for item in made["items"]]
    assert len(set(ids)) == 3
    assert min(ids) >= 10
    assert made["kind"] == "list"
    assert isinstance(made["extra"], bool)


def test_all_parts_of_all_of_are_joined() -> None:
    schema = {
        "$defs": {"named": {"properties": {"name": {"type": "string"}}, "required": ["name"]}},
        "allOf": [
            {"$ref": "#/$defs/named"},
            {"properties": {"age": {"type": "integer"}}, "required": ["age"]},
        ],
    }

    made = instance(schema)

    assert isinstance(made["name"], str)
    assert isinstance(made["age"], int)


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_an_alternative_is_chosen(keyword: str) -> None:
    assert instance({keyword: [{"const": 1}, {"const": 2}]}) in (1, 2)


def test_a_tuple_keeps_its_places() -> None:
    schema = {"prefixItems": [{"const": "a"}, {"type": "integer"}], "items": False}

    first, second = instance(schema)

    assert first == "a"
    assert isinstance(second, int)


@settings(deadline=None)
@given(st.sampled_from(["bug", "wish", "praise", 1, None]), st.integers(0))
def test_an_enum_gives_one_of_its_values(only: object, seed: int) -> None:
    assert instance({"enum": [only]}, seed) == only
    assert instance({"enum": ["a", "b", "c"]}, seed) in ("a", "b", "c")


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.integers(0))
def test_a_string_keeps_its_lengths(least: int, more: int, seed: int) -> None:
    schema = {"type": "string", "minLength": least, "maxLength": least + more}

    assert least <= len(instance(schema, seed)) <= least + more


@settings(deadline=None)
@given(st.integers(-1000, 1000), st.integers(0, 1000))
def test_a_whole_number_keeps_its_range(low: int, width: int) -> None:
    schema = {"type": "integer", "minimum": low, "maximum": low + width}

    made = instance(schema)

    assert isinstance(made, int)
    assert low <= made <= low + width


@settings(deadline=None)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_a_number_keeps_its_open_range(low: float, width: float) -> None:
    schema = {"type": "number", "exclusiveMinimum": low, "exclusiveMaximum": low + width}

    assert low < instance(schema) < low + width


@settings(deadline=None)
@given(st.integers(1, 50), st.integers(-100, 100))
def test_a_multiple_is_one(step: int, low: int) -> None:
    made = instance({"type": "integer", "multipleOf": step, "minimum": low})

    assert made % step == 0
    assert made >= low


@pytest.mark.parametrize(
    ("pattern", "seen"), [(r"^\d{4}$", "1234"), ("^[A-Z]+$", "DEMO"), (r"^[A-Z]-\d$", "A-1")]
)
def test_a_simple_pattern_is_met(pattern: str, seen: str) -> None:
    assert instance({"type": "string", "pattern": pattern}) == seen


def test_a_known_format_is_met() -> None:
    assert instance({"type": "string", "format": "date"}) == "2026-11-20"


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": []},
        {"anyOf": []},
        {"$ref": "https://example.org/schema"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "#"},
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "^nothing fits this$"},
        {"type": "integer", "minimum": 2, "maximum": 1},
        {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
        {"type": "array", "minItems": "two"},
        {"type": "object", "properties": ["a"]},
        {"properties": {"a": False}},
        {"properties": {"me": {"$ref": "#"}}, "required": ["me"]},
    ],
)
def test_an_impossible_schema_is_a_bad_request(schema: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="JSON schema"):
        instance(schema)


@settings(deadline=None)
@given(
    st.recursive(
        st.sampled_from([{"type": "string"}, {"type": "integer"}, {"enum": [1, 2]}]),
        lambda inner: (
            st.builds(lambda items: {"type": "array", "items": items}, inner)
            | st.builds(
                lambda parts: {"type": "object", "properties": parts, "required": list(parts)},
                st.dictionaries(st.text(max_size=5), inner, max_size=3),
            )
        ),
        max_leaves=8,
    )
)
def test_any_nested_schema_gets_a_valid_instance(schema: dict[str, Any]) -> None:
    assert conforms(instance(schema), schema)


def conforms(value: Any, schema: dict[str, Any]) -> bool:
    if "enum" in schema:
        return value in schema["enum"]
    match schema["type"]:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and math.isfinite(value)
        case "array":
            return isinstance(value, list) and all(conforms(v, schema["items"]) for v in value)
    parts = schema["properties"]
    return set(value) == set(parts) and all(conforms(value[n], parts[n]) for n in parts)
