"""Checks that an answer must pass: each says in a phrase what is wrong, or nothing."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from orchestrator.patterns.crew import Answer

Check = Callable[[Answer], str]
MAX_REASON_CHARS = 200


class UnusableCheck(ValueError):
    """The check itself is wrong; the message says where."""


def matches_schema(schema: Mapping[str, Any]) -> Check:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise UnusableCheck(f"The JSON schema is wrong: {_short(error.message)}.") from error
    validator = Draft202012Validator(schema)

    def check(answer: Answer) -> str:
        try:
            document = json.loads(answer.text)
        except (ValueError, RecursionError):
            return "it is not JSON"
        error: ValidationError | None = next(validator.iter_errors(document), None)
        return f"it does not keep to the schema: {_short(error.message)}" if error else ""

    return check


def matches_pattern(pattern: str) -> Check:
    """The whole pattern somewhere in the answer. A pattern of a person is bounded in length."""
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UnusableCheck(f"The regular expression is wrong: {error}.") from error

    def check(answer: Answer) -> str:
        return "" if compiled.search(answer.text) else f"it does not match {_short(pattern)}"

    return check


def _short(text: str) -> str:
    return text if len(text) <= MAX_REASON_CHARS else f"{text[:MAX_REASON_CHARS]}…"
