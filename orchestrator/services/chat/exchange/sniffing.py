"""Which product a file of chats came from, and its chats one after the other."""

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from types import ModuleType
from typing import Any, BinaryIO

from orchestrator.services.chat.exchange import archives, chatgpt, claude, json_stream, own
from orchestrator.services.chat.exchange.neutral import ChatDocument, ExportUnreadable

# A file on disk is read piece by piece; bytes are there already.
Data = bytes | BinaryIO
Objects = Iterator[dict[str, Any]]

MOST_CHATS = 100_000
# So many entries may be damaged before the first that tells where the file came from.
MOST_UNKNOWN = 50
READERS: Mapping[str, ModuleType] = {"chatgpt": chatgpt, "claude": claude, "clutch": own}


@dataclass(frozen=True, slots=True)
class Export:
    """Reading the chats can still raise `ExportUnreadable`, where the file is damaged later on."""

    source: str
    chats: Iterator[ChatDocument]


def open_export(name: str, data: Data) -> Export:
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    found = _checked(_zipped(file) if archives.is_zip(file) else _plain(file), name)
    seen: list[dict[str, Any]] = []
    for each in found:
        seen.append(each)
        if source := _source_of(each):
            read: Callable[[dict[str, Any]], ChatDocument] = READERS[source].read
            return Export(source, map(read, chain(seen, found)))
        if len(seen) > MOST_UNKNOWN:
            break
    raise ExportUnreadable("There are no chats in this file.")


def _source_of(item: dict[str, Any]) -> str:
    return next((name for name, reader in READERS.items() if reader.recognizes(item)), "")


def _checked(objects: Objects, name: str) -> Objects:
    """Whatever is wrong with the file, said in one sentence."""
    try:
        for count, each in enumerate(objects):
            if count >= MOST_CHATS:
                raise ExportUnreadable(f"There are more than {MOST_CHATS:,} chats in this file.")
            yield each
    except ExportUnreadable:
        raise
    except json_stream.ObjectTooLarge:
        raise ExportUnreadable("A single chat in this file is larger than 64 MB.") from None
    except json_stream.NotObjects:
        raise ExportUnreadable("There are no chats in this file.") from None
    except archives.DAMAGED:
        kind = "JSON" if name.lower().endswith(".json") else "file"
        raise ExportUnreadable(f"The {kind} is damaged or of another kind.") from None


def _zipped(file: BinaryIO) -> Objects:
    with archives.opened(file) as members:
        for member in members:
            with member.open() as opened:
                yield from json_stream.objects(opened)


def _plain(file: BinaryIO) -> Objects:
    if file.seek(0, 2) > archives.MOST_MEMBER_BYTES:
        raise ExportUnreadable("The file is larger than 200 MB.")
    file.seek(0)
    return json_stream.objects(file)
