"""PDFs with text, without it, and those that are made to do harm."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files import cleaning, pdfs, texts
from orchestrator.files.cleaning import FileRefused
from tests.files.samples import pdf, pdf_of

WHOLE = pdf(("First page", "Second page"))


def test_the_text_of_all_pages_is_read_and_the_file_kept() -> None:
    clean = cleaning.clean("plan.PDF", WHOLE)
    assert (clean.kind, clean.name, clean.media_type) == ("pdf", "plan.PDF", "application/pdf")
    assert clean.text == "First page\fSecond page\f"
    assert clean.data == WHOLE


def test_a_scan_is_kept_without_text() -> None:
    clean = cleaning.clean("scan.pdf", pdf_of([b"0 0 100 100 re f"] * 3))
    assert (clean.kind, clean.text) == ("pdf", "")
    assert clean.data.startswith(b"%PDF-")


def test_blank_lines_before_the_header_do_not_hide_it() -> None:
    assert cleaning.clean("a.pdf", b"\r\n" + WHOLE).kind == "pdf"


def test_a_page_without_text_counts_as_one() -> None:
    assert pdfs.read(pdf(("First", "", "Third"))) == "First\f\fThird\f"


def test_a_page_cannot_pretend_to_be_two() -> None:
    assert pdfs.read(pdf(("one\\ftwo",))).count("\f") == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pdf(password="secret"), pdfs.PROTECTED),
        (b"%PDF-1.7\n", pdfs.BROKEN_PDF),
        (b"%PDF-1.7\n" + b"x" * 5000, pdfs.BROKEN_PDF),
        (pdf_of([]), pdfs.BROKEN_PDF),
        (WHOLE.replace(b"/Pages", b"/Pigs "), pdfs.BROKEN_PDF),
        (pdf(["x"] * 301), "This PDF has 301 pages, and 300 are taken."),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cleaning.clean("a.pdf", data)
    assert str(refused.value).startswith(sentence)


def test_three_hundred_pages_are_taken() -> None:
    assert pdfs.read(pdf(["x"] * 300)).count(pdfs.PAGE_END) == 300


def test_more_text_than_is_taken_is_refused_before_all_of_it_is_read() -> None:
    line = b"(" + b"x" * 1000 + b") Tj T*\n"
    hostile = pdf_of([b"BT /F1 12 Tf 14 TL 72 700 Td\n" + line * 1100 + b"ET"])
    assert len(hostile) < 100_000
    with pytest.raises(FileRefused) as refused:
        pdfs.read(hostile)
    assert str(refused.value) == pdfs.TOO_MUCH_TEXT


def test_a_stream_that_unpacks_to_too_much_is_refused() -> None:
    hostile = pdf_of([b" " * (pdfs.MAX_STREAM_BYTES + 1)])
    assert len(hostile) < 100_000
    with pytest.raises(FileRefused) as refused:
        pdfs.read(hostile)
    assert str(refused.value) == pdfs.TOO_HEAVY


def ticking(step_s: float) -> Callable[[], float]:
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += step_s
        return now_s

    return clock


@pytest.mark.parametrize("pages", [[b"q Q " * 50], [b"q"] * 50])
def test_reading_ends_when_the_time_is_over_within_a_page_and_between_pages(
    pages: list[bytes],
) -> None:
    data = pdf_of(pages)
    assert pdfs.read(data, ticking(0.0)) == ""
    with pytest.raises(FileRefused) as refused:
        pdfs.read(data, ticking(pdfs.MAX_READ_S / 40))
    assert str(refused.value) == pdfs.TOO_HEAVY


@given(st.data())
def test_a_damaged_pdf_is_cleaned_or_refused_and_nothing_else(data: st.DataObject) -> None:
    damaged = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(8, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        text = pdfs.read(bytes(damaged))
    except FileRefused:
        return
    assert "\0" not in text
    assert len(text) <= texts.MAX_TEXT_BYTES
