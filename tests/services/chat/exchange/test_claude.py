"""What is read out of a Claude export, older and newer."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.services.chat.exchange import claude
from orchestrator.services.chat.exchange.neutral import ChatDocument

from .exports import claude as chat
from .exports import claude_message as said

NOBODY = "00000000-0000-4000-8000-000000000000"


def shape(document: ChatDocument) -> list[tuple[str, str, str, str]]:
    return [(each.id, each.parent, each.role, each.text) for each in document.messages]


def test_an_older_export_is_one_line_of_messages() -> None:
    document = claude.read(chat(said("1", "human", "Hi"), said("2", "assistant", "Hello")))
    assert shape(document) == [("1", "", "user", "Hi"), ("2", "1", "assistant", "Hello")]
    assert (document.id, document.title, document.head) == ("claude-1", "A talk", "2")
    assert document.created_at == datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)
    assert document.messages[0].created_at == datetime(2026, 5, 28, 20, 27, 0, 123456, UTC)


def test_a_newer_export_names_parents_and_the_leaf_that_was_shown() -> None:
    document = claude.read(
        chat(
            said("1", "human", "Hi", parent_message_uuid=NOBODY),
            said("2", "assistant", "Hello", parent_message_uuid="1"),
            said("3", "assistant", "Good day", parent_message_uuid="1"),
            current_leaf_message_uuid="2",
            model="claude-sonnet-5",
        )
    )
    parents = {key: parent for key, parent, *_ in shape(document)}
    assert parents == {"1": "", "2": "1", "3": "1"}
    assert document.head == "2"
    assert [each.model_name for each in document.messages] == ["", *["claude-sonnet-5"] * 2]


def test_messages_without_text_are_passed_over_and_the_next_moves_up() -> None:
    tool = said("2", "assistant", "", content=[{"type": "tool_use", "name": "x", "input": {}}])
    document = claude.read(
        chat(said("1", "human", "Hi"), tool, said("3", "system", "x"), said("4", "assistant", "So"))
    )
    assert [(key, parent) for key, parent, *_ in shape(document)] == [("1", ""), ("4", "1")]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "text", "text": "One."},
                    {"type": "tool_result", "content": []},
                    {"type": "text", "text": "Two."},
                ]
            },
            "One.\n\nTwo.",
        ),
        ({"content": []}, "flat"),
        ({"content": "odd"}, "flat"),
        (
            {"attachments": [{"file_name": "a.txt", "extracted_content": "inside"}]},
            "flat\n\nFile a.txt:\n\ninside",
        ),
        ({"files": [{"file_name": "a.png"}]}, "flat\n\n[a.png: not in the export]"),
        (
            {
                "files": [{"file_name": "a.txt"}],
                "attachments": [{"file_name": "a.txt", "extracted_content": "inside"}],
            },
            "flat\n\nFile a.txt:\n\ninside",
        ),
        ({"attachments": [{"extracted_content": 5}, None]}, "flat\n\n[file: not in the export]"),
    ],
)
def test_text_and_files_become_the_text_of_the_message(fields: dict[str, Any], text: str) -> None:
    assert claude.read(chat(said("1", "human", "flat", **fields))).messages[0].text == text


@pytest.mark.parametrize("item", [{"chat_messages": []}, {"chat_messages": [None, {}, 5]}])
def test_a_chat_without_messages_is_empty(item: dict[str, Any]) -> None:
    document = claude.read(item)
    assert (document.messages, document.head) == ((), "")
