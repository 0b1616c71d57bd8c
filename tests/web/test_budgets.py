"""The budgets pages: who sees and changes what, wrong money, two people at once, alerts, loans."""

from typing import Any

import pytest
from django.test import Client

from orchestrator.models import (
    AlertChannel,
    Budget,
    BudgetAlert,
    BudgetChange,
    BudgetPeriod,
    Grant,
    Loan,
    Membership,
    Team,
    User,
)
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.money import budgets, zones
from orchestrator.services.money.budgets import NANO

from .conftest import ATTACK, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return Team.objects.create(name="Acme")


@pytest.fixture
def boss(team: Team) -> User:
    made = User.objects.create_user("boss")
    Membership.objects.create(user=made, team=team, role="owner")
    return made


@pytest.fixture
def bob(team: Team) -> User:
    made = User.objects.create_user("bob")
    Membership.objects.create(user=made, team=team)
    return made


@pytest.fixture
def member(ada: User, team: Team) -> Client:
    Membership.objects.create(user=ada, team=team)
    return signed_in(ada)


def limit(user: User, nano: int | None = 2 * NANO) -> Budget:
    return budgets.set_limit("user", str(user.pk), "day", nano)


def spend(budget: Budget, nano: int) -> list[BudgetAlert]:
    """As settled calls leave it."""
    budgets.accounts.open_periods([budget.pk], budgets.timezone.now())
    found = BudgetPeriod.objects.filter(budget=budget)
    found.update(spent_nano=nano)
    return budget_alerts.fire(found)


def test_a_new_budget_is_set_and_logged(root: User, bob: User) -> None:
    page = signed_in(root)
    form = {"place": f"user:{bob.pk}", "period": "day", "currency": "usd", "amount": "2.50"}
    made = page.post("/budgets/new/", {**form, "note": "to begin with"})
    budget = Budget.objects.get(scope="user")
    assert made.headers["Location"] == f"/budgets/{budget.pk}/"
    assert budget.limit_nano == 2_500_000_000
    change = BudgetChange.objects.get()
    assert (change.made_by, change.note, change.after_nano) == (
        root,
        "to begin with",
        2 * NANO + NANO // 2,
    )
    assert "to begin with" in page.get(f"/budgets/{budget.pk}/").content.decode()
    assert "is such a budget already" in page.post("/budgets/new/", form).content.decode()


@pytest.mark.parametrize(
    "amount",
    ["-1", "NaN", "nan", "inf", "Infinity", "1e9", "=1+1", "@SUM(1)", "1,5", "", " ", "\u0663",
     "9999999", "1000001", "0x10", "1_000", "2.5000000001", "\x00", "2" * 5000],
)  # fmt: skip
def test_what_is_no_amount_is_refused_everywhere(root: User, bob: User, amount: str) -> None:
    page, budget = signed_in(root), limit(bob)
    form = {"place": f"team:{Team.objects.get().pk}", "period": "day", "amount": amount}
    posts: list[tuple[str, dict[str, Any]]] = [
        ("/budgets/new/", form),
        (f"/budgets/{budget.pk}/edit/", {"amount": amount, "revision": budget.revision}),
        (f"/budgets/{budget.pk}/grant/", {"amount": amount}),
        (f"/budgets/{budget.pk}/grant/", {"amount": amount, "how": "good"}),
    ]
    for address, data in posts:
        answer = page.post(address, data)
        assert answer.status_code == 422, address
        assert 'role="alert"' in answer.content.decode()
    budget.refresh_from_db()
    assert (budget.limit_nano, Budget.objects.count(), Grant.objects.count()) == (2 * NANO, 1, 0)


@pytest.mark.parametrize(
    "form",
    [
        {"place": "global:"},
        {"place": "provider:openai"},
        {"place": "profile:1.1"},
        {"place": "user:999"},
        {"place": ""},
        {"period": "year"},
        {"currency": "eur"},
    ],
)
def test_a_manager_sets_budgets_of_their_team_only(
    boss: User, bob: User, eve: User, form: dict[str, str]
) -> None:
    page = signed_in(boss)
    good = {"place": f"user:{bob.pk}", "period": "day", "currency": "usd", "amount": "1"}
    assert page.post("/budgets/new/", {**good, **form}).status_code == 422
    assert page.post("/budgets/new/", {**good, "place": f"user:{eve.pk}"}).status_code == 422
    assert not Budget.objects.exists()
    assert page.post("/budgets/new/", good).status_code == 302


def test_two_who_edit_at_once_both_see_what_the_other_wrote(root: User, bob: User) -> None:
    budget, page = limit(bob), signed_in(root)
    first = {"amount": "3", "revision": budget.revision}
    assert page.post(f"/budgets/{budget.pk}/edit/", first).status_code == 302
    late = page.post(
        f"/budgets/{budget.pk}/edit/", {"amount": "7", "note": "mine", "revision": budget.revision}
    )
    html = late.content.decode()
    assert late.status_code == 409
    assert "$3.00" in html
    assert "7 – mine" in html
    budget.refresh_from_db()
    assert budget.limit_nano == 3 * NANO
    again = {"amount": "7", "revision": budget.revision}
    assert page.post(f"/budgets/{budget.pk}/edit/", again).status_code == 302


def test_a_removed_budget_binds_and_shows_nothing_and_can_come_back(root: User, bob: User) -> None:
    budget, page = limit(bob), signed_in(root)
    assert page.post(f"/budgets/{budget.pk}/remove/").status_code == 302
    assert page.get(f"/budgets/{budget.pk}/").status_code == 404
    assert "bob per day" not in page.get("/budgets/").content.decode()
    limit(bob)
    assert "bob per day" in page.get("/budgets/").content.decode()


def test_an_alert_is_shown_and_more_is_granted_from_it(root: User, bob: User) -> None:
    budget, page = limit(bob), signed_in(root)
    [first] = spend(budget, NANO * 13 // 10)
    html = page.get("/budgets/").content.decode()
    assert "60 % of the daily budget of bob are spent: $1.30 of $2.00" in html
    assert "60 % of the daily budget" in page.get("/").content.decode()
    form = {"amount": "5", "how": "once", "alert": first.pk}
    assert page.post(f"/budgets/{budget.pk}/grant/", form).status_code == 302
    first.refresh_from_db()
    assert (first.acknowledged_by, Grant.objects.get().amount_nano) == (root, 5 * NANO)
    assert "60 % of the daily" not in page.get("/budgets/").content.decode()
    good = {"amount": "1", "how": "good"}
    page.post(f"/budgets/{budget.pk}/grant/", good)
    budget.refresh_from_db()
    assert budget.limit_nano == 3 * NANO
    period = BudgetPeriod.objects.get()
    assert (period.limit_nano, period.granted_nano) == (3 * NANO, 5 * NANO)


def test_members_lend_and_give_back(member: Client, ada: User, bob: User) -> None:
    mine, theirs = limit(ada), limit(bob)
    form = {"to": theirs.pk, "amount": "0.50", "note": "for the demo"}
    assert member.post(f"/budgets/{mine.pk}/lend/", form).status_code == 302
    loan = Loan.objects.get()
    assert "for the demo" in member.get("/budgets/").content.decode()
    too_much = {**form, "amount": "1.60"}
    assert member.post(f"/budgets/{mine.pk}/lend/", too_much).status_code == 422
    assert member.post(f"/budgets/loans/{loan.pk}/return/", {"amount": "0.5"}).status_code == 403
    theirs_page = signed_in(bob)
    back = theirs_page.post(f"/budgets/loans/{loan.pk}/return/", {"amount": "0.5"})
    assert back.status_code == 302
    loan.refresh_from_db()
    assert loan.open_nano == 0


DEEDS = ("edit", "remove", "grant", "lend")


def test_strangers_find_nothing_and_change_nothing(
    stranger: Client, root: User, ada: User, bob: User, member: Client
) -> None:
    budget = limit(ada)
    loan_to = limit(bob)
    member.post(f"/budgets/{budget.pk}/lend/", {"to": loan_to.pk, "amount": "0.1"})
    [alert] = spend(budget, 2 * NANO)[-1:]
    channel = AlertChannel.objects.create(user=ada, kind="slack", sealed="x", shown="secret.test")
    assert stranger.get(f"/budgets/{budget.pk}/").status_code == 404
    for deed in DEEDS:
        assert stranger.post(f"/budgets/{budget.pk}/{deed}/", {"amount": "1"}).status_code == 404
    others = (
        f"/budgets/alerts/{alert.pk}/acknowledge/",
        f"/budgets/loans/{Loan.objects.get().pk}/return/",
        f"/budgets/channels/{channel.pk}/remove/",
        f"/budgets/channels/{channel.pk}/try/",
    )
    for address in others:
        assert stranger.post(address, {"amount": "1"}).status_code == 404
    assert stranger.post("/budgets/zones/", {}).status_code == 403
    html = stranger.get("/budgets/").content.decode()
    assert "ada" not in html.replace("data", "")
    assert "secret.test" not in html
    budget.refresh_from_db()
    assert budget.limit_nano == 2 * NANO


def test_a_viewer_sees_and_changes_nothing(ada: User, team: Team, bob: User) -> None:
    Membership.objects.create(user=ada, team=team, role="viewer")
    mine, theirs = limit(ada), limit(bob)
    shared = budgets.set_limit("team", str(team.pk), "day", 9 * NANO)
    viewer = signed_in(ada)
    html = viewer.get("/budgets/").content.decode()
    assert "Acme per day" in html
    assert "New budget" not in html
    for budget in (mine, shared):
        assert viewer.get(f"/budgets/{budget.pk}/").status_code == 200
        for deed in DEEDS:
            form = {"amount": "1", "revision": budget.revision, "to": theirs.pk}
            assert viewer.post(f"/budgets/{budget.pk}/{deed}/", form).status_code == 403
    assert viewer.get(f"/budgets/{theirs.pk}/").status_code == 404
    [alert] = spend(mine, 2 * NANO)[-1:]
    assert viewer.post(f"/budgets/alerts/{alert.pk}/acknowledge/").status_code == 403
    assert viewer.post("/budgets/new/", {}).status_code == 403
    assert viewer.post("/budgets/channels/", {"kind": "slack"}).status_code == 403
    assert not Loan.objects.exists()


def test_zones_are_changed_together_or_not_at_all(root: User, page: Client) -> None:
    good = dict(zip((*zones.BOUNDS, *zones.CAPS), (20, 50, 90, 5, 4, 2, 1), strict=True))
    assert page.post("/budgets/zones/", good).status_code == 403
    admin = signed_in(root)
    assert admin.post("/budgets/zones/", good).status_code == 302
    table = zones.table()
    assert (table.green_below, table.yellow_below, table.orange_below) == (20, 50, 90)
    assert table.caps == (5, 4, 2, 1)
    for name, value in (("zone_green_below", "60"), ("zone_red_gears", "3"), ("zone_red_gears", ""),
                        ("zone_orange_below", "101"), ("zone_green_gears", "6"),
                        ("zone_yellow_below", "-1"), ("zone_yellow_below", "NaN")):  # fmt: skip
        refused = admin.post("/budgets/zones/", {**good, name: value})
        assert refused.status_code == 422, (name, value)
    assert zones.table() == table


def test_names_and_notes_never_become_html(root: User, team: Team) -> None:
    team.name = f"x {ATTACK}"
    team.save()
    page = signed_in(root)
    page.post(
        "/budgets/new/",
        {"place": f"team:{team.pk}", "period": "day", "amount": "1", "note": f"{ATTACK}\r\nx"},
    )
    budget = Budget.objects.get()
    for address in ("/budgets/", f"/budgets/{budget.pk}/"):
        assert ATTACK not in page.get(address).content.decode()
    assert "\n" not in BudgetChange.objects.get().note
