"""What is read out of a ChatGPT export, and what of it is not shown."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orchestrator.services.chat.exchange import chatgpt
from orchestrator.services.chat.exchange.neutral import ChatDocument

from .exports import NOON, node, root
from .exports import chatgpt as chat

HIDDEN = {"metadata": {"is_visually_hidden_from_conversation": True}}


def read(*nodes: dict[str, Any], **fields: Any) -> ChatDocument:
    return chatgpt.read(chat(*nodes, **fields))


def shape(document: ChatDocument) -> list[tuple[str, str, str]]:
    return [(each.id, each.parent, each.text) for each in document.messages]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(NOON + seconds, UTC)


def test_a_chat_keeps_its_id_title_times_and_models() -> None:
    document = read(
        root(),
        node("q", "root", text="Why?", second=1),
        node("a", "q", "assistant", "So.", second=2, metadata={"model_slug": "gpt-5"}),
    )
    assert (document.id, document.title) == ("chat-1", "A question")
    assert (document.created_at, document.updated_at) == (at(0), at(60))
    assert [(each.role, each.model_name) for each in document.messages] == [
        ("user", ""),
        ("assistant", "gpt-5"),
    ]
    assert [each.created_at for each in document.messages] == [at(1), at(2)]
    assert document.head == "a"


def test_branches_stay_branches() -> None:
    document = read(
        root(),
        node("q", "root", text="Why?"),
        node("a1", "q", "assistant", "So.", second=1),
        node("a2", "q", "assistant", "Or so.", second=2),
        node("q2", "a1", text="More?", second=3),
        current_node="q2",
    )
    assert shape(document) == [
        ("q", "", "Why?"),
        ("a1", "q", "So."),
        ("a2", "q", "Or so."),
        ("q2", "a1", "More?"),
    ]
    assert document.head == "q2"


@pytest.mark.parametrize(
    "middle",
    [
        node("x", "q", "system", "be nice"),
        node("x", "q", "tool", "result", second=1),
        node("x", "q", "assistant", "hidden", **HIDDEN),
        node("x", "q", "assistant", "", second=1),
        node("x", "q", "assistant", '{"q": 1}', recipient="bio"),
        node("x", "q", "assistant", content={"content_type": "thoughts", "thoughts": []}),
        node("x", "q", "assistant", content={"content_type": "execution_output", "text": "1"}),
        node("x", "q", "assistant", content={"content_type": "code", "text": "search('x')"})
        | {"recipient": "web"},
        root("x") | {"x": {"id": "x", "message": None, "parent": "q"}},
    ],
    ids=["system", "tool", "hidden", "empty", "bio", "thoughts", "output", "search", "no message"],
)
def test_what_is_not_shown_is_passed_over_and_its_children_move_up(middle: dict[str, Any]) -> None:
    if "recipient" in middle:
        middle["x"]["message"]["recipient"] = middle.pop("recipient")
    answer = node("a", "x", "assistant", "So.", second=9)
    document = read(root(), node("q", "root", text="Why?"), middle, answer)
    assert shape(document) == [("q", "", "Why?"), ("a", "q", "So.")]


def test_a_chat_that_ends_with_a_hidden_node_shows_the_turn_above_it() -> None:
    end = node("end", "a", "tool", "x", second=9)
    document = read(root(), node("q", "root", text="Why?"), node("a", "q", "assistant", "So."), end)
    assert document.head == "a"


def test_the_pieces_of_one_answer_are_one_message() -> None:
    document = read(
        root(),
        node("q", "root", text="Plot it."),
        node("a1", "q", "assistant", "I will.", second=1),
        node(
            "code",
            "a1",
            "assistant",
            content={"content_type": "code", "language": "python", "text": "plot()"},
            recipient="python",
            second=2,
        ),
        node("out", "code", "tool", "1", second=3),
        node("a2", "out", "assistant", "Done.", second=4, metadata={"model_slug": "gpt-5"}),
        node("q2", "a2", text="Thanks", second=5),
    )
    text = "I will.\n\n```python\nplot()\n```\n\nDone."
    assert shape(document) == [("q", "", "Plot it."), ("a1", "q", text), ("q2", "a1", "Thanks")]
    assert document.messages[1].model_name == "gpt-5"


def test_two_continuations_of_a_piece_stay_apart() -> None:
    document = read(
        root(),
        node("q", "root", text="Why?"),
        node("a", "q", "assistant", "Well.", second=1),
        node("b", "a", "assistant", "So.", second=2),
        node("c", "a", "assistant", "Or so.", second=3),
    )
    assert shape(document)[1:] == [("a", "q", "Well."), ("b", "a", "So."), ("c", "a", "Or so.")]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"content_type": "text", "parts": ["one", "two"]}, "one\n\ntwo"),
        (
            {
                "content_type": "multimodal_text",
                "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "x"}, "See it?"],
            },
            "[image: not in the export]\n\nSee it?",
        ),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "audio_transcription", "text": "Hello"},
                    {"content_type": "audio_asset_pointer", "asset_pointer": "x"},
                ],
            },
            "Hello",
        ),
        ({"content_type": "code", "language": "unknown", "text": "x"}, "```\nx\n```"),
        (
            {"content_type": "code", "language": "md", "text": "```\nx\n```"},
            "````md\n```\nx\n```\n````",
        ),
        (
            {"content_type": "text", "parts": ["It is\ue200cite\ue202turn0search1\ue201 so."]},
            "It is so.",
        ),
        ({"content_type": "text", "parts": ["Lone \ue200 mark"]}, "Lone  mark"),
    ],
    ids=["text", "image", "audio", "code", "code with fences", "citation", "open mark"],
)
def test_each_kind_of_content_becomes_text(content: dict[str, Any], text: str) -> None:
    assert [each.text for each in read(root(), node("q", "root", content=content)).messages] == [
        text
    ]


@pytest.mark.parametrize(
    "item",
    [
        {"mapping": {}},
        {"mapping": {"a": None, "b": 1, "c": {"message": 5, "parent": 7}}},
        {"mapping": {"a": {"message": {"author": "user", "content": []}}}},
        {"mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"parts": "x"}}}}},
        {
            "mapping": {
                "a": {
                    "message": {
                        "author": {"role": "user"},
                        "content": {"content_type": "text", "parts": [None, 1, {}]},
                    }
                }
            }
        },
    ],
)
def test_a_chat_without_anything_to_show_is_empty(item: dict[str, Any]) -> None:
    assert chatgpt.read(item).messages == ()


def test_missing_metadata_is_no_reason_to_lose_a_chat() -> None:
    said = {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hi"]}}
    document = chatgpt.read({"mapping": {"a": {"message": said}}})
    assert shape(document) == [("a", "", "Hi")]
    assert (document.id, document.title, document.created_at, document.head) == ("", "", None, "")
    assert document.messages[0].created_at is None


def test_a_cycle_is_cut_and_nothing_of_it_lost() -> None:
    document = read(
        node("a", "b", text="1"), node("b", "a", "assistant", "2"), node("c", "c", text="3")
    )
    assert sorted(each.text for each in document.messages) == ["1", "2", "3"]
    assert {each.id: each.parent for each in document.messages} == {"a": "", "b": "a", "c": ""}


def test_a_cycle_of_hidden_nodes_ends() -> None:
    document = read(
        node("x", "y", "tool", "1"), node("y", "x", "tool", "2"), node("q", "x", text="3")
    )
    assert shape(document) == [("q", "", "3")]


def test_an_unknown_parent_makes_a_root_and_there_may_be_two() -> None:
    document = read(
        node("a", "gone", text="1"), node("b", None, text="2", second=1), current_node="b"
    )
    assert shape(document) == [("a", "", "1"), ("b", "", "2")]
    assert document.head == "b"


def test_a_very_long_chain_is_read_without_recursion() -> None:
    chain = [node("0", None, "tool", "x")]
    chain += [
        node(str(n), str(n - 1), ("user", "tool", "assistant")[n % 3], str(n))
        for n in range(1, 9_000)
    ]
    document = read(*chain)
    assert document.messages[-1].id == document.head == "8999"
