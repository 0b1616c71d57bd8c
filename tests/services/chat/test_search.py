"""Chats found by their words, the same on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator import migrations
from orchestrator.models import Conversation, Message, User
from orchestrator.services.chat import search
from orchestrator.services.chat.search import Hit

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
[NAME] = (each.stem for each in Path(migrations.__path__[0]).glob("*_chat_search.py"))
migration = import_module(f"orchestrator.migrations.{NAME}")
# The fixture undoes what one test did; the examples of one property may see each other's chats.
example = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(
    params=[
        # The mark as well, because databases are made for the tests that are known to need them.
        pytest.param("db", marks=pytest.mark.django_db),
        pytest.param("on_postgres", marks=pytest.mark.postgres),
    ]
)
def user(request: pytest.FixtureRequest) -> User:
    """Ada, on both databases."""
    request.getfixturevalue(request.param)
    return User.objects.create(username="ada")


def keep(user: User, title: str, *texts: str, age_d: int = 0, **fields: Any) -> Conversation:
    updated_at = NOW - timedelta(days=age_d)
    chat = Conversation.objects.create(user=user, title=title, updated_at=updated_at, **fields)
    for text in texts:
        Message.objects.create(conversation=chat, role="user", text=text)
    return chat


def titles(user: User, words: str, **options: Any) -> list[str]:
    return [hit.title for hit in search.find(user.pk, words, **options)]


def shown(hit: Hit) -> str:
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in hit.snippet)


def indexed() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM chat_search")
        count: int = cursor.fetchone()[0]
    return count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Please explain recursion to me", "recursion"),
        ("Please explain recursion to me", "RECURS"),
        ("Please explain recursion to me", "me  explain"),
        ("Ein Taxi, Über den Fluß", "uber fluss"),
        ("an uber ride", "Über"),
        ("STRASSE", "straße"),
        ("Die Straßenbahn", "strass"),
        ("GROẞE ÄPFEL", "große äpfel"),
        ("un élève à l'école", "ELEVE ecole"),
        ("Cœur brisé", "cœur BRISE"),
        ("¿Dónde está el niño?", "nino donde"),
        ("la nina", "niña"),
        ("Ещё одна Ёлка, ПРИВЕТ мой друг", "еще елка привет МОЙ"),
        ("Київ і Запоріжжя", "київ запор"),
        ("ΚΑΛΗΜΈΡΑ κόσμος", "καλημερα ΚΟΣΜΟΣ"),
        ("cafe\u0301 au lait", "café"),
        ("café au lait", "cafe\u0301"),
        ("tiếng Việt", "tieng viet"),
        ("Zażółć ŁÓDŹ", "zazołc łodz"),
        ("2 µm", "µm"),
        ("我用Python写代码，今天天气很好", "天气"),
        ("我用Python写代码，今天天气很好", "写代码"),
        ("我用Python写代码，今天天气很好", "python"),
        ("我用Python写代码，今天天气很好", "用Python写 今天"),
        ("カレーの作り方を教えて", "カレー 作り"),
        ("한국어를 배우고 싶어요", "국어"),
        ("שלום עולם", "עולם"),
        ("مرحبا بالعالم", "عالم"),
        ("नमस्ते दुनिया", "नमस्ते"),
        ("สวัสดีชาวโลก", "ชาวโลก"),
        ("see src/foo_bar.py at example.com", "foo bar example com"),
        ("version 3.14 of gpt-4o", "3.14 gpt-4"),
        ("a@b.example wrote -5 and 1e10", "a@b.example 1e10"),
        ("C and C++", "c++ and"),
    ],
)
def test_words_are_found_without_case_and_accents_in_any_script(
    user: User, text: str, words: str
) -> None:
    keep(user, "written", "nothing of that", text)
    keep(user, text)
    assert titles(user, words) == [text, "written"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Please explain recursion", "recurs please"),
        ("Please explain recursion", "explain iteration"),
        ("Please explain recursion", "cursion"),
        ("今天天气很好", "天今"),
        ("今天很好，明天气温高", "今天气"),
        ("resume", "résumés"),
    ],
)
def test_every_word_must_occur_and_only_the_last_may_be_begun(
    user: User, text: str, words: str
) -> None:
    keep(user, text, text)
    assert titles(user, words) == []


def test_words_of_different_messages_are_not_one_find(user: User) -> None:
    keep(user, "apples", "pears", "plums")
    assert titles(user, "pears plums") == titles(user, "apples pears") == []


@pytest.mark.parametrize(
    "words", ["", " ", "a", "猫", "?", '"', "*", "--", "\x00", "\u0301", "😀😀"]
)
def test_nothing_is_looked_for_with_fewer_than_two_letters(user: User, words: str) -> None:
    keep(user, "a 猫 ? 😀😀", "a 猫 ? 😀😀")
    assert search.find(user.pk, words) == []


SIGNS = [
    *('"', "*", ":", "-", "(", ")", "'", "\\", "&", "|", "!", "<->", "%", "{", "^", "+", "$$"),
    *(" NEAR ", " AND ", " OR ", " NOT ", " NEAR( ", " text: ", "\x00", ";--", "''", '""', " E' "),
]


@pytest.mark.parametrize("sign", SIGNS)
def test_signs_of_query_languages_only_separate_words(user: User, sign: str) -> None:
    said = f"apples {sign.replace(chr(0), '')} pears"
    keep(user, "fruit", said)
    for words in (f"apples{sign}pears", f"{sign}apples", f"pears {sign}", f"{sign}pears{sign}"):
        assert titles(user, words) == ["fruit"], words


def test_words_of_a_query_language_are_words(user: User) -> None:
    keep(user, "logic", "either AND or NEAR but NOT OR")
    assert titles(user, "AND") == titles(user, "not near or and") == ["logic"]
    assert titles(user, "and nor") == []


@example
@given(text=st.text(st.characters(exclude_characters="\x00", codec="utf-8")), words=st.text())
def test_anything_can_be_written_and_looked_for(user: User, text: str, words: str) -> None:
    chat = keep(user, text[:200], text)
    search.find(user.pk, words)
    chat.delete()
    assert indexed() == 0


@example
@given(
    words=st.lists(
        st.text(st.sampled_from("aàÄßøŁéıзЁйїάςΣžçñ09"), min_size=2, max_size=6), min_size=1
    ),
    upper=st.booleans(),
)
def test_a_text_is_found_by_itself_in_either_case(
    user: User, words: list[str], upper: bool
) -> None:
    text = " ".join(words)[:190]
    keep(user, text)
    # The capital of ı is that of i.
    sought = text.upper() if upper and "ı" not in text else text
    assert text in titles(user, sought, limit=1000)


def test_a_chat_is_one_hit_with_the_message_that_says_it_most_densely(user: User) -> None:
    chat = keep(user, "fruit", "one pear among many other fruits", "pear pear", "and a pear too")
    [hit] = search.find(user.pk, "pear")
    best = Message.objects.get(text="pear pear")
    assert (hit.conversation_id, hit.message_id, hit.title) == (chat.pk, best.pk, "fruit")
    assert (shown(hit), hit.updated_at, hit.is_archived) == ("[pear] [pear]", NOW, False)


def test_of_two_messages_that_say_the_same_the_newer_is_shown(user: User) -> None:
    chat = keep(user, "fruit", "a pear", "a pear")
    [hit] = search.find(user.pk, "pear")
    assert hit.message_id == Message.objects.filter(conversation=chat).order_by("pk")[1].pk


def test_a_title_is_the_best_hit_of_its_chat_and_marked_whole(user: User) -> None:
    keep(user, "How to grow Pears", "pears pears pears")
    [hit] = search.find(user.pk, "pear")
    assert (hit.message_id, shown(hit)) == (None, "How to grow [Pears]")


def test_titles_come_first_then_what_says_it_most_then_what_is_newer(user: User) -> None:
    keep(user, "once, older", "a pear and other fruit", age_d=2)
    keep(user, "once, newer", "a pear and other fruit", age_d=1)
    keep(user, "thrice", "pear pear pear and other fruit", age_d=3)
    keep(user, "pear as a title", age_d=9)
    expected = ["pear as a title", "thrice", "once, newer", "once, older"]
    assert titles(user, "pear") == expected
    assert titles(user, "pear", limit=3) == expected[:3]


def test_many_hits_of_one_chat_leave_room_for_others(user: User) -> None:
    keep(user, "much", *["pear"] * 40)
    keep(user, "little", "one pear in a long sentence about other things")
    assert titles(user, "pear", limit=2) == ["much", "little"]


def test_deleted_chats_are_hidden_at_once_and_archived_ones_flagged(user: User) -> None:
    keep(user, "kept", "pear", archived_at=NOW)
    chat = keep(user, "thrown away", "pear")
    Conversation.objects.filter(pk=chat.pk).update(deleted_at=NOW)
    assert [(hit.title, hit.is_archived) for hit in search.find(user.pk, "pear")] == [
        ("kept", True)
    ]
    Conversation.objects.filter(pk=chat.pk).update(deleted_at=None)
    assert titles(user, "pear") == ["thrown away", "kept"]


def test_a_stranger_finds_nothing_of_it(user: User) -> None:
    keep(user, "pear", "pear")
    assert search.find(User.objects.create(username="eve").pk, "pear") == []


def test_a_chat_that_changes_hands_is_found_by_its_new_owner_only(user: User) -> None:
    chat = keep(user, "fruit", "pear")
    eve = User.objects.create(username="eve")
    Conversation.objects.filter(pk=chat.pk).update(user=eve)
    assert (titles(eve, "pear"), titles(eve, "fruit"), titles(user, "pear")) == (
        ["fruit"],
        ["fruit"],
        [],
    )


def test_the_index_follows_every_write(user: User) -> None:
    chat = keep(user, "old title", "")
    Message.objects.filter(conversation=chat).update(text="written at the end")
    assert titles(user, "written") == ["old title"]
    Message.objects.bulk_create([Message(conversation=chat, role="user", text="in bulk")])
    assert titles(user, "bulk") == ["old title"]
    Message.objects.filter(text="in bulk").update(text="corrected")
    chat.title = "new title"
    chat.save()
    assert (titles(user, "bulk"), titles(user, "old")) == ([], [])
    assert titles(user, "corrected") == titles(user, "new") == ["new title"]
    Message.objects.filter(text="corrected").delete()
    assert titles(user, "corrected") == []
    chat.delete()
    assert (titles(user, "written"), titles(user, "new"), indexed()) == ([], [], 0)


def test_a_message_that_moves_is_found_where_it_is(user: User) -> None:
    keep(user, "from", "pear")
    Message.objects.update(conversation=keep(user, "to"))
    assert titles(user, "pear") == ["to"]


def test_the_end_of_a_huge_message_is_not_searched(user: User) -> None:
    keep(user, "huge", "filler " * 14_000 + "inside" + " filler" * 2_000 + " outside")
    assert (titles(user, "inside"), titles(user, "outside")) == (["huge"], [])


def test_a_word_without_an_end_is_found_by_its_beginning(user: User) -> None:
    keep(user, "endless", "x" * 150_000)
    keep(user, "endless in Chinese", "天" * 120_000)
    assert titles(user, "xxx") == titles(user, "x" * 300) == ["endless"]
    assert titles(user, "天天") == ["endless in Chinese"]


def test_what_was_written_before_is_indexed_when_the_index_is_made(user: User) -> None:
    editor = SimpleNamespace(connection=connection)
    migration.forget(None, editor)
    keep(user, "früher", "我用Python", "Ein Apfel", "")
    migration.index(None, editor)
    assert titles(user, "fruher") == titles(user, "python 我用") == titles(user, "apfel")
    assert indexed() == 3


def test_no_message_is_read_that_does_not_match(db: None) -> None:
    user = User.objects.create(username="ada")
    keep(user, "fruit", "pear")
    plans: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        plans.extend(explained(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert titles(user, "pear 天") == []
        assert titles(user, "pea") == ["fruit"]
    assert sum(map(is_index_used, plans)) == 2
    assert [plan for plan in plans if is_read_whole(plan)] == []


@pytest.mark.postgres
def test_postgresql_never_looks_through_chats_for_those_that_match(on_postgres: None) -> None:
    """Just after an import it knows nothing of the tables yet, and looked into each chat."""
    user = User.objects.create(username="ada")
    plans: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.connection.cursor() as cursor:
            plans.extend(row[0] for row in cursor.execute(f"EXPLAIN {sql}", params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert titles(user, "pear") == []
    assert any("using orchestrator_conversation_pkey" in plan for plan in plans)
    assert [plan for plan in plans if "chat_search_of_conversation" in plan] == []


@pytest.mark.parametrize("forget", [migration.FORGET_MESSAGE, migration.FORGET_TITLE])
def test_one_message_is_forgotten_without_reading_the_others(db: None, forget: str) -> None:
    plans = explained(forget.replace("OLD.id", "%s"), ["0123"])
    assert sum(map(is_index_used, plans)) == 1
    assert [plan for plan in plans if is_read_whole(plan)] == []


def explained(sql: str, params: Any) -> list[str]:
    rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", params)
    return [row[3] for row in rows]


def is_index_used(plan: str) -> bool:
    """M is for MATCH; without it, or =, all of a virtual table is read."""
    return plan.startswith("SCAN") and "VIRTUAL TABLE INDEX 0:M" in plan


def is_read_whole(plan: str) -> bool:
    names_table = any(name in plan for name in ("chat", "message", "conversation"))
    is_looked_up = is_index_used(plan) or "VIRTUAL TABLE INDEX 0:=" in plan
    return plan.startswith("SCAN") and names_table and not is_looked_up
