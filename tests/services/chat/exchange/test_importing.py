"""From a file to rows: the dry run, the import, doing it twice, and taking it back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orchestrator.models import Conversation, ImportBatch, Message, Trip, User
from orchestrator.services.chat import conversations
from orchestrator.services.chat.exchange import importing
from orchestrator.services.chat.exchange.importing import Verdict
from orchestrator.services.chat.exchange.neutral import ExportUnreadable

from .exports import NOON, as_json, chatgpt, claude, claude_message, node, own, root, short_chatgpt

THREE = as_json([short_chatgpt(1), short_chatgpt(2), chatgpt(root(), conversation_id="none")])


def chats(*documents: dict[str, Any]) -> bytes:
    return as_json(list(documents))


def only(user: User, **fields: Any) -> Conversation:
    return Conversation.objects.get(user=user, **fields)


def drive(user: User, **fields: Any) -> Trip:
    now = timezone.now()
    return Trip.objects.create(user=user, source="page", created_at=now, deadline_at=now, **fields)


def test_the_dry_run_says_what_would_happen_and_writes_nothing(ada: User) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = importing.examine(ada, "conversations.json", THREE)
    assert [(row.title, row.messages, row.verdict) for row in found.rows] == [
        ("Chat 1", 2, Verdict.IMPORT),
        ("Chat 2", 2, Verdict.IMPORT),
        ("A question", 0, Verdict.EMPTY),
    ]
    assert found.rows[0].date == datetime.fromtimestamp(NOON, UTC)
    assert (found.source, found.importable) == ("chatgpt", 2)
    assert found.counts == {
        Verdict.IMPORT: 2,
        Verdict.HERE: 0,
        Verdict.TWICE: 0,
        Verdict.EMPTY: 1,
    }
    assert [query["sql"].split()[0] for query in asked.captured_queries] == ["SELECT"]
    assert not Conversation.objects.exists()
    assert not ImportBatch.objects.exists()


def test_an_import_keeps_tree_times_titles_head_and_model(ada: User) -> None:
    answer = {"metadata": {"model_slug": "gpt-5"}}
    batch = importing.apply(
        ada,
        "conversations.json",
        chats(
            chatgpt(
                root(),
                node("q", "root", text="Why?", second=5),
                node("a2", "q", "assistant", "Or so.", second=9, **answer),
                node("a1", "q", "assistant", "So.", second=7, **answer),
                current_node="a1",
            )
        ),
    )
    chat = only(ada)
    assert (chat.title, chat.imported_id, chat.import_batch) == ("A question", "chat-1", batch)
    assert chat.created_at == datetime.fromtimestamp(NOON, UTC)
    assert chat.updated_at == datetime.fromtimestamp(NOON + 60, UTC)
    question, first, second = chat.messages.order_by("pk")
    assert (question.parent, question.role, question.text) == (None, "user", "Why?")
    assert [(each.parent, each.text) for each in (first, second)] == [
        (question, "So."),
        (question, "Or so."),
    ]
    assert question.created_at == datetime.fromtimestamp(NOON + 5, UTC)
    assert (question.model_name, first.model_name) == ("", "gpt-5")
    assert chat.head == first
    assert (batch.state, batch.total, batch.done, batch.skipped) == ("done", 1, 1, 0)
    assert (batch.source, batch.file_name) == ("chatgpt", "conversations.json")
    assert [each.id for each in conversations.tree(chat.pk).path(chat.head_id)] == [
        question.pk,
        first.pk,
    ]


def test_a_parent_comes_before_its_child_whatever_their_times_say(ada: User) -> None:
    importing.apply(
        ada,
        "x",
        chats(chatgpt(node("q", None, text="1", second=9), node("a", "q", "assistant", "2"))),
    )
    rows = Message.objects.order_by("pk")
    assert [row.text for row in rows] == ["1", "2"]
    assert [row.parent_id for row in rows] == [None, rows[0].pk]


@pytest.mark.parametrize(
    ("document", "title", "texts"),
    [
        (short_chatgpt(title="a\x00b \ud800 c\n d"), "ab \ufffd c d", None),
        (short_chatgpt(title="x" * 300), "x" * 200, None),
        (short_chatgpt(title=""), "Question 1?", None),
        (short_chatgpt(title=None), "Question 1?", None),
        (
            chatgpt(node("q", None, text="a\x00b\udfffc 😀")),
            "A question",
            ["ab\ufffdc 😀"],
        ),
    ],
    ids=["controls", "long", "empty", "missing", "text"],
)
def test_texts_are_cleaned_and_titles_cut(
    ada: User, document: dict[str, Any], title: str, texts: list[str] | None
) -> None:
    importing.apply(ada, "x", chats(document))
    assert only(ada).title == title
    if texts:
        assert [message.text for message in Message.objects.all()] == texts


def test_times_that_are_missing_or_absurd_are_replaced_by_those_nearby(ada: User) -> None:
    odd = node("q", None, text="1", create_time=None) | node(
        "a", "q", "assistant", "2", create_time=1e300
    )
    importing.apply(ada, "x", chats(chatgpt(odd, create_time="soon", update_time=float("nan"))))
    chat = only(ada)
    assert {message.created_at for message in chat.messages.all()} == {chat.created_at}
    assert chat.updated_at == chat.created_at
    assert timezone.now() - chat.created_at < timedelta(minutes=5)


def test_doing_it_twice_imports_nothing_twice(ada: User, eve: User) -> None:
    importing.apply(ada, "x", THREE)
    again = importing.apply(ada, "x", THREE + b" ")
    assert (again.done, again.skipped, again.total) == (0, 3, 3)
    assert importing.examine(ada, "x", THREE).counts[Verdict.HERE] == 2
    assert importing.apply(eve, "x", THREE).done == 2
    assert Conversation.objects.filter(user=ada).count() == 2


def test_a_chat_twice_in_a_file_is_imported_once(ada: User) -> None:
    data = chats(short_chatgpt(1), short_chatgpt(1), short_chatgpt(2))
    assert importing.examine(ada, "x", data).counts[Verdict.TWICE] == 1
    assert importing.apply(ada, "x", data).done == 2


def test_chats_without_ids_are_told_apart_by_what_they_say(ada: User) -> None:
    one, other = short_chatgpt(1, conversation_id=None), short_chatgpt(2, conversation_id=None)
    long = short_chatgpt(3, conversation_id="x" * 5_000)
    assert importing.apply(ada, "x", chats(one, other, one, long)).done == 3
    assert importing.examine(ada, "x", chats(one, other, long)).importable == 0


def test_an_own_export_of_a_chat_that_is_here_is_not_imported(ada: User, eve: User) -> None:
    chat = Conversation.objects.create(user=ada)
    data = chats(own({"id": "m", "role": "user", "text": "Hi"}, id=str(chat.pk)))
    assert importing.examine(ada, "x", data).importable == 0
    assert importing.examine(eve, "x", data).importable == 1
    conversations.set_deleted(chat, is_deleted=True)
    assert importing.examine(ada, "x", data).importable == 1


def test_what_was_deleted_or_undone_can_be_imported_again(ada: User) -> None:
    first = importing.apply(ada, "x", THREE)
    conversations.set_deleted(only(ada, imported_id="chat-1"), is_deleted=True)
    assert importing.apply(ada, "x", THREE).done == 1
    assert importing.undo(ada, first.pk) == 2
    assert importing.apply(ada, "x", THREE).done == 1


def test_undo_keeps_what_was_continued_and_can_be_repeated(ada: User) -> None:
    batch = importing.apply(ada, "x", chats(*(short_chatgpt(number) for number in range(5))))
    other = importing.apply(ada, "x", chats(short_chatgpt(9)))
    drive(ada, conversation=only(ada, imported_id="chat-2"))
    chat = only(ada, imported_id="chat-1")
    Message.objects.create(conversation=chat, parent=chat.head, role="assistant", trip=drive(ada))
    assert importing.undo(ada, batch.pk) == 3
    batch.refresh_from_db()
    assert importing.standing(batch) == "undone"
    assert importing.continued(batch) == 2
    kept = set(Conversation.objects.values_list("imported_id", flat=True))
    assert kept == {"chat-1", "chat-2", "chat-9"}
    assert Message.objects.count() == 7
    assert importing.undo(ada, batch.pk) == 0
    assert importing.standing(other) == "done"


def test_nobody_undoes_the_import_of_somebody_else(ada: User, eve: User) -> None:
    batch = importing.apply(ada, "x", THREE)
    with pytest.raises(ImportBatch.DoesNotExist):
        importing.undo(eve, batch.pk)
    assert Conversation.objects.count() == 2


def test_a_file_that_is_damaged_in_the_middle_imports_nothing(ada: User) -> None:
    whole = chats(*(short_chatgpt(number) for number in range(250)))
    with pytest.raises(ExportUnreadable):
        importing.apply(ada, "x", whole[:-400])
    assert not Conversation.objects.exists()
    assert not ImportBatch.objects.exists()


def test_an_import_that_fails_on_the_way_says_so_and_can_be_undone(ada: User) -> None:
    """The file changed between the dry run and the import."""
    whole = chats(*(short_chatgpt(number) for number in range(250)))
    batch = importing.begin(ada, "x", "chatgpt", 250)
    with pytest.raises(ExportUnreadable):
        importing.run(batch, whole[:-400])
    batch.refresh_from_db()
    assert (importing.standing(batch), batch.done) == ("failed", 200)
    assert "damaged" in batch.error
    assert importing.undo(ada, batch.pk) == 200


def test_a_crash_leaves_whole_chats_and_is_seen_as_an_interruption(ada: User) -> None:
    class Crash(BaseException):
        pass

    def crash(done: int, total: int) -> None:
        raise Crash

    data = chats(*(short_chatgpt(number) for number in range(250)))
    with pytest.raises(Crash):
        importing.apply(ada, "x", data, crash)
    batch = ImportBatch.objects.get()
    assert (importing.standing(batch), batch.done) == ("running", 100)
    ImportBatch.objects.update(seen_at=timezone.now() - importing.SILENT_AFTER)
    batch.refresh_from_db()
    assert importing.standing(batch) == "interrupted"
    assert importing.apply(ada, "x", data).done == 150
    assert importing.undo(ada, batch.pk) == 100


def test_an_import_stops_where_it_is_undone(ada: User) -> None:
    def undo(done: int, total: int) -> None:
        importing.undo(ada, ImportBatch.objects.get().pk)

    with pytest.raises(importing.ImportStopped):
        importing.apply(ada, "x", chats(*(short_chatgpt(n) for n in range(250))), undo)
    assert not Conversation.objects.exists()


def test_a_second_import_waits_for_the_first(ada: User, eve: User) -> None:
    importing.begin(ada, "x", "chatgpt", 3)
    with pytest.raises(importing.ImportRunning):
        importing.begin(ada, "x", "chatgpt", 3)
    importing.begin(eve, "x", "chatgpt", 3)
    ImportBatch.objects.update(seen_at=timezone.now() - importing.SILENT_AFTER)
    assert importing.begin(ada, "x", "chatgpt", 3).total == 3


def test_a_database_that_refuses_is_told_of_in_the_batch(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("disk is full")

    batch = importing.begin(ada, "x", "chatgpt", 3)
    monkeypatch.setattr(type(Message.objects), "bulk_create", refuse)
    with pytest.raises(OperationalError):
        importing.run(batch, THREE)
    batch.refresh_from_db()
    assert (batch.state, batch.error, batch.done) == ("failed", "disk is full", 0)


def test_three_thousand_chats_take_few_questions_each_hundred(ada: User) -> None:
    data = chats(*(short_chatgpt(number) for number in range(3_000)))
    progress: list[tuple[int, int]] = []
    with CaptureQueriesContext(connection) as asked:
        batch = importing.apply(ada, "x", data, lambda done, total: progress.append((done, total)))
    assert (batch.done, Message.objects.count()) == (3_000, 6_000)
    assert progress == [(done, 3_000) for done in range(100, 3_001, 100)]
    groups = 30
    # Reading twice asks twice which are here; SQLite takes 999 values in a statement.
    assert len(asked) <= groups * 14 + 10
    with CaptureQueriesContext(connection) as asked:
        assert importing.undo(ada, batch.pk) == 3_000
    assert len(asked) <= groups * 16 + 10


def test_claude_and_own_chats_arrive_the_same_way(ada: User) -> None:
    importing.apply(
        ada,
        "x",
        chats(claude(claude_message("1", "human", "Hi"), claude_message("2", "assistant", "Yo"))),
    )
    importing.apply(
        ada,
        "x",
        chats(
            own(
                {"id": "m", "role": "user", "text": "Hi"},
                tags=["Big  Idea", "big idea", "", "x" * 50],
            )
        ),
    )
    assert [(each.role, each.text) for each in Message.objects.order_by("pk")] == [
        ("user", "Hi"),
        ("assistant", "Yo"),
        ("user", "Hi"),
    ]
    tags = only(ada, imported_id="own-1").tags.values_list("name", flat=True)
    assert list(tags) == ["big idea", "x" * 40]
