"""Prompts as they are kept: named, versioned, copied, tagged, deleted and brought back."""

import pytest
from django.db import IntegrityError, transaction

from orchestrator.models import Prompt, PromptVersion, Team, User
from orchestrator.services.prompts import finding, library, suggestions
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.finding import Wanted
from orchestrator.services.prompts.library import ChangedMeanwhile, Draft, PromptRefused


@pytest.fixture
def prompt(ada: User) -> Prompt:
    return library.create(ada, Draft("Greet", "Hello {{name}}", tags=("Mail", " mail ", "")))


def numbers(prompt: Prompt) -> list[int]:
    return [version.number for version in prompt.versions.all()]


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (Draft("x", " \n"), "The prompt is empty"),
        (Draft("…", "text"), "at least one letter"),
        (Draft("x", "{{a|1}} {{a|2}}"), "two different ways"),
        (Draft("x", "a" * 100_001), "at most 100,000 signs; this has 100,001"),
        (Draft("x", "text", name="No Spaces"), "Name: Use 1 to 63 small letters"),
        (Draft("Greet", "text"), "You have a prompt named 'greet' already"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    ada: User, prompt: Prompt, draft: Draft, problem: str
) -> None:
    with pytest.raises(PromptRefused, match=problem):
        library.create(ada, draft)
    assert Prompt.objects.count() == 1


def test_a_title_in_any_script_makes_a_name(ada: User) -> None:
    made = library.create(ada, Draft("Перевод письма", "text"))
    assert made.name.startswith("prompt-")
    assert library.checked(Draft("Перевод письма", "text")).name == made.name


def test_signs_that_no_database_keeps_are_replaced(ada: User) -> None:
    made = library.create(ada, Draft("a\x00b\ud800", "one\r\ntwo\rthree\x00\udc80"))
    assert (made.title, made.text) == ("ab?", "one\ntwo\nthree?")


def test_the_same_name_is_free_for_other_owners(ada: User, eve: User, crew: Team) -> None:
    for user, owner in ((ada, None), (eve, None), (ada, Owner(team=crew)), (ada, Owner())):
        library.create(user, Draft("Greet", "Hello"), owner)
    assert Prompt.objects.filter(name="greet").count() == 4
    for owner, whose in ((Owner(team=crew), "Crew has"), (Owner(), "Everyone has")):
        with pytest.raises(PromptRefused, match=whose):
            library.create(ada, Draft("Greet", "Hello"), owner)


def test_nobody_and_a_team_cannot_own_one_prompt_together(prompt: Prompt, crew: Team) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Prompt.objects.filter(pk=prompt.pk).update(team=crew)


def test_each_change_is_a_version_and_no_change_is_none(prompt: Prompt, ada: User) -> None:
    first = library.save(prompt, ada, "Hello {{name}}")
    second = library.save(prompt, ada, "Hi {{name}}", "shorter")
    assert (first.number, second.number, prompt.text) == (1, 2, "Hi {{name}}")
    third = library.roll_back(prompt, ada, 1)
    assert (third.number, third.text) == (3, "Hello {{name}}")
    assert third.note == "back to version 1"
    assert library.make_live(prompt, 2).pk == prompt.live_id
    assert numbers(prompt) == [3, 2, 1]
    assert library.save(prompt, ada, "New").number == 4


def test_a_version_is_never_changed(prompt: Prompt) -> None:
    version = prompt.versions.get()
    version.text = "other"
    with pytest.raises(TypeError):
        version.save()
    version.refresh_from_db()
    assert version.text == "Hello {{name}}"


def test_using_counts_and_fills(prompt: Prompt) -> None:
    assert library.use(prompt, {"name": "{{Ada}}"}) == "Hello {{Ada}}"
    with pytest.raises(ValueError, match="name"):
        library.use(prompt, {})
    prompt.refresh_from_db()
    assert prompt.times_used == 1


def test_a_copy_is_ones_own_under_a_free_name(prompt: Prompt, ada: User, eve: User) -> None:
    library.give_to(prompt, Owner())
    theirs = [library.copy_to_mine(prompt, eve) for _ in range(3)]
    assert [copied.name for copied in theirs] == ["greet", "greet-2", "greet-3"]
    copied = theirs[0]
    assert (copied.user, copied.text) == (eve, "Hello {{name}}")
    assert [tag.name for tag in copied.tags.all()] == ["mail"]
    library.save(copied, eve, "Hey")
    prompt.refresh_from_db()
    assert prompt.text == "Hello {{name}}"


def test_a_long_name_is_cut_for_the_number_of_a_copy(ada: User) -> None:
    prompt = library.create(ada, Draft("Long", "Hello", name="a" * 63))
    assert library.copy_to_mine(prompt, ada).name == "a" * 61 + "-2"


def test_giving_to_a_team_that_has_the_name_changes_nothing(
    prompt: Prompt, ada: User, crew: Team
) -> None:
    library.create(ada, Draft("Greet", "Hello"), Owner(team=crew))
    with pytest.raises(PromptRefused, match="Crew has a prompt named 'greet'"):
        library.give_to(prompt, Owner(team=crew))
    prompt.refresh_from_db()
    assert (prompt.user, prompt.team) == (ada, None)


def test_a_deleted_prompt_comes_back_unless_its_name_is_taken(prompt: Prompt, ada: User) -> None:
    library.set_deleted(prompt, is_deleted=True)
    assert list(finding.search(ada, "")) == []
    library.set_deleted(prompt, is_deleted=False)
    assert list(finding.search(ada, "")) == [prompt]
    library.set_deleted(prompt, is_deleted=True)
    library.create(ada, Draft("Greet", "Hello"))
    with pytest.raises(PromptRefused, match="already"):
        library.set_deleted(prompt, is_deleted=False)


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        (Wanted("gre"), True),
        (Wanted("HELLO mail"), True),
        (Wanted("hello zebra"), False),
        (Wanted("a\x00b"), False),
        (Wanted("100%"), False),
        (Wanted(tag="mail"), True),
        (Wanted(tag="code"), False),
        (Wanted(scope="mine"), True),
        (Wanted(scope="team"), False),
        (Wanted(scope="everyone"), False),
        (Wanted(scope="nonsense"), True),
        (Wanted(is_archive=True), False),
    ],
)
def test_prompts_are_found_by_all_that_is_said(
    prompt: Prompt, ada: User, wanted: Wanted, is_found: bool
) -> None:
    assert (prompt in finding.find(ada, wanted)) is is_found


@pytest.mark.parametrize("words", ["ÜBER", "uber", "café", "CAFE", "straße", "STRASSE", "бег"])
def test_letters_are_found_however_they_are_spelt(ada: User, words: str) -> None:
    made = library.create(ada, Draft("Über", "Cafe Straße CAFÉ Бег"))
    assert list(finding.search(ada, words)) == [made]


def test_what_is_searched_is_the_text_that_is_used(prompt: Prompt, ada: User) -> None:
    library.save(prompt, ada, "Servus")
    assert [len(finding.search(ada, words)) for words in ("servus", "hello")] == [1, 0]
    library.make_live(prompt, 1)
    assert [len(finding.search(ada, words)) for words in ("servus", "hello")] == [0, 1]
    library.describe(prompt, "Welcome", "for guests")
    assert [len(finding.search(ada, words)) for words in ("guest", "welcome mail")] == [1, 1]


def test_two_who_edit_at_once_lose_nothing(prompt: Prompt, ada: User) -> None:
    seen = prompt.live_id
    library.save(prompt, ada, "Theirs", seen=seen)
    with pytest.raises(ChangedMeanwhile, match="while you were writing"):
        library.save(prompt, ada, "Mine", seen=seen)
    assert (prompt.text, numbers(prompt)) == ("Theirs", [2, 1])
    assert library.save(prompt, ada, "Theirs", seen=seen).number == 2
    assert library.save(prompt, ada, "Mine", seen=prompt.live_id).number == 3


def test_an_archived_prompt_is_in_the_archive_only(prompt: Prompt, ada: User) -> None:
    library.set_archived(prompt, is_archived=True)
    assert list(finding.search(ada, "")) == []
    assert list(finding.find(ada, Wanted(is_archive=True))) == [prompt]
    assert finding.tags_of(ada) == []


def test_starred_ones_come_first_then_the_most_used(ada: User, bob: User) -> None:
    for title, used in (("a", 1), ("b", 5), ("c", 3)):
        made = library.create(ada, Draft(title, "text"))
        Prompt.objects.filter(pk=made.pk).update(times_used=used)
    starred = Prompt.objects.get(name="a")
    library.set_starred(starred, ada, is_starred=True)
    library.set_starred(starred, ada, is_starred=True)
    library.set_starred(Prompt.objects.get(name="c"), bob, is_starred=True)
    assert [each.name for each in finding.search(ada, "")] == ["a", "b", "c"]
    library.set_starred(starred, ada, is_starred=False)
    assert [each.name for each in finding.search(ada, "")] == ["b", "c", "a"]


@pytest.fixture
def shared(ada: User, crew: Team) -> Prompt:
    return library.create(ada, Draft("Greet all", "Hello"), Owner(team=crew))


def test_an_accepted_suggestion_is_used_and_a_declined_one_is_not(
    shared: Prompt, bob: User
) -> None:
    for text in ("Hi", "Bye"):
        suggestions.suggest(shared, bob, text, "because")
    assert shared.text == "Hello"
    assert [each.text for each in suggestions.shown(shared, bob, may_change=False)] == [
        "Bye",
        "Hi",
    ]
    suggestions.accept(shared, 2, str(shared.live_id))
    suggestions.decline(shared, 3)
    shared.refresh_from_db()
    assert shared.text == "Hi"
    assert shared.live is not None
    assert (shared.live.author, shared.live.note) == (bob, "because")
    for decide in (
        suggestions.decline,
        lambda *given: suggestions.accept(*given, str(shared.live_id)),
    ):
        with pytest.raises(PromptVersion.DoesNotExist):
            decide(shared, 3)
    with pytest.raises(PromptVersion.DoesNotExist):
        library.make_live(shared, 3)
    told = suggestions.shown(shared, bob, may_change=False)
    assert [(each.text, each.state) for each in told] == [("Bye", "declined")]


def test_a_suggestion_never_undoes_a_change_unseen(shared: Prompt, ada: User, bob: User) -> None:
    seen = str(shared.live_id)
    suggestions.suggest(shared, bob, "Hi")
    library.save(shared, ada, "Hello all")
    with pytest.raises(PromptRefused, match="changed meanwhile"):
        suggestions.accept(shared, 2, seen)
    shared.refresh_from_db()
    assert shared.text == "Hello all"


def test_suggestions_are_bounded_and_say_something(shared: Prompt, bob: User, chief: User) -> None:
    with pytest.raises(PromptRefused, match="the text as it is"):
        suggestions.suggest(shared, bob, "Hello")
    for number in range(suggestions.MOST_WAITING):
        suggestions.suggest(shared, bob, f"Hi {number}")
    with pytest.raises(PromptRefused, match="wait for an answer"):
        suggestions.suggest(shared, bob, "Hi again")
    assert len(suggestions.shown(shared, chief, may_change=True)) == suggestions.MOST_WAITING
    assert suggestions.shown(shared, chief, may_change=False) == []
