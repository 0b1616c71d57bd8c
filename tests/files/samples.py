"""Files as people attach them, made on the spot: pictures and PDFs of any content."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

FONT = DictionaryObject(
    {
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    }
)


def picture(
    name: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **options: Any
) -> bytes:
    """Left half red, right half blue, so that it can be told which side is up."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = BytesIO()
    image.convert(mode).save(out, name, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def pdf(pages: Sequence[str] = ("Hello",), password: str = "") -> bytes:
    return pdf_of([f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode() for text in pages], password)


def pdf_of(contents: Sequence[bytes], password: str = "") -> bytes:
    """One page for each stream of drawing operations."""
    writer = PdfWriter()
    fonts = DictionaryObject({NameObject("/F1"): FONT})
    for content in contents:
        page = writer.add_blank_page(width=612, height=792)
        stream = DecodedStreamObject()
        stream.set_data(content)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password, algorithm="AES-256")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
