"""Whatever the configuration is: written, read into an empty installation, written again, it is
the same text."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from orchestrator.models import (
    AlertChannel,
    ApiToken,
    Budget,
    BudgetChange,
    Gear,
    Membership,
    Profile,
    Prompt,
    Provider,
    ReportDigest,
    Road,
    Rule,
    RunTemplate,
    SavedReport,
    Setting,
    Team,
    User,
)
from orchestrator.services.alerts import channels
from orchestrator.services.money import budgets
from orchestrator.services.profiles import library as profiles
from orchestrator.services.prompts import library
from orchestrator.services.reports import digests, keeping, questions
from orchestrator.services.runs import templates
from orchestrator.services.setup import options, transfer

names = some.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True).filter(
    lambda name: name not in ("auto", "default", "none")
)
line = some.text(
    some.characters(codec="utf-8", categories=("L", "N", "P", "S"), exclude_characters="\x00"),
    max_size=30,
)
text = some.text(some.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=60)
words = some.lists(line, max_size=3)
count = some.integers(1, 2_000_000)
rates = some.fixed_dictionaries(
    {name: some.integers(0, 10**12) for name in ("input", "output", "cached_input", "cache_write")}
)
prices = some.fixed_dictionaries(
    {
        "base": rates,
        "above": some.lists(some.tuples(count, rates).map(list), max_size=2),
        "version": line,
    }
)
providers = some.fixed_dictionaries(
    {
        "name": names,
        "title": line,
        "kind": some.sampled_from(["openai", "anthropic", "ollama", "demo"]),
        "base_url": some.sampled_from(["", "http://127.0.0.1:1234/v1"]),
        "options": some.dictionaries(line, some.one_of(line, count, some.booleans()), max_size=3),
        "is_local": some.booleans(),
        "requests_per_minute": some.none() | count,
        "tokens_per_minute": some.none() | count,
    }
)
gears = some.fixed_dictionaries(
    {
        "name": names,
        "title": line,
        "level": some.integers(1, 5),
        "model_id": line.filter(bool),
        "prices": some.none() | prices,
        "context_window": count,
        "capabilities": some.lists(some.sampled_from(["tools", "vision", "pdf"]), unique=True),
        "strengths": words,
        "first_token_s": some.floats(0, 1e6),
        "tokens_per_s": some.floats(0.001, 1e6),
        "order": some.integers(0, 10_000),
        "is_enabled": some.booleans(),
    }
)
roads = some.fixed_dictionaries(
    {
        "name": names,
        "title": line.filter(bool),
        "task_type": line.filter(bool),
        "level": some.integers(1, 5),
        "throttle": some.integers(0, 100),
        "min_confidence": some.floats(0, 1),
        "triggers": some.dictionaries(some.sampled_from(["en", "de", "zh"]), words),
    }
)
limits = some.none() | some.integers(0, 10**15)
one = {"min_size": 1, "max_size": 3, "unique_by": lambda entry: entry["name"]}


def emptied() -> None:
    """Only people and their tokens stay; a new team gets another id than the one before."""
    for model in (RunTemplate, Prompt, Profile, Rule, Road, Gear, Provider, Setting, SavedReport):
        model._default_manager.all().delete()
    for model in (BudgetChange, Budget, ReportDigest, AlertChannel, Team):
        model._default_manager.all().delete()


def furnished(ada: User, bob: User, roles: list[str], limit: int | None) -> None:
    """Teams with people, and what refers to them by its id."""
    token = ApiToken.objects.get_or_create(public_id="abc", name="ci", user=bob)[0]
    teams = [Team.objects.create(name=f"Team {number}") for number in range(len(roles))]
    for team, role in zip(teams, roles, strict=True):
        Membership.objects.create(team=team, user=ada, role="owner")
        Membership.objects.create(team=team, user=bob, role=role)
        budgets.set_limit("team", str(team.pk), "month", limit)
        mine = Prompt.objects.create(name="ours", team=team)
        library.save(mine, bob, "Do it.")
        library.set_starred(mine, bob, is_starred=True)
        own, _ = Profile.objects.get_or_create(name="own", user=bob)
        shared = Profile.objects.create(name="own", team=team, shared_from=own)
        profiles.set_team_default(team, shared)
        profiles.set_own_default(bob, shared)
        asked = {"scope": [f"team:{team.pk}"], "period": ["30d"], "prompt": [str(mine.pk)]}
        asked |= {"team": [team.name], "gear": ["a", "b"], "token": [token.public_id]}
        question = questions.read(ada, asked, date(2026, 11, 21))
        keeping.save(ada, f"Report of {team}", question)
        digests.subscribe(ada, f"team:{team.pk}", "email", "ada@example.org", timezone.now())
    budgets.set_limit("token", str(token.pk), "day", limit)
    budgets.set_limit("user", str(bob.pk), "day", limit, "demo")
    channels.restore_mail(ada, "ada@example.org")


def ruled(gear: str, bob: User) -> None:
    when, then = {"keywords": ["x"]}, {"use_gear": gear}
    Rule.objects.create(name="r", when=when, then=then)
    Rule.objects.create(name="mine", when=when, then=then, is_personal=True, made_by=bob)


def written_down(name: str, words_of: str, owner: User | None, team: Team) -> None:
    """As a prompt and as a profile: one's own, or the team's, the prompt also everyone's."""
    if not Prompt.objects.filter(name=name, user=owner).exists():
        for kept_by in (None, team) if owner is None else (None,):
            prompt = Prompt.objects.create(name=name, user=owner, team=kept_by)
            library.save(prompt, owner, words_of.replace("{{", "{"))
            library.set_tags(prompt, ["work", name[:3]])
    given = {"name": name, "user": owner, "team": None if owner else team}
    Profile.objects.get_or_create(**given, defaults={"instructions": words_of})


def planned(ada: User) -> None:
    plan = next(iter(templates.shipped().values()))
    kept = {"pattern": plan.pattern.value, "document": dict(plan.document)}
    RunTemplate.objects.create(user=ada, name="plan", title="Plan", **kept)


class TestRoundTrip(TestCase):
    """Hypothesis runs each example in a transaction of its own."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        some.lists(providers, **one),
        some.lists(gears, **one),
        some.lists(roads, **one),
        some.lists(some.tuples(names, text.filter(str.strip), some.booleans()), max_size=2),
        some.tuples(limits, limits),
        some.lists(some.sampled_from(["owner", "admin", "member", "viewer"]), max_size=2),
    )
    def test_writing_reading_and_writing_again(
        self,
        some_providers: list[dict[str, Any]],
        some_gears: list[dict[str, Any]],
        some_roads: list[dict[str, Any]],
        some_texts: list[tuple[str, str, bool]],
        some_limits: tuple[int | None, int | None],
        some_roles: list[str],
    ) -> None:
        ada = User.objects.get_or_create(username="ada")[0]
        bob = User.objects.get_or_create(username="bob")[0]
        team = Team.objects.create(name="Blue")
        Membership.objects.create(team=team, user=ada, role="owner")
        furnished(ada, bob, some_roles, some_limits[0])
        made = [Provider.objects.create(**fields) for fields in some_providers]
        for fields in some_gears:
            Gear.objects.create(provider=made[0], **fields)
        for fields in some_roads:
            Road.objects.create(default_gear=some_gears[0]["name"], pattern="single", **fields)
        ruled(some_gears[0]["name"], bob)
        for name, words_of, is_own in some_texts:
            written_down(name, words_of, ada if is_own else None, team)
        planned(ada)
        for period, limit in zip(("day", "month"), some_limits, strict=True):
            Budget.objects.create(scope="global", period=period, limit_nano=limit)
        options.put("policy", "premium")
        written = transfer.export_document()
        assert transfer.import_document(written).differences == {}
        emptied()
        transfer.import_document(written)
        assert transfer.export_document() == written


@pytest.mark.django_db
def test_what_changed_between_looking_and_applying_is_not_overwritten() -> None:
    Provider.objects.create(name="p", kind="openai", title="old")
    wanted = '[[providers]]\nname = "p"\ntitle = "new"\n'
    seen = transfer.import_document(wanted, dry_run=True)
    assert seen.document()["differences"] == {"providers p": ["title: old → new"]}
    Provider.objects.update(title="somebody else's")
    with pytest.raises(transfer.MovedOn):
        transfer.import_document(wanted, expected=seen)
    assert Provider.objects.get().title == "somebody else's"


@pytest.mark.django_db
def test_many_changes_count_as_one_version() -> None:
    from orchestrator.models import FleetVersion
    from orchestrator.services.upkeep import startup

    startup.prepare()
    before = FleetVersion.current()
    roads_text = (
        '[[roads]]\nname = "rally"\nthrottle = 1\n[[roads]]\nname = "convoy"\nthrottle = 2\n'
    )
    transfer.import_document(roads_text)
    assert FleetVersion.current() == before + 1
    transfer.import_document(roads_text)
    assert FleetVersion.current() == before + 1
