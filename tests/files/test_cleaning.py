"""What a file is, is said by its bytes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files import cleaning
from orchestrator.files.cleaning import FileRefused
from tests.files.samples import pdf, picture

NAMES = ["a.png", "a.pdf", "a.txt", "a.html", "a", "../a.exe"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("data", "kind"),
    [(picture(), "image"), (picture("WEBP"), "image"), (pdf(), "pdf"), (b"hello", "text")],
)
def test_a_name_changes_nothing_about_the_kind(name: str, data: bytes, kind: str) -> None:
    assert cleaning.clean(name, data).kind == kind


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04\x14\0", b"PK\x05\x06\0\0", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf1 a}"],
)
def test_office_documents_and_archives_are_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(FileRefused, match="Save the document as PDF"):
        cleaning.clean("a.docx", data)


def test_a_file_above_the_limit_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(FileRefused, match=r"^This file has 20\.1 MB, and 20 MB is taken\."):
        cleaning.clean("a.png", picture() + b"\0" * cleaning.MAX_FILE_BYTES)


def test_a_file_at_the_limit_is_looked_at() -> None:
    whole = picture()
    padded = whole + b"\0" * (cleaning.MAX_FILE_BYTES - len(whole))
    assert cleaning.clean("a.png", padded).kind == "image"


def test_a_file_does_not_show_what_is_in_it_when_it_is_printed() -> None:
    assert "secret" not in repr(cleaning.clean("a", b"a secret"))


@given(st.text(), st.binary(max_size=200))
def test_any_file_is_cleaned_or_refused_with_a_sentence(name: str, data: bytes) -> None:
    message = ""
    try:
        cleaning.clean(name, data)
    except FileRefused as refused:
        message = str(refused)
    assert message == "" or message.endswith(".")
