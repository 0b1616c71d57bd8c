"""Server-sent events and JSON lines, however the network cuts them."""

import json
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.providers.errors import BadStream
from orchestrator.providers.wire import sse
from orchestrator.providers.wire.sse import ServerEvent

TEXTS = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))
LINE_ENDS = ("\n", "\r\n", "\r")
FULL_LINE = b"x" * sse.MAX_LINE_BYTES


async def coming(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def events_of(*chunks: bytes) -> list[ServerEvent]:
    return [event async for event in sse.events(coming(chunks))]


async def objects_of(*chunks: bytes) -> list[dict[str, object]]:
    return [document async for document in sse.ndjson_lines(coming(chunks))]


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: one\n\n", [ServerEvent("one")]),
        (b"data:one\n\n", [ServerEvent("one")]),
        (b"data:  one\n\n", [ServerEvent(" one")]),
        (b"data: one\ndata: two\n\n", [ServerEvent("one\ntwo")]),
        (b"data\n\n", [ServerEvent("")]),
        (b"event: error\ndata: x\n\ndata: y\n\n", [ServerEvent("x", "error"), ServerEvent("y")]),
        (b": ping\n\n:\n\ndata: x\n\n", [ServerEvent("x")]),
        (b"id: 7\nretry: 3\nfoo\nfoo: bar\ndata: x\n\n", [ServerEvent("x")]),
        (b"event: ping\n\n", []),
        (b"\xef\xbb\xbfdata: x\n\n", [ServerEvent("x")]),
        (b"data: \xef\xbb\xbfx\n\n", [ServerEvent("\ufeffx")]),
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [ServerEvent(text) for text in "abc"]),
        (b"data: a\r\ndata: b\r\n\r\n", [ServerEvent("a\nb")]),
        (b"data: a\xe2\x80\xa8b\x0bc\n\n", [ServerEvent("a\u2028b\x0bc")]),
        (b"data: \xff!\n\n", [ServerEvent("\ufffd!")]),
        (b"data: whole\n\ndata: cut\n", [ServerEvent("whole")]),
        (b"", []),
    ],
)
async def test_events_are_read_as_the_standard_says(
    stream: bytes, expected: list[ServerEvent]
) -> None:
    assert await events_of(stream) == expected
    assert await events_of(*(bytes([byte]) for byte in stream)) == expected


@given(
    texts=st.lists(st.lists(TEXTS, min_size=1)),
    end=st.sampled_from(LINE_ENDS),
    cuts=st.lists(st.integers(min_value=0, max_value=10_000)),
    has_mark=st.booleans(),
)
async def test_any_cutting_of_the_bytes_gives_the_same_events(
    texts: list[list[str]], end: str, cuts: list[int], has_mark: bool
) -> None:
    blocks = ["".join(f"data: {text}{end}" for text in lines) + end for lines in texts]
    stream = sse.BYTE_ORDER_MARK * has_mark + "".join(blocks).encode()
    expected = [ServerEvent("\n".join(lines)) for lines in texts]
    assert await events_of(*pieces(stream, cuts)) == expected


@given(
    stream=st.lists(
        st.sampled_from([b"data", b":", b" ", b"\r", b"\n", b"\r\n", b"event", b"\xc3", b"\xbc"])
    ).map(b"".join),
    cuts=st.lists(st.integers(min_value=0, max_value=10_000)),
)
async def test_any_cutting_of_rubbish_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    assert await events_of(*pieces(stream, cuts)) == await events_of(stream)


@pytest.mark.parametrize(
    "chunks",
    [
        [FULL_LINE, b"x"],
        [FULL_LINE + b"x\n"],
        [b"data: x\n\n" + FULL_LINE, b"x\n"],
        [b"data: ", FULL_LINE, b"\n\n"],
    ],
)
async def test_a_line_over_one_mebibyte_is_refused(chunks: list[bytes]) -> None:
    with pytest.raises(BadStream, match="line of more than 1 MiB"):
        await events_of(*chunks)


async def test_a_line_of_exactly_one_mebibyte_is_read() -> None:
    line = b"data: " + FULL_LINE[6:]
    assert await events_of(line, b"\n\n") == [ServerEvent("x" * (len(FULL_LINE) - 6))]


async def test_an_event_that_never_ends_is_refused() -> None:
    with pytest.raises(BadStream, match="event of more than 1 MiB"):
        await events_of(*[b"data: " + b"x" * 1024 + b"\n"] * 1024)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b'{"a": 1}\n{"b": "\xc3\xbc"}\n', [{"a": 1}, {"b": "ü"}]),
        (b'{"a": 1}\r\n\r\n  \n{"b": 2}', [{"a": 1}, {"b": 2}]),
        (b'\xef\xbb\xbf{"a": 1}', [{"a": 1}]),
        (b"", []),
    ],
)
async def test_json_lines_become_objects(stream: bytes, expected: list[dict[str, object]]) -> None:
    assert await objects_of(stream) == expected
    assert await objects_of(*(bytes([byte]) for byte in stream)) == expected


@given(
    documents=st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none())),
    is_ascii=st.booleans(),
    cuts=st.lists(st.integers(min_value=0, max_value=10_000)),
)
async def test_any_cutting_of_the_bytes_gives_the_same_objects(
    documents: list[dict[str, object]], is_ascii: bool, cuts: list[int]
) -> None:
    lines = [json.dumps(document, ensure_ascii=is_ascii) + "\n" for document in documents]
    stream = "".join(lines).encode("utf-8", "replace")
    assert await objects_of(*pieces(stream, cuts)) == await objects_of(stream)
    if is_ascii:
        assert await objects_of(stream) == documents


@pytest.mark.parametrize(
    "line", [b"{oops}\n", b'{"a": 1', b"[1]\n", b'"text"\n', b"[" * 100_000, b"1" * 5_000]
)
async def test_a_line_that_is_no_json_object_is_refused(line: bytes) -> None:
    with pytest.raises(BadStream):
        await objects_of(b'{"a": 1}\n', line)


async def test_a_json_line_over_one_mebibyte_is_refused() -> None:
    with pytest.raises(BadStream, match="1 MiB"):
        await objects_of(FULL_LINE, b"x")
