"""Files from outside: what is understood, and what is refused with a clear sentence."""

import io
import json
import zipfile
from typing import Any

import pytest

from orchestrator.services.prompts.exchange import reading
from orchestrator.services.prompts.exchange.documents import Found
from orchestrator.services.prompts.exchange.reading import FileUnreadable
from orchestrator.services.prompts.library import Draft

OPEN_WEBUI = [
    {
        "command": "/summarize",
        "user_id": "x",
        "title": "Summarize",
        "content": 'Sum up {{text | textarea:required}} in {{words | number:default="100"}} words, '
        '{{tone | select:options=["short","long"]:default="long"}}, {{CLIPBOARD}}',
        "timestamp": 1,
        "access_control": None,
    }
]
LIBRECHAT = {
    "promptGroups": [
        {
            "_id": {"$oid": "g1"},
            "name": "Translate",
            "category": "language",
            "oneliner": "Into any language",
            "command": "translate",
            "productionId": {"$oid": "p2"},
        }
    ],
    "prompts": [
        {"_id": {"$oid": "p1"}, "groupId": {"$oid": "g1"}, "prompt": "old", "type": "text"},
        {"_id": {"$oid": "p2"}, "groupId": {"$oid": "g1"}, "prompt": "To {{language}}"},
    ],
}
LIBRECHAT_API = {
    "promptGroups": [
        {"name": "Hi", "productionPrompt": {"prompt": "Hello"}, "productionId": "p", "oneliner": ""}
    ]
}
OURS = {
    "format": "clutch-prompts",
    "version": 1,
    "prompts": [{"name": "hi", "title": "Hi", "text": "Hello", "tags": ["a"], "note": "n"}],
}


def packed(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def drafts(found: list[Found]) -> list[Draft | None]:
    return [each.draft for each in found]


@pytest.mark.parametrize(
    ("document", "draft"),
    [
        (OURS, Draft("Hi", "Hello", "hi", "", ("a",), "n")),
        (
            OPEN_WEBUI,
            Draft(
                "Summarize",
                "Sum up {{text:multiline}} in {{words|100}} words, {{tone:long|short}}, "
                "{{CLIPBOARD}}",
                "summarize",
            ),
        ),
        (
            LIBRECHAT,
            Draft("Translate", "To {{language}}", "translate", "Into any language", ("language",)),
        ),
        (LIBRECHAT_API, Draft("Hi", "Hello")),
        (OPEN_WEBUI[0] | {"content": "Plain"}, Draft("Summarize", "Plain", "summarize")),
    ],
    ids=["ours", "open-webui", "librechat", "librechat-api", "one-of-open-webui"],
)
def test_every_known_json_is_understood(document: Any, draft: Draft) -> None:
    assert drafts(reading.read("export.json", json.dumps(document).encode())) == [draft]


def test_a_group_whose_text_is_elsewhere_says_where() -> None:
    groups = {"promptGroups": LIBRECHAT["promptGroups"]}
    found = reading.read("x.json", json.dumps(groups).encode())
    assert "LibreChat's other collection" in found[0].problem


MARKDOWN = """---
name: review
title: "Review: code"
tags: [code, "two words"]
description: 'what''s wrong'
note: first
other:
  - ignored
---

Review {{code:multiline}}
"""


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        (
            MARKDOWN,
            Draft(
                "Review: code",
                "Review {{code:multiline}}",
                "review",
                "what's wrong",
                ("code", "two words"),
                "first",
            ),
        ),
        (MARKDOWN.replace("\n", "\r\n"), None),
        ("﻿Just text", Draft("notes", "Just text")),
        ("---\nA rule, no front matter", Draft("notes", "---\nA rule, no front matter")),
        ("---\ntags:\n- a\n- b\n---\nx", Draft("notes", "x", tags=("a", "b"))),
        ("{not json} but text", Draft("notes", "{not json} but text")),
    ],
)
def test_markdown_is_read_with_and_without_front_matter(text: str, draft: Draft | None) -> None:
    expected = draft or reading.read("notes.md", MARKDOWN.encode())[0].draft
    assert drafts(reading.read("notes.md", text.encode())) == [expected]


def test_a_zip_holds_any_of_these() -> None:
    files = {
        "a/one.md": MARKDOWN,
        "two.txt": "Two",
        "three.json": json.dumps(OURS),
        "picture.png": b"\x89PNG",
        "__MACOSX/four.md": "no",
    }
    found = drafts(reading.read("x.zip", packed(files)))
    assert sorted(draft.title for draft in found if draft) == ["Hi", "Review: code", "two"]


def test_a_file_in_a_zip_that_cannot_be_read_leaves_the_others() -> None:
    files = {"a.md": b"\xff\xfe", "b.json": "{", "c.md": "C"}
    found = reading.read("x.zip", packed(files))
    assert [(each.where, bool(each.problem)) for each in found] == [
        ("a.md", True),
        ("b.json", True),
        ("c.md", False),
    ]


def bomb() -> bytes:
    return packed({"big.md": b"a" * 60_000_000})


def many() -> bytes:
    return packed({f"{number}.md": "x" for number in range(5_001)})


def encrypted() -> bytes:
    data = bytearray(packed({"a.md": "A"}))
    data[6] |= 1  # of the file's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    """The directory says that the file is small."""
    data = bytearray(packed({"a.md": b"a" * 3_000_000}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("x.zip", bomb(), "would have 57.2 MB; 2 MB is the most. Nothing was unpacked"),
        ("x.zip", lying(), "damaged"),
        ("x.zip", packed({"../../etc/x.md": "x"}), "outside of itself, '../../etc/x.md'"),
        ("x.zip", packed({"/etc/x.md": "x"}), "outside of itself"),
        ("x.zip", packed({"a\\..\\..\\x.md": "x"}), "outside of itself"),
        ("x.zip", packed({"C:/x.md": "x"}), "outside of itself"),
        ("x.zip", many(), "more than 5,000 files"),
        ("x.zip", encrypted(), "encrypted"),
        ("x.zip", packed({"a.md": "x"}, zipfile.ZIP_LZMA), "unusual way"),
        ("x.zip", packed({"a.md": "hello"})[:40], "damaged"),
        ("x.zip", b"PK", "damaged"),
        ("x.zip", packed({"a.png": "x"}), "no prompts"),
        ("x.json", b"{", "no JSON"),
        ("x.json", b"[" * 100_000, "no JSON"),
        ("x.json", b'{"a": 1}', "no prompts"),
        ("x.json", b"[1, null, []]", "no prompts"),
        ("x.md", b"\xff\xfe\x00", "not text in UTF-8"),
        ("x.md", b"a" * (2 * 1024 * 1024 + 1), "larger than 2 MB"),
        (
            "x.json",
            json.dumps(OURS | {"prompts": [{"title": "a", "text": "b"}] * 2_001}).encode(),
            "more than 2,000 prompts",
        ),
    ],
    # Bytes of a ZIP tell the time, and every worker has to find the same tests.
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    name: str, data: bytes, problem: str
) -> None:
    with pytest.raises(FileUnreadable, match=problem):
        reading.read(name, data)


@pytest.mark.parametrize(
    "document",
    [
        {"format": "clutch-prompts", "prompts": {"a": 1}},
        {"format": "clutch-prompts", "prompts": [{"title": [], "text": {}}]},
        [{"command": 5, "content": None}],
        [{"command": "x", "content": "{{a | select:options=[1,}}", "tags": {"a": 1}}],
        {"promptGroups": [{"productionId": [], "name": 7}], "prompts": [{"_id": 1, "prompt": 2}]},
    ],
)
def test_nonsense_in_a_known_shape_breaks_nothing(document: Any) -> None:
    try:
        found = reading.read("x.json", json.dumps(document).encode())
    except FileUnreadable:
        return
    assert all(each.draft is None or each.draft.text for each in found)
