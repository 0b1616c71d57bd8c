"""Items for a run out of a file or pasted text: lines, a CSV column, JSONL, or paragraphs."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import PurePath

from orchestrator import json_input

MAX_BYTES = 50 * 1024 * 1024
MAX_LINE_BYTES = 1024 * 1024


class Form(StrEnum):
    LINES = "lines"
    PARAGRAPHS = "paragraphs"
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    JSON = "json"


SUFFIXES: Mapping[str, Form] = {
    ".csv": Form.CSV,
    ".tsv": Form.TSV,
    ".jsonl": Form.JSONL,
    ".ndjson": Form.JSONL,
    ".json": Form.JSON,
    ".md": Form.PARAGRAPHS,
}


class UnusableItems(ValueError):
    """There is nothing to work on, or it cannot be read; the message says where and what to do."""


def form_of(file_name: str) -> Form:
    return SUFFIXES.get(PurePath(file_name).suffix.lower(), Form.LINES)


def read(data: bytes | str, form: Form, column: str = "") -> tuple[str, ...]:
    """The items without empty ones. `column` names a CSV column or an entry of JSON objects."""
    text = _text(data)
    items = tuple(item for item in READERS[form](text, column) if item.strip())
    if not items:
        raise UnusableItems("There are no items: every line is empty.")
    return items


def _text(data: bytes | str) -> str:
    if len(data) > MAX_BYTES:
        raise UnusableItems(
            f"The items have {len(data) / 1024 / 1024:.0f} MiB; 50 MiB are the most. Split them."
        )
    if isinstance(data, str):
        return data.replace("\x00", "")
    try:
        return data.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableItems(
            f"Line {line} is not UTF-8 text. Save the file as UTF-8 and try again."
        ) from error


def _lines(text: str, column: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines())


def _paragraphs(text: str, column: str) -> Iterator[str]:
    return (piece.strip() for piece in text.replace("\r\n", "\n").split("\n\n"))


def _csv(text: str, column: str) -> Iterator[str]:
    return _table(text, column, delimiter=_delimiter(text))


def _tsv(text: str, column: str) -> Iterator[str]:
    return _table(text, column, delimiter="\t")


def _delimiter(text: str) -> str:
    """The sign that the heading is parted by; spreadsheets in Europe write semicolons."""
    heading = text.split("\n", 1)[0]
    return max(",;\t", key=heading.count)


def _table(text: str, column: str, delimiter: str) -> Iterator[str]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = list(reader.fieldnames or [])
        if column and column not in names:
            raise UnusableItems(f"There is no column {column!r}. There are: {', '.join(names)}.")
        only = column or (names[0] if len(names) == 1 else "")
        for row in reader:
            if None in row:
                raise UnusableItems(
                    f"Line {reader.line_num} has more cells than the heading has names."
                )
            yield (row[only] or "") if only else _row(row)
    except csv.Error as error:
        raise UnusableItems(f"Line {reader.line_num} is not CSV: {error}.") from error


def _row(row: Mapping[str, str | None]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in row.items() if value)


def _jsonl(text: str, column: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _value(_parsed(line, f"Line {number}", MAX_LINE_BYTES), column, f"Line {number}")


def _json(text: str, column: str) -> Iterator[str]:
    document = _parsed(text, "The file", MAX_BYTES)
    if not isinstance(document, list):
        raise UnusableItems("The file holds no JSON list. Give a list, or one value per line.")
    for number, value in enumerate(document, start=1):
        yield _value(value, column, f"Entry {number}")


def _parsed(text: str, place: str, most: int) -> json_input.JsonValue:
    try:
        return json_input.parse(text, max_bytes=most)
    except json_input.InvalidJson as error:
        raise UnusableItems(f"{place} is not JSON: {error.reason}") from error


def _value(value: json_input.JsonValue, column: str, place: str) -> str:
    if column:
        if not isinstance(value, dict) or column not in value:
            raise UnusableItems(f"{place} has no entry {column!r}.")
        value = value[column]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


READERS: Mapping[Form, Callable[[str, str], Iterator[str]]] = {
    Form.LINES: _lines,
    Form.PARAGRAPHS: _paragraphs,
    Form.CSV: _csv,
    Form.TSV: _tsv,
    Form.JSONL: _jsonl,
    Form.JSON: _json,
}
