"""Items out of files: what is read, and what is said of files that cannot be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files import items
from orchestrator.files.cells import harmless
from orchestrator.files.items import Form, UnusableItems

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@pytest.mark.parametrize(
    ("form", "text", "column", "found"),
    [
        (Form.LINES, "one\n\n  two \r\nthree", "", ("one", "two", "three")),
        (Form.PARAGRAPHS, "a\nb\n\n\n\nc", "", ("a\nb", "c")),
        (Form.CSV, "text\none\ntwo\n", "", ("one", "two")),
        (Form.CSV, "id,text\n1,one\n2,\n3,three\n", "text", ("one", "three")),
        (Form.CSV, "id;text\n1;one\n", "", ("id: 1\ntext: one",)),
        (Form.CSV, 'text\n"a, b"\n"two\nlines"\n', "", ("a, b", "two\nlines")),
        (Form.TSV, "id\ttext\n1\tone\n", "text", ("one",)),
        (Form.JSONL, '"one"\n\n{"text": "two", "n": 1}', "", ("one", '{"text": "two", "n": 1}')),
        (Form.JSONL, '{"text": "two"}', "text", ("two",)),
        (Form.JSON, '["one", {"text": 2}]', "", ("one", '{"text": 2}')),
    ],
)
def test_items_are_read(form: Form, text: str, column: str, found: tuple[str, ...]) -> None:
    assert items.read(text, form, column) == found
    assert items.read(text.encode("utf-8-sig"), form, column) == found


@pytest.mark.parametrize(
    ("form", "data", "column", "told"),
    [
        (Form.LINES, b"", "", "no items"),
        (Form.LINES, b" \n\n", "", "no items"),
        (Form.LINES, b"one\ntwo \xff", "", "Line 2 is not UTF-8"),
        (Form.CSV, b"id,text\n1,one\n", "name", "There are: id, text"),
        (Form.CSV, b"id,text\n1,one,more\n", "", "Line 2 has more cells"),
        (Form.CSV, b'text\n"never closed\n', "", "not CSV"),
        (Form.JSONL, b'{"a": 1}\n{"a": \n', "", "Line 2 is not JSON"),
        (Form.JSONL, b'{"a": NaN}', "", "Line 1 is not JSON"),
        (Form.JSONL, b'{"a": 1}\n{"b": 1}', "a", "Line 2 has no entry 'a'"),
        (Form.JSON, b'{"a": 1}', "", "no JSON list"),
        (Form.LINES, b"x" * (items.MAX_BYTES + 1), "", "50 MiB"),
    ],
)
def test_what_cannot_be_read_is_named(form: Form, data: bytes, column: str, told: str) -> None:
    with pytest.raises(UnusableItems, match=told):
        items.read(data, form, column)


@given(st.lists(WORDS, min_size=1))
def test_json_lines_keep_every_item(texts: list[str]) -> None:
    written = "\n".join(json.dumps(text) for text in texts)
    assert items.read(written, Form.JSONL) == tuple(texts)


def test_a_file_s_ending_says_its_form() -> None:
    assert items.form_of("a.CSV") is Form.CSV
    assert items.form_of("a.jsonl") is Form.JSONL
    assert items.form_of("a.txt") is Form.LINES


@pytest.mark.parametrize("text", ["=1+1", " =cmd()", "+1 a", "-a", "@x", "\tx", "\r=x"])
def test_a_cell_that_a_spreadsheet_would_run_is_marked_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "1", "-1.5", "+3", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
