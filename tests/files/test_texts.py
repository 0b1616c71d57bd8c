"""Text in the encodings people have, and refusals of what only looks like it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files import cleaning, texts
from orchestrator.files.cleaning import FileRefused

UMLAUTS = "Viele Grüße aus Köln: 3 € – „gut“"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"print('hi')\n", "print('hi')\n"),
        (UMLAUTS.encode(), UMLAUTS),
        (UMLAUTS.encode("utf-8-sig"), UMLAUTS),
        (UMLAUTS.encode("utf-16"), UMLAUTS),
        (b"\xfe\xff" + UMLAUTS.encode("utf-16-be"), UMLAUTS),
        (UMLAUTS.encode("cp1252"), UMLAUTS),
        ("日本語のテキスト".encode(), "日本語のテキスト"),
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree\n"),
        (("a" * 200 + "\0b").encode("utf-16"), "a" * 200 + "b"),
        (b"\x1b[31mred\x1b[0m log", "\x1b[31mred\x1b[0m log"),
        (b"<html><body><svg></svg></body></html>", "<html><body><svg></svg></body></html>"),
        (b"BM is short for bitmap", "BM is short for bitmap"),
        (b"GIF is a format", "GIF is a format"),
        (b"See %PDF-1.7 for more", "See %PDF-1.7 for more"),
    ],
)
def test_text_is_decoded_by_what_its_bytes_say(data: bytes, text: str) -> None:
    clean = cleaning.clean("a.txt", data)
    assert (clean.kind, clean.media_type, clean.text) == ("text", "text/plain", text)
    assert clean.data == text.encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", texts.EMPTY),
        (b" \r\n\t", texts.EMPTY),
        (b"\xef\xbb\xbf", texts.EMPTY),
        (b"\xff\xfe", texts.EMPTY),
        (b"a" * 200 + b"\0b", texts.NO_TEXT),
        (b"\x7fELF\x02\x01\x01\0\0\0", texts.NO_TEXT),
        (bytes(range(1, 256)), texts.NO_TEXT),
        (b"\xff\xfea", texts.NO_TEXT),
        (b"\xff\xfe\x00\xd8a\0", texts.NO_TEXT),
        (b"\x01\x02\x03\x04 text", texts.NO_TEXT),
        ("Привет, как дела".encode("cp1251"), texts.NO_ENCODING),
        ("日本語のテキスト".encode("euc-jp"), texts.NO_ENCODING),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", texts.NO_SVG),
        (b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- a --><!-- b -->\n<svg:svg>", texts.NO_SVG),
        (b'<!DOCTYPE svg PUBLIC "-//W3C" "x.dtd" [<!ENTITY a "b">]><SVG >', texts.NO_SVG),
        ("<svg/>".encode("utf-16"), texts.NO_SVG),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cleaning.clean("a.txt", data)
    assert str(refused.value) == sentence


def test_a_mebibyte_of_text_is_taken_and_a_byte_more_is_not() -> None:
    assert len(cleaning.clean("a", b"x" * texts.MAX_TEXT_BYTES).text) == texts.MAX_TEXT_BYTES
    with pytest.raises(FileRefused, match=r"has 1\.1 MB of text, and 1 MB is taken\."):
        cleaning.clean("a", b"x" * (texts.MAX_TEXT_BYTES + 1))


def test_the_limit_counts_what_is_kept_and_not_what_came() -> None:
    lines = cleaning.clean("a", b"x" + b"\r\n" * (texts.MAX_TEXT_BYTES - 1)).text
    assert len(lines) == texts.MAX_TEXT_BYTES


def test_what_a_pdf_may_say_but_a_database_refuses_is_left_out() -> None:
    assert texts.bounded("a\0b\ud800c\r\nd") == "abc\nd"


def test_a_hostile_prologue_is_looked_through_at_once() -> None:
    assert texts.SVG.match("<!-- a -->" * 400) is None
    assert texts.SVG.match("<?" * 2000) is None
    assert texts.SVG.match("<!DOCTYPE" * 400) is None


@given(st.binary(max_size=400))
def test_any_bytes_become_storable_text_or_a_refusal(data: bytes) -> None:
    try:
        text = texts.read(data)
    except FileRefused:
        return
    assert not {"\0", "\r"} & set(text)
    text.encode()


@given(st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1))
def test_any_written_text_survives_in_unicode(text: str) -> None:
    if not text.strip():
        return
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert texts.read(text.encode(encoding)) == text.removeprefix("\ufeff")


def test_noise_is_not_taken_for_text() -> None:
    noise = random.Random(7)
    for _ in range(50):
        with pytest.raises(FileRefused):
            texts.read(noise.randbytes(500))
        with pytest.raises(FileRefused):
            texts.read(b"\xff\xfe" + noise.randbytes(500))
