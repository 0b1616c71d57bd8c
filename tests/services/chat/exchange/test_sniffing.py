"""Which file is understood as what, and what is said of those that are not."""

import io
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.services.chat.exchange import archives, json_stream, sniffing
from orchestrator.services.chat.exchange.neutral import UNDERSTOOD, ExportUnreadable

from .exports import as_json, claude, claude_message, own, short_chatgpt, zipped

TALK = claude(claude_message("1", "human", "Hi"))
OURS = own({"id": "m", "parent": "", "role": "user", "text": "Hi"})
PICTURES = {f"file-{number}.png": b"\x89PNG" for number in range(3)}


def read(data: bytes, name: str = "export.zip") -> tuple[str, list[str]]:
    export = sniffing.open_export(name, data)
    return export.source, [chat.id for chat in export.chats]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (as_json([short_chatgpt(1), short_chatgpt(2)]), ("chatgpt", ["chat-1", "chat-2"])),
        (as_json(short_chatgpt(7)), ("chatgpt", ["chat-7"])),
        (b"\xef\xbb\xbf" + as_json([short_chatgpt()]), ("chatgpt", ["chat-1"])),
        (b" \n\t" + as_json([short_chatgpt()]) + b"\n", ("chatgpt", ["chat-1"])),
        (as_json([{}, {"x": 1}, short_chatgpt()]), ("chatgpt", ["", "", "chat-1"])),
        (as_json([TALK]), ("claude", ["claude-1"])),
        (as_json(OURS), ("clutch", ["own-1"])),
        (
            zipped({"conversations.json": [short_chatgpt()], "user.json": {}}),
            ("chatgpt", ["chat-1"]),
        ),
        (
            zipped(
                {
                    "export/conversations-001.json": [short_chatgpt(2)],
                    "export/conversations-000.json": [short_chatgpt(1)],
                    "export/conversations-010.json": [short_chatgpt(3)],
                    "export/message_feedback.json": [{"id": "x"}],
                    **PICTURES,
                }
            ),
            ("chatgpt", ["chat-1", "chat-2", "chat-3"]),
        ),
        (
            zipped({"users.json": [{}], "projects.json": [], "conversations.json": [TALK]}),
            ("claude", ["claude-1"]),
        ),
        (zipped({"a.json": OURS, "b.json": own(id="own-2")}), ("clutch", ["own-1", "own-2"])),
        (zipped({"__MACOSX/._a.json": b"\x00\x05", "a.json": OURS}), ("clutch", ["own-1"])),
        (
            zipped({"../../etc/a.json": OURS, "in.zip": zipped({"b.json": OURS})}),
            ("clutch", ["own-1"]),
        ),
    ],
)  # fmt: skip
def test_a_file_is_known_by_what_is_in_it(data: bytes, found: tuple[str, list[str]]) -> None:
    assert read(data) == found
    assert read(data, "no extension") == found


def encrypted() -> bytes:
    """Bit 0 of the flags, in the header and in the directory."""
    data = bytearray(zipped({"conversations.json": [short_chatgpt()]}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def packed_with(method: int) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        archive.writestr("conversations.json", as_json([short_chatgpt()]))
    return sink.getvalue()


def bomb(size: int) -> bytes:
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w") as member,
    ):
        member.write(b"[")
        for _ in range(size // archives.MEGABYTE):
            member.write(b" " * archives.MEGABYTE)
    return sink.getvalue()


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def with_flipped_content() -> bytes:
    data = bytearray(zipped({"conversations.json": [short_chatgpt(n) for n in range(30)]}))
    data[200] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "There are no chats"),
        (b"hello", "There are no chats"),
        (b"\x89PNG\r\n\x1a\n\xff", "damaged or of another kind"),
        (b"\xff\xfe[\x00]\x00", "damaged or of another kind"),
        (b"[]", "There are no chats"),
        (b"{}", "There are no chats"),
        (b"null", "There are no chats"),
        (b"[1, 2, 3]", "There are no chats"),
        (as_json([{"name": "a recipe"}]), "There are no chats"),
        (as_json([{}] * 200 + [short_chatgpt()]), "There are no chats"),
        (cut(as_json([short_chatgpt()])), "damaged or of another kind"),
        (as_json([short_chatgpt()]) + b"x", None),
        (b"[" * 100_000, "There are no chats"),
        (b'[{"a":' + b"[" * 100_000, "damaged or of another kind"),
        (b'[{"a": ' + b"9" * 5_000 + b"}]", "damaged or of another kind"),
        (b"PK", "The ZIP is damaged"),
        (b"PK\x03\x04" + bytes(100), "The ZIP is damaged"),
        (cut(zipped({"conversations.json": [short_chatgpt()]})), "The ZIP is damaged"),
        (with_flipped_content(), "damaged or of another kind"),
        (zipped({}), "no JSON file"),
        (zipped({"chat.html": b"<html>", "in.zip": zipped({"a.json": OURS})}), "no JSON file"),
        (zipped({"users.json": [{}], "conversations.json": []}), "There are no chats"),
        (encrypted(), "encrypted"),
        (packed_with(zipfile.ZIP_LZMA), "unusual way"),
        (packed_with(zipfile.ZIP_BZIP2), "unusual way"),
        (bomb(12 * archives.MEGABYTE), "far too tightly"),
        (bomb(201 * archives.MEGABYTE), "larger than 200 MB"),
        (as_json(OURS | {"version": 2}), "A newer Clutch Web"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(data: bytes, told: str | None) -> None:
    if told is None:
        assert read(data)[1] == ["chat-1"]
        return
    with pytest.raises(ExportUnreadable, match=told) as refused:
        read(data)
    assert str(refused.value).endswith(UNDERSTOOD)


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    files: dict[str, Any] = {**PICTURES, "conversations.json": [short_chatgpt()]}
    with pytest.raises(ExportUnreadable, match="more than 3 files"):
        read(zipped(files))


def test_a_hostile_directory_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_DIRECTORY_BYTES", 100)
    with pytest.raises(ExportUnreadable, match="far too many files"):
        read(zipped({**PICTURES, "conversations.json": [short_chatgpt()]}))


def test_the_files_of_chats_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_TOTAL_BYTES", 1_000)
    files = {f"conversations-{number}.json": [short_chatgpt()] for number in range(5)}
    with pytest.raises(ExportUnreadable, match="larger than 500 MB"):
        read(zipped(files))


def test_a_plain_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBER_BYTES", 100)
    with pytest.raises(ExportUnreadable, match="larger than 200 MB"):
        read(as_json([short_chatgpt()]))


def test_the_number_of_chats_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffing, "MOST_CHATS", 3)
    assert len(read(as_json([short_chatgpt(n) for n in range(3)]))[1]) == 3
    with pytest.raises(ExportUnreadable, match="more than 3 chats"):
        read(as_json([short_chatgpt(n) for n in range(4)]))


def test_a_single_chat_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MOST_CHARS", 1_000)
    monkeypatch.setattr(json_stream, "CHUNK_BYTES", 100)
    with pytest.raises(ExportUnreadable, match="single chat"):
        read(as_json([short_chatgpt(title="x" * 5_000)]))


def test_a_member_that_is_larger_than_it_says_is_refused() -> None:
    """The size in the directory is a claim; what is unpacked beyond it is never seen."""
    data = bytearray(zipped({"conversations.json": [short_chatgpt(n) for n in range(50)]}))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = (500).to_bytes(4, "little")
    with pytest.raises(ExportUnreadable, match="damaged"):
        read(bytes(data))


@given(
    st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())),
    st.integers(1, 40),
)
def test_objects_are_the_same_however_the_file_is_cut(
    documents: list[dict[str, Any]], chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_stream, "CHUNK_BYTES", chunk)
        assert list(json_stream.objects(io.BytesIO(as_json(documents)))) == documents


@given(st.data())
def test_no_damage_ends_in_another_error(data: st.DataObject) -> None:
    whole = bytearray(
        data.draw(
            st.sampled_from(
                [
                    zipped({"conversations.json": [short_chatgpt()], "a.json": {}}),
                    as_json([short_chatgpt()]),
                    as_json([TALK]),
                ]
            )
        )
    )
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
        whole[place] = data.draw(st.integers(0, 255))
    with suppress(ExportUnreadable):
        assert len(read(bytes(whole))[1]) <= 50
