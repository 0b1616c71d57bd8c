"""The text of a PDF, read within limits of pages, text, memory and time.

A page ends with a form feed, as in other tools, so the text itself tells how many there are.
"""

import struct
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import DependencyError, DeprecationError, LimitReachedError, PyPdfError

from orchestrator.files import texts
from orchestrator.files.refusals import FileRefused, megabytes

MAX_PAGES = 300
MAX_READ_S = 20.0
MAX_STREAM_BYTES = 32 * 1024 * 1024
PAGE_END = "\f"

# pypdf says of itself that broken files cause other exceptions than its own.
BROKEN = (
    *(PyPdfError, DependencyError, DeprecationError, OSError, EOFError, ValueError, LookupError),
    *(TypeError, AttributeError, ArithmeticError, AssertionError, RuntimeError),
    *(struct.error, zlib.error),
)

PROTECTED = "This PDF is protected by a password. Save it without one and attach that."
BROKEN_PDF = "This PDF is damaged or not complete. Print it to a new PDF and attach that."
TOO_HEAVY = (
    "This PDF takes too much time or memory to read. "
    "Print the pages that matter to a new PDF and attach that."
)
TOO_MUCH_TEXT = (
    f"This PDF has more than {megabytes(texts.MAX_TEXT_BYTES)} of text. "
    "Attach only the pages that matter."
)

Clock = Callable[[], float]


@dataclass(slots=True)
class _Bounds:
    """Asked at every drawing operation, since one page alone can take for ever."""

    clock: Clock
    deadline_s: float
    chars: int = 0

    def on_operation(self, *_: Any) -> None:
        if self.clock() > self.deadline_s:
            raise LimitReachedError("time")

    def on_text(self, text: str, *_: Any) -> None:
        self.chars += len(text)
        if self.chars > texts.MAX_TEXT_BYTES:
            raise FileRefused(TOO_MUCH_TEXT)


def read(data: bytes, clock: Clock = time.monotonic) -> str:
    bounds = _Bounds(clock, clock() + MAX_READ_S)
    with apply_configuration(
        zlib_maximum_output_length=MAX_STREAM_BYTES,
        lzw_maximum_output_length=MAX_STREAM_BYTES,
        run_length_maximum_output_length=MAX_STREAM_BYTES,
        array_based_stream_maximum_output_length=MAX_STREAM_BYTES,
        jbig2dec_binary=None,
    ):
        return _guarded(data, bounds)


def _guarded(data: bytes, bounds: _Bounds) -> str:
    try:
        return _text(data, bounds)
    except FileRefused:
        raise
    except (LimitReachedError, MemoryError, RecursionError):
        raise FileRefused(TOO_HEAVY) from None
    except BROKEN:
        raise FileRefused(BROKEN_PDF) from None


def _text(data: bytes, bounds: _Bounds) -> str:
    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        raise FileRefused(PROTECTED)
    count = len(reader.pages)
    if count == 0:
        raise FileRefused(BROKEN_PDF)
    if count > MAX_PAGES:
        raise FileRefused(
            f"This PDF has {count:,} pages, and {MAX_PAGES} are taken. "
            "Attach only the pages that matter."
        )
    pages = [_page_text(reader, number, bounds) for number in range(count)]
    text = "".join(page + PAGE_END for page in pages)
    return texts.bounded(text) if text.strip() else ""


def _page_text(reader: PdfReader, number: int, bounds: _Bounds) -> str:
    bounds.on_operation()
    text = reader.pages[number].extract_text(
        visitor_operand_before=bounds.on_operation, visitor_text=bounds.on_text
    )
    return text.replace(PAGE_END, "\n").strip()
