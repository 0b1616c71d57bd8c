"""What a person attaches becomes what a model is sent: known in kind, bounded, without secrets.

Its bytes say what a file is. Its name and the type that a browser declares are only claims.
"""

from dataclasses import dataclass, field
from typing import Literal

from orchestrator.files import images, names, pdfs, texts
from orchestrator.files.refusals import FileRefused, megabytes

__all__ = ["MAX_FILE_BYTES", "CleanFile", "FileRefused", "clean"]

MAX_FILE_BYTES = 20 * 1024 * 1024
HEAD_BYTES = 1024
BEFORE_PDF = b"\xef\xbb\xbf\t\n\f\r \0"

SUFFIXES = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
STARTS = (
    (b"\x89PNG\r\n\x1a\n", images.PNG),
    (b"\xff\xd8\xff", images.JPEG),
    (b"GIF87a", images.GIF),
    (b"GIF89a", images.GIF),
    (b"II*\0", images.TIFF),
    (b"MM\0*", images.TIFF),
)
NO_PHONE_PICTURE = "HEIC and AVIF pictures are not taken. Export this one as JPEG and attach that."
NO_OFFICE = (
    "Office documents and archives are not taken. Save the document as PDF, "
    "or unpack the archive, and attach that."
)
REFUSED_STARTS = (
    (b"PK\x03\x04", NO_OFFICE),
    (b"PK\x05\x06", NO_OFFICE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NO_OFFICE),
    (b"{\\rtf", NO_OFFICE),
)
PHONE_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
)


@dataclass(frozen=True, slots=True)
class CleanFile:
    """`text` is all of a text file, and of a PDF what it says, with a form feed after each page."""

    kind: Literal["image", "pdf", "text"]
    name: str
    media_type: str
    data: bytes = field(repr=False)
    text: str = field(default="", repr=False)


def clean(name: str, data: bytes) -> CleanFile:
    if len(data) > MAX_FILE_BYTES:
        raise FileRefused(
            f"This file has {megabytes(len(data))}, and {megabytes(MAX_FILE_BYTES)} is taken. "
            "Make it smaller or attach only the part that matters."
        )
    name = names.clean(name)
    _refuse_known(data)
    if found := _image_format(data):
        return _image(name, images.read(data, found))
    if data[:HEAD_BYTES].lstrip(BEFORE_PDF).startswith(b"%PDF-"):
        return _pdf(name, data)
    text = texts.read(data)
    return CleanFile("text", name, "text/plain", text.encode(), text)


def _refuse_known(data: bytes) -> None:
    for start, sentence in REFUSED_STARTS:
        if data.startswith(start):
            raise FileRefused(sentence)
    if data[4:8] == b"ftyp" and data[8:12] in PHONE_BRANDS:
        raise FileRefused(NO_PHONE_PICTURE)


def _image_format(data: bytes) -> images.Format | None:
    for start, found in STARTS:
        if data.startswith(start):
            return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return images.WEBP
    # Two letters also begin many texts; a bitmap has four zeros behind its length.
    return images.BMP if data[:2] == b"BM" and data[6:10] == b"\0" * 4 else None


def _image(name: str, picture: images.Picture) -> CleanFile:
    named = names.with_suffix(name, SUFFIXES[picture.media_type])
    return CleanFile("image", named, picture.media_type, picture.data)


def _pdf(name: str, data: bytes) -> CleanFile:
    named = names.with_suffix(name, SUFFIXES["application/pdf"])
    return CleanFile("pdf", named, "application/pdf", data, pdfs.read(data))
