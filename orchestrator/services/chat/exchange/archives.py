"""The JSON files of a ZIP from outside. Nothing is unpacked to disk and no path in it is used."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from orchestrator.services.chat.exchange.neutral import ExportUnreadable

MEGABYTE = 1024 * 1024
# Our own archive has a file for each chat, and other products add every picture.
MOST_MEMBERS = 20_000
MOST_DIRECTORY_BYTES = 8 * MEGABYTE
MOST_TOTAL_BYTES = 500 * MEGABYTE
MOST_MEMBER_BYTES = 200 * MEGABYTE
MOST_RATIO = 200
# Small members may be packed as tightly as they like.
RATIO_COUNTS_FROM_BYTES = 10 * MEGABYTE
# Others unpack a block of unknown size at once.
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

CHATS_FILE = re.compile(r"(?:^|[/\\])conversations(?:-\d+)?\.json$", re.IGNORECASE)
_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_LONGEST_COMMENT = 65_535
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
)


def is_zip(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(2) == b"PK"


@contextmanager
def opened(file: BinaryIO) -> Iterator[list["Member"]]:
    """The files that can hold chats, checked, by name."""
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGED:
        raise ExportUnreadable("The ZIP is damaged; download it again.") from None
    with archive:
        if len(archive.infolist()) > MOST_MEMBERS:
            raise ExportUnreadable(f"The ZIP holds more than {MOST_MEMBERS:,} files.")
        chosen = _chosen(archive.infolist())
        _check(chosen)
        yield [Member(archive, each) for each in chosen]


class Member:
    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info

    def open(self) -> BinaryIO:
        return cast(BinaryIO, self._archive.open(self._info))


def _chosen(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The products' own files of chats; without them all JSON, as in our own archive."""
    files = sorted(
        (each for each in members if each.filename.lower().endswith(".json")),
        key=lambda each: each.filename,
    )
    named = [each for each in files if CHATS_FILE.search(each.filename)]
    chosen = named or [each for each in files if not each.filename.startswith("__MACOSX")]
    if not chosen:
        raise ExportUnreadable("The ZIP has no JSON file in it.")
    return chosen


def _check(members: list[zipfile.ZipInfo]) -> None:
    if any(each.flag_bits & 1 for each in members):
        raise ExportUnreadable("The ZIP is encrypted; unpack it and pack it without a password.")
    if any(each.compress_type not in METHODS for each in members):
        raise ExportUnreadable("The ZIP is packed in an unusual way; unpack it and pack it again.")
    if any(each.file_size > MOST_MEMBER_BYTES for each in members):
        raise ExportUnreadable("A file in the ZIP is larger than 200 MB.")
    if sum(each.file_size for each in members) > MOST_TOTAL_BYTES:
        raise ExportUnreadable("The chats in the ZIP are larger than 500 MB.")
    if any(_is_bomb(each) for each in members):
        raise ExportUnreadable("A file in the ZIP is packed far too tightly to be chats.")


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    is_large = member.file_size > RATIO_COUNTS_FROM_BYTES
    return is_large and member.file_size > MOST_RATIO * max(member.compress_size, 1)


def _check_directory(file: BinaryIO) -> None:
    """Before opening: `zipfile` reads the whole directory, however long a hostile one is."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _LONGEST_COMMENT))
    tail = file.read()
    place = tail.rfind(_END_SIGNATURE)
    if place < 0 or len(tail) - place < _END.size:
        raise ExportUnreadable("The ZIP is damaged; download it again.")
    if _END.unpack_from(tail, place)[5] > MOST_DIRECTORY_BYTES:
        raise ExportUnreadable("The ZIP holds far too many files.")
