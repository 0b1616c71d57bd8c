"""Attachments: whose they are, what of them a model is sent, and when they go."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.files.cleaning import FileRefused
from orchestrator.models import Attachment, Conversation, Message, User
from orchestrator.providers.vocabulary import DocumentPart, ImagePart, TextPart
from orchestrator.services.chat import attachments
from tests.files.samples import opened, pdf, pdf_of, picture

SCAN = pdf_of([b"0 0 100 100 re f"])
DAY = timedelta(days=1)


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def eve(db: None) -> User:
    return User.objects.create_user("eve")


def kept(user: User, name: str = "notes.txt", data: bytes = b"hello") -> Attachment:
    made = attachments.keep(user.pk, name, data)
    return Attachment.objects.get(pk=made.pk)


def text_of(attachment: Attachment, **options: Any) -> str:
    (part,) = attachments.parts(attachment, **options)
    assert isinstance(part, TextPart)
    return part.text


@pytest.mark.parametrize(
    ("name", "data", "kind", "text", "size"),
    [
        ("../a.txt", b"one\r\ntwo", "text", "one\ntwo", 7),
        ("a.pdf", pdf(("One", "Two")), "pdf", "One\fTwo\f", len(pdf(("One", "Two")))),
        ("a.pdf", SCAN, "pdf", "", len(SCAN)),
    ],
)
def test_what_is_kept_is_the_clean_file(
    ada: User, name: str, data: bytes, kind: str, text: str, size: int
) -> None:
    found = kept(ada, name, data)
    assert (found.user, found.kind, found.text, found.size) == (ada, kind, text, size)
    assert "/" not in found.name
    assert len(attachments.content(found)) == size


def test_a_picture_is_kept_without_what_it_carried(ada: User) -> None:
    found = kept(ada, "a.jpg", picture("JPEG", comment=b"at home"))
    assert b"at home" not in attachments.content(found)
    assert found.size == len(attachments.content(found))
    assert opened(attachments.content(found)).size == (8, 6)


def test_a_text_is_not_stored_twice(ada: User) -> None:
    assert bytes(kept(ada).data) == b""


def test_a_refused_file_leaves_nothing(ada: User) -> None:
    with pytest.raises(FileRefused):
        attachments.keep(ada.pk, "a.png", b"\0\1\2")
    assert not Attachment.objects.exists()


def test_files_are_found_in_the_order_they_are_asked_for(ada: User) -> None:
    made = [kept(ada, f"{number}.txt") for number in range(4)]
    for order in ([3, 0, 2], [1], [], [0, 1, 2, 3]):
        wanted = [made[number] for number in order]
        assert attachments.find(ada.pk, [each.pk for each in wanted]) == wanted


def test_somebody_elses_file_is_as_unknown_as_none(ada: User, eve: User) -> None:
    own, foreign = kept(ada), kept(eve)
    for ids in ([foreign.pk], [own.pk, foreign.pk], [uuid4()]):
        with pytest.raises(LookupError):
            attachments.find(ada.pk, ids)


def test_a_picture_is_sent_as_a_picture(ada: User) -> None:
    found = kept(ada, "a.png", picture())
    assert attachments.parts(found) == (ImagePart("image/png", attachments.content(found)),)


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        (b"hello", "File: notes.txt\n```\nhello\n```"),
        (b"hello\n", "File: notes.txt\n```\nhello\n```"),
        (b"a\n```\nb", "File: notes.txt\n````\na\n```\nb\n````"),
        (b"`````\n```", "File: notes.txt\n``````\n`````\n```\n``````"),
        (b"`` no fence ``", "File: notes.txt\n```\n`` no fence ``\n```"),
    ],
)
def test_a_text_is_sent_in_a_fence_it_cannot_close(ada: User, data: bytes, sent: str) -> None:
    assert text_of(kept(ada, data=data)) == sent


@given(st.text("`~\n ab", min_size=1))
def test_whatever_a_text_holds_its_fence_is_the_longest(text: str) -> None:
    sent = text_of(Attachment(kind="text", name="a", text=text))
    fence = sent.rpartition("\n")[2]
    body = sent.removeprefix(f"File: a\n{fence}\n").removesuffix(fence)
    assert set(fence) == {"`"}
    assert fence not in body
    assert body.removesuffix("\n") == text.removesuffix("\n")


@pytest.mark.parametrize("reads_pdf", [True, False])
def test_a_pdf_is_sent_as_its_text_because_that_is_cheaper(ada: User, reads_pdf: bool) -> None:
    two = kept(ada, "a.pdf", pdf(("One", "Two")))
    sent = "File: a.pdf (PDF, 2 pages)\n```\nOne\n\nTwo\n```"
    assert text_of(two, reads_pdf=reads_pdf) == sent
    one = kept(ada, "a.pdf", pdf(("One",)))
    assert text_of(one, reads_pdf=reads_pdf).startswith("File: a.pdf (PDF, 1 page)\n")


def test_a_scan_is_sent_whole_to_who_reads_it_and_named_to_others(ada: User) -> None:
    scan = kept(ada, "scan.pdf", SCAN)
    whole = DocumentPart("application/pdf", SCAN, "scan.pdf")
    assert attachments.parts(scan, reads_pdf=True) == (whole,)
    assert text_of(scan, reads_pdf=False).startswith("File: scan.pdf (PDF)\nIt has no text")


@pytest.mark.parametrize(
    ("name", "data", "tokens"),
    [
        ("a.txt", b"x" * 400, 100),
        ("a.png", picture(), 1_600),
        ("a.pdf", pdf(("x" * 399,)), 100),
        ("a.pdf", SCAN, round(len(SCAN) / 20)),
    ],
)
def test_tokens_are_estimated_by_what_is_sent(
    ada: User, name: str, data: bytes, tokens: int
) -> None:
    assert attachments.tokens(kept(ada, name, data)) == tokens


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ([], ""),
        ([1] * 10, ""),
        ([1] * 11, "A message takes 10 files, and this one has 11."),
        ([15 * 2**20, 15 * 2**20], ""),
        ([15 * 2**20, 15 * 2**20, 1], "A message takes 30 MB of files, and these have 30.1 MB."),
    ],
)
def test_a_message_takes_so_many_files_and_so_many_bytes(sizes: list[int], sentence: str) -> None:
    files = [Attachment(size=size) for size in sizes]
    if not sentence:
        attachments.check_total(files)
        return
    with pytest.raises(FileRefused) as refused:
        attachments.check_total(files)
    assert str(refused.value).startswith(sentence)


def aged(attachment: Attachment, age: timedelta) -> Attachment:
    Attachment.objects.filter(pk=attachment.pk).update(created_at=timezone.now() - age)
    return attachment


def test_only_what_is_old_and_used_by_no_message_is_removed(ada: User) -> None:
    fresh, used, orphan = kept(ada), aged(kept(ada), 2 * DAY), aged(kept(ada), 2 * DAY)
    chat = Conversation.objects.create(user=ada)
    message = Message.objects.create(conversation=chat, role=Message.Role.USER)
    message.attachments.add(used)
    assert attachments.remove_orphans(DAY) == 1
    assert set(Attachment.objects.all()) == {fresh, used}
    assert list(message.attachments.all()) == [used]
    message.delete()
    assert attachments.remove_orphans(DAY) == 1
    assert not Attachment.objects.filter(pk__in=[used.pk, orphan.pk]).exists()
    assert attachments.remove_orphans(DAY) == 0


def test_removing_does_not_load_what_is_removed(
    ada: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        aged(kept(ada), 2 * DAY)
    with django_assert_max_num_queries(10) as asked:
        assert attachments.remove_orphans(DAY) == 5
    assert not [query for query in asked if '"data"' in query["sql"]]
