"""Prompts found by their words, the best first, the same on SQLite and on PostgreSQL."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from orchestrator.models import Prompt, User
from orchestrator.services.prompts import finding, library
from orchestrator.services.prompts.finding import Wanted
from orchestrator.services.prompts.library import Draft

migration = import_module("orchestrator.migrations.0015_prompt_search")


@pytest.fixture(
    params=[
        pytest.param("db", marks=pytest.mark.django_db),
        pytest.param("on_postgres", marks=pytest.mark.postgres),
    ]
)
def eve(request: pytest.FixtureRequest) -> User:
    """On both databases."""
    request.getfixturevalue(request.param)
    return User.objects.create(username="eve")


def keep(user: User, title: str, text: str = "x", used: int = 0, **fields: str) -> Prompt:
    made = library.create(user, Draft(title, text, **fields))
    Prompt.objects.filter(pk=made.pk).update(times_used=used)
    return made


def names(user: User, words: str) -> list[str]:
    return [each.name for each in finding.search(user, words)]


def test_names_come_before_texts_and_denser_texts_before_thin_ones(eve: User) -> None:
    keep(eve, "thin", "mail " + "and then some other words " * 40, used=900)
    keep(eve, "dense", "mail, mail and mail", used=5)
    keep(eve, "mail-answer", "Write it.")
    keep(eve, "tagged", "Write it.", tags=("mail",))  # type: ignore[arg-type]
    assert sorted(names(eve, "mail")[:2]) == ["mail-answer", "tagged"]
    assert names(eve, "mail")[2:] == ["dense", "thin"]


def test_of_equally_good_ones_the_most_used_comes_first(eve: User) -> None:
    for name, used in (("a", 1), ("b", 7), ("c", 3)):
        keep(eve, name, "Translate the letter", used=used)
    assert names(eve, "letter") == ["b", "c", "a"]
    assert names(eve, "") == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("title", "text", "typed"),
    [
        ("Über uns", "x", "uber"),
        ("x", "Die Straße hinab", "strasse"),
        ("x", "un élève à l'école", "ELEVE eco"),
        ("x", "translate it", "transl"),
        ("x", "translate it", "it transl"),
        ("x", "请翻译这封信", "翻译"),
        ("x", "ｆｕｌｌ width", "full"),
        ("x", "{{tone:formal|casual}} letter", "{{tone"),
        ("x", "write C++ for me", "C++"),
        ("x", "a → b", "→"),
        ("x", 'say "it\'s" & (go) | ! :* <->', '"it\'s" & (go) |!:*'),
    ],
)
def test_words_are_found_however_they_are_typed(
    eve: User, title: str, text: str, typed: str
) -> None:
    keep(eve, "other", "nothing of that")
    keep(eve, title, text)
    assert len(names(eve, typed)) == 1


@pytest.mark.parametrize(
    "typed", ["ranslate", "译翻", "letter nowhere", "%", "_", "NOT", "a" * 500]
)
def test_what_nobody_wrote_finds_nothing(eve: User, typed: str) -> None:
    keep(eve, "x", "translate 翻译 letter")
    assert names(eve, typed) == []


def test_a_found_prompt_shows_where(eve: User) -> None:
    made = keep(eve, "Letter to a child", "Begin. " * 60 + "Sign the léttèr with love.")
    found = finding.show(made, finding.read("letter"))
    assert [piece.text for piece in found.title if piece.is_hit] == ["Letter"]
    assert [piece.text for piece in found.snippet if piece.is_hit] == ["léttèr"]
    assert found.snippet[0].text.startswith("…")
    assert finding.show(made, finding.read("child")).snippet == ()


def test_the_index_follows_every_change_and_deletion(eve: User) -> None:
    made = keep(eve, "x", "first")
    library.save(made, eve, "second")
    assert [names(eve, word) for word in ("first", "second")] == [[], ["x"]]
    library.set_tags(made, ["third"])
    assert names(eve, "third") == ["x"]
    made.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM prompt_search")
        assert cursor.fetchone() == (0,)


def test_what_was_there_before_the_index_is_put_into_it(eve: User) -> None:
    keep(eve, "Über", "first 翻译", tags=("mail",))  # type: ignore[arg-type]
    before = Prompt.objects.get().sought
    Prompt.objects.update(sought="old")
    migration.remember(apps, SimpleNamespace(connection=connection))
    assert Prompt.objects.get().sought == before
    assert [names(eve, word) for word in ("uber", "翻译", "mail", "old")] == [["uber"]] * 3 + [[]]


def test_archive_tag_and_owner_narrow_what_is_found(eve: User) -> None:
    made = keep(eve, "x", "letter", tags=("work",))  # type: ignore[arg-type]
    assert list(finding.find(eve, Wanted("lett", tag="work", scope="mine"))) == [made]
    assert not finding.find(eve, Wanted("lett", tag="home"))
    assert not finding.find(eve, Wanted("lett", is_archive=True))
    stranger = User.objects.create(username="stranger")
    assert names(stranger, "letter") == []
