"""Text and code: decoded by what the bytes say, and refused where they are no text."""

import codecs
import re
import unicodedata

from orchestrator.files.refusals import FileRefused, megabytes

MAX_TEXT_BYTES = 1024 * 1024
SAMPLE_CHARS = 64 * 1024
MAX_ODD_SHARE = 0.01
# Above this a text is in another 8-bit encoding, in which these signs would be the wrong ones.
MAX_HIGH_SHARE = 0.3
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# An escape sign is common in logs, a form feed in old sources.
PLAIN_CONTROLS = frozenset("\t\n\r\f\x1b")
ODD = frozenset({"Cc", "Cn", "Co", "Cs"})
SVG_HEAD_CHARS = 4096
# Possessive: a hostile prologue cannot make it try its comments in every combination.
SVG = re.compile(
    r"\s*+(?:(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>)\s*+)*+"
    r"<(?:\w++:)?+svg[\s>/]",
    re.DOTALL | re.IGNORECASE,
)

NO_TEXT = (
    "This file is neither a picture, a PDF nor plain text. Save it as one of these and attach that."
)
NO_ENCODING = "The encoding of this text is not clear. Save it as UTF-8 and attach it again."
NO_SVG = "SVG drawings are not taken. Export the drawing as PNG and attach that."
EMPTY = "This file is empty. Choose another one."


def read(data: bytes) -> str:
    text = bounded(_decoded(data))
    if not text.strip():
        raise FileRefused(EMPTY)
    if SVG.match(text[:SVG_HEAD_CHARS]):
        raise FileRefused(NO_SVG)
    return text


def bounded(text: str) -> str:
    """As it is stored: without signs that a database refuses, and no longer than is sent."""
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "ignore").decode()
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise FileRefused(
            f"This file has {megabytes(size)} of text, and {megabytes(MAX_TEXT_BYTES)} is taken. "
            "Attach only the part that matters."
        )
    return text


def _decoded(data: bytes) -> str:
    if data.startswith(UTF_16_MARKS):
        return _plausible(_utf_16(data))
    if b"\0" in data:
        raise FileRefused(NO_TEXT)
    try:
        return _plausible(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _eight_bit(data)


def _utf_16(data: bytes) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError:
        raise FileRefused(NO_TEXT) from None


def _eight_bit(data: bytes) -> str:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = _plausible(text)
    sample = text[:SAMPLE_CHARS]
    if sum(char > "\x7f" for char in sample) > MAX_HIGH_SHARE * len(sample):
        raise FileRefused(NO_ENCODING)
    return text


def _plausible(text: str) -> str:
    """Binary data decodes by chance; what it decodes to is full of signs nobody writes."""
    sample = text[:SAMPLE_CHARS]
    if sum(_is_odd(char) for char in sample) > MAX_ODD_SHARE * len(sample):
        raise FileRefused(NO_TEXT)
    return text


def _is_odd(char: str) -> bool:
    return char not in PLAIN_CONTROLS and unicodedata.category(char) in ODD
