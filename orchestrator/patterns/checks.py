"""Checks that an answer must pass: each says in a phrase what is wrong, or nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import re2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from orchestrator.patterns.plans.shapes import ItemCheck

Check = Callable[[str], str]
MAX_REASON_CHARS = 200


class UnusableCheck(ValueError):
    """The check itself is wrong; the message says where."""


def matches_schema(schema: Mapping[str, Any]) -> Check:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise UnusableCheck(f"The JSON schema is wrong: {_short(error.message)}.") from error
    validator = Draft202012Validator(schema)

    def check(text: str) -> str:
        try:
            document = json.loads(unfenced(text))
        except (ValueError, RecursionError):
            return "it is not JSON"
        error: ValidationError | None = next(validator.iter_errors(document), None)
        return f"it does not keep to the schema: {_short(error.message)}" if error else ""

    return check


def matches_pattern(pattern: str) -> Check:
    """The pattern somewhere in the answer. RE2, because what a person wrote must not hang us."""
    options = re2.Options()
    options.log_errors = False  # it would write to standard error by itself
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise UnusableCheck(f"The regular expression is wrong: {told}.") from error

    def check(text: str) -> str:
        return "" if compiled.search(text) else f"it does not match {_short(pattern)}"

    return check


def for_items(check: ItemCheck) -> Check | None:
    """What can be checked at once; a judge is a call of its own."""
    if check.json_schema is not None:
        return matches_schema(check.json_schema)
    return matches_pattern(check.regex) if check.regex else None


def unfenced(text: str) -> str:
    """Models like to put JSON between code fences, also when told not to."""
    lines = text.strip().splitlines()
    if len(lines) >= 3 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1])
    return text


def _short(text: str) -> str:
    return text if len(text) <= MAX_REASON_CHARS else f"{text[:MAX_REASON_CHARS]}…"
