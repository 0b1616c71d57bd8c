"""Prompts into a library and out of it again: looked at first, all of a file or nothing."""

import io
import json
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.models import Prompt, Team, User
from orchestrator.services.prompts import access, library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.exchange import exporting, front_matter, importing
from orchestrator.services.prompts.exchange.importing import Verdict
from orchestrator.services.prompts.library import Draft

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


def file(*drafts: dict[str, object]) -> bytes:
    return json.dumps({"format": "clutch-prompts", "version": 1, "prompts": drafts}).encode()


def test_looking_writes_nothing_and_importing_what_was_seen(ada: User) -> None:
    data = file({"title": "Hi", "text": "Hello", "tags": ["a"]}, {"title": "…", "text": "x"})
    seen = importing.examine(ada, "x.json", data)
    assert not Prompt.objects.exists()
    assert [row.verdict for row in seen.rows] == [Verdict.NEW, Verdict.SKIPPED]
    assert "at least one letter" in seen.rows[1].reason
    importing.apply(ada, "x.json", data)
    made = Prompt.objects.get()
    assert (made.user, made.name, made.text) == (ada, "hi", "Hello")
    again = importing.apply(ada, "x.json", data)
    assert again.counts[Verdict.SAME] == 1
    assert made.versions.count() == 1


def test_a_known_prompt_gets_a_new_version_and_keeps_what_the_file_does_not_tell(ada: User) -> None:
    known = library.create(ada, Draft("Hi", "Hello", description="about", tags=("a",)))
    findings = importing.apply(ada, "x.json", file({"title": "Hi", "text": "Hey", "note": "b"}))
    known.refresh_from_db()
    assert findings.counts[Verdict.CHANGED] == 1
    assert (known.text, known.description) == ("Hey", "about")
    assert [version.note for version in known.versions.all()] == ["b", ""]
    assert [tag.name for tag in known.tags.all()] == ["a"]


def test_one_name_twice_counts_once(ada: User) -> None:
    data = file({"title": "Hi", "text": "1"}, {"title": "hi", "text": "2"})
    findings = importing.apply(ada, "x.json", data)
    assert "in the file twice" in findings.rows[1].reason
    assert Prompt.objects.get().text == "1"


def test_other_people_s_prompts_of_that_name_stay(ada: User, eve: User, crew: Team) -> None:
    hers = library.create(eve, Draft("Hi", "Hers"))
    theirs = library.create(ada, Draft("Hi", "Theirs"), Owner(team=crew))
    importing.apply(ada, "x.json", file({"title": "Hi", "text": "Mine"}))
    for prompt, text in ((hers, "Hers"), (theirs, "Theirs")):
        prompt.refresh_from_db()
        assert prompt.text == text
    assert Prompt.objects.get(user=ada).text == "Mine"


def test_what_is_exported_comes_back_the_same(ada: User, eve: User, crew: Team) -> None:
    library.create(ada, Draft("Eins", "---\nname: x\n---\n\n{{a|b}}\n", tags=("t",), note="n"))
    library.create(
        ada, Draft("Zwei: “x”", "\n\nText\n\n", description="# a: [b]"), Owner(team=crew)
    )
    everything = list(access.visible_to(ada).prefetch_related("tags").order_by("pk"))
    packed = exporting.as_zip(everything)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == ["mine/eins.md", f"team-{crew.pk}-crew/zwei-x.md"]
    document = json.dumps(exporting.as_json(everything)).encode()
    for name, data in (("x.zip", packed), ("x.json", document)):
        found = [row.draft for row in importing.examine(eve, name, data).rows]
        assert found == [exporting.draft_of(prompt) for prompt in everything]


@given(title=TEXTS, text=TEXTS, tag=TEXTS, about=TEXTS)
def test_front_matter_holds_any_text(title: str, text: str, tag: str, about: str) -> None:
    draft = Draft(title or "x", text.replace("\r", ""), "n", about, (tag,), "note: #1")
    assert front_matter.read(front_matter.write(draft), "else") == draft


def test_a_file_becomes_a_team_s_and_a_new_version_of_what_may_be_changed(
    ada: User, bob: User, crew: Team
) -> None:
    owner = Owner(team=crew)
    library.create(bob, Draft("Theirs", "Bob wrote it"), owner)
    data = file({"title": "Theirs", "text": "changed"}, {"title": "New", "text": "x"})
    seen = importing.examine(ada, "x.json", data, owner)
    assert [row.verdict for row in seen.rows] == [Verdict.SKIPPED, Verdict.NEW]
    assert "Crew has 'theirs', which you may not change" in seen.rows[0].reason
    importing.apply(ada, "x.json", data, owner)
    assert Prompt.objects.get(name="theirs").text == "Bob wrote it"
    assert Prompt.objects.get(name="new").team == crew
    importing.apply(bob, "x.json", data, owner)
    assert Prompt.objects.get(name="theirs").text == "changed"


def test_a_file_becomes_everyone_s(chief: User) -> None:
    chief.is_staff = True
    importing.apply(chief, "x.json", file({"title": "New", "text": "x"}), Owner())
    made = Prompt.objects.get()
    assert (made.user, made.team) == (None, None)
