"""Asking, editing, asking again, comparing: what is kept, and what of it is sent."""

from uuid import uuid4

import pytest

from orchestrator.models import Conversation, Message, Outcome, Trip, User
from orchestrator.routing.types import Overrides
from orchestrator.services.chat import context, conversations, turns
from orchestrator.services.chat.turns import StaleParent, Turn
from orchestrator.services.driving import planning, requests
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.people.identity import Caller
from orchestrator.services.prompts import library

from .conftest import say

pytestmark = pytest.mark.django_db


def sent_for(answer: Message) -> list[str]:
    """What the model is sent for an answer: its role and words, in order."""
    assert answer.trip is not None
    request = context.complete(requests.from_document(answer.trip.payload.request))
    return [f"{message.role}: {message.text}" for message in request.messages]


def test_a_turn_is_sent_behind_the_branch_it_follows(caller: Caller, chat: Conversation) -> None:
    say(caller, chat, "one", "first")
    sent = say(caller, chat, "two", "second")
    assert sent_for(sent.answers[0]) == ["user: one", "assistant: first", "user: two"]


def test_an_answer_is_counted_for_the_prompt_its_question_came_from(
    caller: Caller, chat: Conversation, ada: User
) -> None:
    prompt = library.create(ada, library.Draft("Greet", "Say hello"))
    version = prompt.live
    assert version is not None
    sent = say(caller, chat, "Say hello", prompt_version=version.pk)
    assert sent.answers[0].trip is not None
    assert sent.answers[0].trip.prompt == prompt


def test_an_edit_is_a_version_that_knows_nothing_of_the_other(
    caller: Caller, chat: Conversation
) -> None:
    first = say(caller, chat, "one", "first")
    second = say(caller, chat, "two", "second")
    edited = say(caller, chat, "zwei", "x", parent=first.answers[0].pk, is_fork=True)
    assert sent_for(edited.answers[0]) == ["user: one", "assistant: first", "user: zwei"]
    tree = conversations.tree(chat.pk)
    versions = [node.id for node in tree.siblings(second.question.pk)]
    assert versions == [second.question.pk, edited.question.pk]
    assert Message.objects.count() == 6


def test_the_kept_request_holds_no_history(caller: Caller, chat: Conversation) -> None:
    say(caller, chat, "x" * 5_000, "y" * 5_000)
    sent = say(caller, chat, "two")
    assert sent.answers[0].trip is not None
    assert len(str(sent.answers[0].trip.payload.request)) < 1_000


def test_unanswered_questions_are_not_sent_again(caller: Caller, chat: Conversation) -> None:
    say(caller, chat, "one", "first")
    say(caller, chat, "failed", "")
    sent = say(caller, chat, "two")
    assert sent_for(sent.answers[0]) == ["user: one", "assistant: first", "user: two"]


def test_old_turns_are_left_out_when_they_do_not_fit(
    caller: Caller, chat: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "HISTORY_CHARS", 25)
    for number in range(6):
        sent = say(caller, chat, f"question {number}", f"answer {number}")
    assert sent_for(sent.answers[0]) == ["user: question 5"] or len(sent_for(sent.answers[0])) < 4


def test_a_chat_that_went_on_elsewhere_is_noticed(caller: Caller, chat: Conversation) -> None:
    first = say(caller, chat, "one", "first")
    say(caller, chat, "two", "second")
    with pytest.raises(StaleParent, match="another window"):
        turns.send(caller, chat, Turn("late", parent=first.answers[0].pk))
    assert not Message.objects.filter(text="late").exists()
    turns.send(caller, chat, Turn("late", parent=first.answers[0].pk, is_fork=True))


def test_the_same_message_sent_twice_is_asked_once(caller: Caller, chat: Conversation) -> None:
    turn = Turn("hello", client_id=uuid4())
    first, second = turns.send(caller, chat, turn), turns.send(caller, chat, turn)
    assert first.answers[0].pk == second.answers[0].pk
    assert Trip.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "\ud800", "x" * (4 * 1024 * 1024 + 1)])
def test_what_cannot_be_driven_leaves_nothing(
    caller: Caller, chat: Conversation, text: str
) -> None:
    with pytest.raises(RequestRefused):
        turns.send(caller, chat, Turn(text))
    assert not Message.objects.exists()
    assert not Trip.objects.exists()


def test_a_parent_of_another_chat_is_refused(caller: Caller, chat: Conversation, ada: User) -> None:
    other = say(caller, conversations.start(ada.pk), "elsewhere")
    with pytest.raises(RequestRefused, match="not in this chat"):
        turns.send(caller, chat, Turn("hello", parent=other.question.pk))


def test_asking_again_makes_a_version_with_the_wishes_given(
    caller: Caller, chat: Conversation
) -> None:
    sent = say(caller, chat, "one", "first")
    [again] = turns.regenerate(caller, sent.answers[0], Overrides(gear="demo-4"))
    assert again.parent_id == sent.question.pk
    assert again.trip is not None
    assert again.trip.payload.request["overrides"]["gear"] == "demo-4"
    assert sent_for(again) == ["user: one"]
    chat.refresh_from_db()
    assert chat.head_id == again.pk


def test_a_comparison_asks_every_gear_and_keeping_one_teaches(
    caller: Caller, chat: Conversation
) -> None:
    gears = ("demo-1", "demo-3", "demo-5")
    sent = turns.send(caller, chat, Turn("which is best?", gears=gears))
    Trip.objects.update(state="done", road="standard")
    for answer, gear in zip(sent.answers, gears, strict=True):
        Trip.objects.filter(pk=answer.trip_id).update(gear=gear)
    kept = Message.objects.select_related("trip", "conversation").get(pk=sent.answers[1].pk)
    turns.keep(caller.user_id, kept)
    told = {outcome.trip.gear: (outcome.kind, outcome.gear) for outcome in Outcome.objects.all()}
    assert told == {
        "demo-1": ("corrected", "demo-3"),
        "demo-3": ("good", ""),
        "demo-5": ("corrected", "demo-3"),
    }
    chat.refresh_from_db()
    assert chat.head_id == kept.pk


def test_more_than_four_cannot_be_compared(caller: Caller, chat: Conversation) -> None:
    gears = tuple(f"demo-{number}" for number in range(1, 6))
    with pytest.raises(RequestRefused, match="At most 4"):
        turns.send(caller, chat, Turn("hello", gears=gears))


def test_carrying_on_follows_the_cut_answer(caller: Caller, chat: Conversation) -> None:
    sent = say(caller, chat, "tell me all", "It begins")
    answer = Message.objects.select_related("trip", "conversation", "parent").get(
        pk=sent.answers[0].pk
    )
    more = turns.go_on(caller, answer)
    assert sent_for(more.answers[0]) == [
        "user: tell me all",
        "assistant: It begins",
        f"user: {turns.GO_ON}",
    ]


def test_a_branch_is_a_chat_of_its_own(caller: Caller, chat: Conversation) -> None:
    first = say(caller, chat, "one", "first")
    say(caller, chat, "two", "second")
    new = conversations.branch(first.answers[0])
    assert [message.text for message in new.messages.order_by("pk")] == ["one", "first"]
    say(caller, new, "elsewhere", "x")
    assert not chat.messages.filter(text="elsewhere").exists()


def test_the_title_is_the_first_line_that_says_something(
    caller: Caller, chat: Conversation
) -> None:
    say(caller, chat, "\n## Fix the *login* bug\nIt is lost")
    chat.refresh_from_db()
    assert chat.title == "Fix the *login* bug"


def test_short_follow_ups_inherit_from_the_answer_they_follow(
    caller: Caller, chat: Conversation
) -> None:
    first = say(caller, chat, "Fix the bug in my code", "done")
    Trip.objects.update(
        state="done", road="bug_fix", gear="demo-3", finished_at="2026-11-21T00:00Z"
    )
    previous = planning.previous_turn(first.answers[0].pk)
    assert previous is not None
    assert (previous.road, previous.gear) == ("bug_fix", "demo-3")


def test_deleted_chats_are_purged_after_a_week_and_not_before(
    caller: Caller, chat: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(caller, chat, "one", "first")
    conversations.set_deleted(chat, is_deleted=True)
    assert conversations.purge_deleted() == 0
    monkeypatch.setattr(conversations, "KEEP_DELETED", -conversations.KEEP_DELETED)
    assert conversations.purge_deleted() == 1
    assert not Message.objects.exists()
    assert Trip.objects.count() == 1  # the accounts keep it
