"""Names from outside become one visible line of bounded length."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files import names


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\plan.pdf", "plan.pdf"),
        ("mixed/..\\name.md", "name.md"),
        ("folder/", "folder"),
        ("/", "file"),
        ("..", "file"),
        (" . ", "file"),
        ("", "file"),
        ("\u202e", "file"),
        ("\u200d\u200c", "file"),
        (".bashrc", ".bashrc"),
        ("a\r\nSet-Cookie: x\0.txt", "aSet-Cookie: x.txt"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("tag\U000e0041\u2066ged\ufeff.txt", "tagged.txt"),
        ("lone\ud800.txt", "lone.txt"),
        ("two  spaces .txt", "two spaces .txt"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.txt",) * 2,
        ("\u65e5\u672c\u8a9e \U0001f468\u200d\U0001f469\u200d\U0001f467.txt",) * 2,
        ("x" * 300 + ".txt", "x" * 116 + ".txt"),
        ("x" * 300, "x" * 120),
        ("a." + "b" * 300, "a." + "b" * 118),
    ],
)
def test_a_name_keeps_only_what_can_be_seen_of_its_last_part(given_name: str, kept: str) -> None:
    assert names.clean(given_name) == kept


@given(st.text(st.characters(), max_size=400))
def test_any_name_becomes_a_short_visible_line(name: str) -> None:
    kept = names.clean(name)
    assert 0 < len(kept) <= names.MAX_NAME_CHARS
    assert "/" not in kept
    assert "\\" not in kept
    kept.encode()
    hidden = {char for char in kept if unicodedata.category(char) in names.HIDDEN}
    assert hidden <= set(names.JOINERS)
    assert names.clean(kept) == kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("photo.JPEG", "photo.JPEG"),
        ("photo.png", "photo.jpg"),
        ("photo", "photo.jpg"),
        ("photo.v2", "photo.v2.jpg"),
        (".gif", ".jpg"),
        ("x" * 120, "x" * 116 + ".jpg"),
    ],
)
def test_a_suffix_says_what_the_content_is(name: str, kept: str) -> None:
    assert names.with_suffix(name, (".jpg", ".jpeg")) == kept
