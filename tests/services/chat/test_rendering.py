"""Answers are rendered once, and once more after an upgrade of what renders them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orchestrator.markdown import edition
from orchestrator.models import Conversation, Message
from orchestrator.services.chat import conversations, rendering
from orchestrator.services.people.identity import Caller

from .conftest import say


@pytest.fixture
def answer(caller: Caller, chat: Conversation) -> Message:
    return Message.objects.get(pk=say(caller, chat, "hello", answered="*Hi*").answers[0].pk)


def kept(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_an_answer_is_rendered_once(answer: Message) -> None:
    assert rendering.html_of(answer) == "<p><em>Hi</em></p>\n"
    with CaptureQueriesContext(connection) as asked:
        assert rendering.html_of(kept(answer)) == "<p><em>Hi</em></p>\n"
    assert len(asked) == 1  # that of the test


@pytest.mark.parametrize("older", [None, 7])
def test_what_an_older_renderer_made_is_made_anew_when_it_is_looked_at(
    answer: Message, older: int | None
) -> None:
    Message.objects.filter(pk=answer.pk).update(html="<b>old</b>", html_edition=older)
    assert rendering.html_of(kept(answer)) == "<p><em>Hi</em></p>\n"
    assert kept(answer).html_edition == edition.current()


def test_a_branch_takes_the_html_along(answer: Message) -> None:
    rendering.html_of(answer)
    branched = conversations.branch(answer)
    copied = branched.messages.get(role=Message.Role.ASSISTANT)
    assert (copied.html, copied.html_edition) == (answer.html, edition.current())
