"""Profiles in decisions: what counts, pins and budgets above them, shares, sharing, text."""

from dataclasses import replace

import pytest

from orchestrator.models import Budget, Membership, Profile, Reservation, Team, Trip, User
from orchestrator.routing.types import Overrides, Pattern, Plan, Refusal
from orchestrator.services.driving import drive, planning, trips
from orchestrator.services.driving.requests import RequestRefused, TripRequest, from_text
from orchestrator.services.money import budgets
from orchestrator.services.people.identity import Caller
from orchestrator.services.profiles import documents, fields, library
from orchestrator.services.profiles.fields import Fields, ProfileRefused
from orchestrator.services.setup import policies

pytestmark = pytest.mark.django_db
TASK = "Design the architecture of a distributed system, step by step, with all trade-offs"


@pytest.fixture
def user(caller: Caller) -> User:
    return User.objects.get(pk=caller.user_id)


def ask(**options: object) -> TripRequest:
    return from_text(TASK, **options)


def decided(caller: Caller, request: TripRequest) -> Plan:
    plan = planning.decide(caller, request, seed="x")
    assert isinstance(plan, Plan)
    return plan


def sources(caller: Caller, profile: str = "", policy: str = "") -> dict[str, tuple[object, str]]:
    found = policies.driving(caller, policy, profile).settings
    return {each.field: (each.value, each.source) for each in found}


def test_a_profile_narrows_a_decision_and_is_stored_with_the_trip(
    caller: Caller, user: User
) -> None:
    library.create(user, "small", Fields(max_level=2, max_throttle=30, policy="premium"))
    free, bound = decided(caller, ask()), decided(caller, ask(profile="small"))
    assert free.chosen.gear.level > 2
    assert (bound.chosen.gear.level, bound.chosen.setting.throttle) == (2, 30)
    trip = trips.start(caller, ask(profile="small"))
    claim = drive.claim(trip.pk, "me")
    assert claim is not None
    trip.refresh_from_db()
    assert (trip.profile, trip.gear) == ("small", "demo-2")
    kept = {each["field"]: each for each in trip.payload.receipt["settings"]}
    assert (kept["max_level"]["value"], kept["max_level"]["source"]) == (2, "profile")
    assert (kept["instructions"]["source"], kept["max_level"]["name"]) == ("default", "small")


def test_task_profile_team_and_default_each_give_what_the_nearer_leaves_open(
    caller: Caller, user: User
) -> None:
    team = Team.objects.create(name="Acme")
    Membership.objects.create(user=user, team=team)
    ours = Profile.objects.create(
        name="ours", team=team, policy="budget", max_level=3, instructions="In English."
    )
    library.set_team_default(team, ours)
    library.create(user, "mine", Fields(max_level=4))
    found = sources(caller, "mine")
    assert found["max_level"] == (4, "profile")
    assert found["policy"] == ("budget", "team")
    assert found["instructions"] == ("In English.", "team")
    assert found["throttle"] == ((0, 100), "default")
    assert sources(caller, "mine", "premium")["policy"] == ("premium", "task")
    whole = planning.complete(caller, ask(profile="mine"))
    assert whole.system == "In English."


def test_one_s_own_default_counts_until_another_choice_or_none(caller: Caller, user: User) -> None:
    economy = Profile.objects.get(name="economy")
    library.set_own_default(user, economy)
    assert sources(caller)["max_level"] == (3, "profile")
    assert sources(caller, "sport")["max_level"] == (5, "default")
    assert sources(caller, "none")["policy"] == ("balanced", "default")
    economy.delete()
    assert sources(caller)["policy"] == ("balanced", "default")


def test_a_pinned_gear_is_kept_or_refused_with_the_reason(caller: Caller, user: User) -> None:
    library.create(user, "small", Fields(max_level=2))
    pinned = replace(ask(profile="small"), overrides=Overrides(gear="demo-5"))
    refusal = planning.decide(caller, pinned, seed="x")
    assert isinstance(refusal, Refusal)
    assert "above G2, the highest of this profile" in refusal.message
    assert "Let it choose for you" in refusal.next_step


def test_a_pinned_throttle_counts_more_than_the_profile(caller: Caller, user: User) -> None:
    library.create(user, "calm", Fields(max_throttle=20))
    pinned = replace(ask(profile="calm"), overrides=Overrides(throttle=90))
    assert decided(caller, pinned).chosen.setting.throttle == 90


def test_a_pattern_that_is_asked_for_is_never_silently_exchanged(
    caller: Caller, user: User
) -> None:
    library.create(user, "plain", Fields(allowed_patterns=("single",)))
    pinned = replace(ask(profile="plain"), overrides=Overrides(pattern=Pattern.TEAM))
    refusal = planning.decide(caller, pinned, seed="x")
    assert isinstance(refusal, Refusal)
    assert refusal.message == "The profile allows no team; it allows: single."


def test_a_profile_never_overrules_a_budget(caller: Caller, user: User) -> None:
    library.create(user, "grand", Fields(policy="100", min_throttle=90))
    budgets.set_limit("user", str(user.pk), "day", 1, "demo")
    refusal = planning.decide(caller, ask(profile="grand"), seed="x")
    assert isinstance(refusal, Refusal)
    assert "your budget has" in refusal.message
    assert "it refills" in refusal.message


def test_a_share_holds_like_a_budget_of_its_own(caller: Caller, user: User) -> None:
    mine = library.create(user, "frugal", Fields(budget_share=10))
    trip = trips.start(caller, ask(profile="frugal"))
    assert drive.claim(trip.pk, "me") is not None
    trip.refresh_from_db()
    assert trip.profile_budget == f"{user.pk}.{mine.pk}"
    share = Budget.objects.get(scope="profile", currency="demo")
    assert share.limit_nano == 2 * budgets.NANO // 10
    budgets.set_limit("global", "", "day", budgets.NANO // 1_000, "demo")
    small = trips.start(caller, ask(profile="frugal"))
    drive.claim(small.pk, "me")
    share.refresh_from_db()
    assert share.limit_nano == budgets.NANO // 10_000
    refusal = planning.decide(caller, ask(profile="frugal"), seed="x")
    assert isinstance(refusal, Refusal)
    assert "the share of your profile has" in refusal.message
    assert isinstance(planning.decide(caller, ask(), seed="x"), Plan | Refusal)
    assert not Reservation.objects.exists()


def test_a_dry_run_writes_no_share(caller: Caller, user: User) -> None:
    library.create(user, "frugal", Fields(budget_share=10))
    planning.preview(caller, ask(profile="frugal"))
    assert not Budget.objects.filter(scope="profile").exists()


def test_strangers_never_drive_with_another_s_profile(caller: Caller, user: User) -> None:
    eve = User.objects.create(username="eve")
    secret = library.create(eve, "secret", Fields(instructions="psst"))
    with pytest.raises(RequestRefused):
        policies.driving(caller, "", "secret")
    library.set_own_default(user, secret)
    assert sources(caller)["instructions"] == ("", "default")


def test_a_team_reads_a_copy_that_moves_only_when_shared_again(caller: Caller, user: User) -> None:
    team, eve = Team.objects.create(name="Acme"), User.objects.create(username="eve")
    for person in (user, eve):
        Membership.objects.create(user=person, team=team)
    mine = library.create(user, "house", Fields(max_level=3))
    copy = library.share(user, mine, team)
    hers = Caller(eve.pk, Trip.Source.PAGE)
    assert sources(hers, "house")["max_level"] == (3, "profile")
    assert not library.may_change(copy, eve)
    library.edit(mine, Fields(max_level=2), mine.revision)
    assert sources(hers, "house")["max_level"] == (3, "profile")
    assert library.share(user, Profile.objects.get(pk=mine.pk), team).pk == copy.pk
    assert sources(hers, "house")["max_level"] == (2, "profile")
    with pytest.raises(ProfileRefused):
        library.share(eve, mine, team)
    Membership.objects.filter(user=eve).delete()
    with pytest.raises(RequestRefused):
        policies.driving(hers, "", "house")


def test_text_and_profile_turn_into_each_other(user: User) -> None:
    made = library.create(
        user,
        "full",
        Fields(
            title='A "full" one',
            policy="35",
            max_level=4,
            min_throttle=10,
            max_throttle=90,
            instructions="=1+1\nline two " + "'''",
            allowed_gears=("demo-1", "demo-2"),
            allowed_patterns=("single",),
            default_tags=("work",),
            budget_share=30,
        ),
    )
    text = documents.export(made)
    before = fields.of(made)
    library.delete(made)
    again, is_new = documents.apply(user, text)
    assert is_new
    assert fields.of(again) == before
    assert documents.export(again) == text
    _, is_new = documents.apply(user, text)
    assert not is_new


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "needs a line"),
        ("name = 1", "needs a line"),
        ("name = 'x'\nformat = 2", "format 1 only"),
        ("name = 'none'", "means that there is no profile"),
        ("name = '!!'", "a letter or digit"),
        ("name = 'x'\npolicy = 'best'", "policy is one of"),
        ("name = 'x'\npolicy = '101'", "policy is one of"),
        ("name = 'x'\nmax_level = 9", "from 1 to 5"),
        ("name = 'x'\nmax_level = true", "from 1 to 5"),
        ("name = 'x'\nmax_throttle = nan", "whole number"),
        ("name = 'x'\nmin_throttle = 60\nmax_throttle = 20", "lower number first"),
        ("name = 'x'\nbudget_share = -5", "from 1 to 100"),
        ("name = 'x'\nbudget_share = inf", "from 1 to 100"),
        ("name = 'x'\nallowed_gears = ['ghost']", "no gear named"),
        ("name = 'x'\nallowed_gears = 'demo-1'", "list of texts"),
        ("name = 'x'\nallowed_patterns = ['loop']", "is none of"),
        ("name = 'x'\nuser = 'root'", "'user' is unknown"),
        ("name = ", "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
        ("#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_text_that_is_no_profile_is_refused_whole(
    caller: Caller, user: User, text: str, reason: str
) -> None:
    with pytest.raises(ProfileRefused, match=reason):
        documents.apply(user, text)
    assert not Profile.objects.filter(user=user).exists()
