"""Alerts of budgets: once for each share and period, to whoever sees the budget, delivered once."""

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from orchestrator.models import (
    AlertChannel,
    AlertDelivery,
    Budget,
    BudgetAlert,
    BudgetPeriod,
    Membership,
    Team,
    User,
)
from orchestrator.services.alerts import budgets as budget_alerts
from orchestrator.services.alerts import channels, deliveries, outbound
from orchestrator.services.alerts.channels import ChannelRefused
from orchestrator.services.money import accounts, budgets
from tests.services.drivers import make_driver

pytestmark = pytest.mark.django_db


class Listener:
    """A real server on loopback that keeps what it was sent and answers as it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.status = 204
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((self.path, json.loads(body)))
                self.send_response(listener.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def listener(settings: Settings) -> Iterator[Listener]:
    made = Listener()
    settings.OUTBOUND_ALLOWED = frozenset({made.address})
    thread = Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def ada() -> User:
    return make_driver("ada")


@pytest.fixture
def budget(ada: User) -> Budget:
    return budgets.set_limit("user", str(ada.pk), "day", 100)


def spend(budget: Budget, nano: int) -> list[int]:
    accounts.open_periods([budget.pk], timezone.now())
    found = BudgetPeriod.objects.filter(budget=budget)
    found.update(spent_nano=nano)
    return [alert.percent for alert in budget_alerts.fire(found)]


def test_each_share_fires_once_in_a_period(budget: Budget) -> None:
    fired = [spend(budget, nano) for nano in (59, 60, 61, 79, 80, 94, 95, 100, 120, 60)]
    assert fired == [[], [60], [], [], [80], [], [95], [], [], []]
    assert BudgetAlert.objects.count() == 3


def test_a_jump_tells_the_highest_only_and_keeps_all(ada: User, budget: Budget) -> None:
    channel = AlertChannel.objects.create(user=ada, kind="webhook", sealed="x", shown="x")
    assert spend(budget, 97) == [60, 80, 95]
    assert [each.percent for each in budget_alerts.open_for(ada)] == [95]
    assert [(each.alert.percent, each.channel) for each in AlertDelivery.objects.all()] == [
        (95, channel)
    ]


def test_what_is_only_held_fires_nothing(budget: Budget) -> None:
    accounts.open_periods([budget.pk], timezone.now())
    BudgetPeriod.objects.update(reserved_nano=99)
    budget_alerts.sweep()
    assert not BudgetAlert.objects.exists()


def test_a_grant_counts_and_no_limit_never_fires(ada: User, budget: Budget) -> None:
    accounts.open_periods([budget.pk], timezone.now())
    budgets.grant(budget, 100, "", ada)
    assert spend(budget, 119) == []
    assert spend(budget, 120) == [60]
    free = budgets.set_limit("user", "999", "day", None)
    assert spend(free, 10**9) == []


def test_the_next_period_fires_again(budget: Budget) -> None:
    assert spend(budget, 60) == [60]
    BudgetPeriod.objects.update(key="yesterday", refills_at=timezone.now() - timedelta(hours=1))
    assert spend(budget, 60) == [60]


def test_those_who_see_the_budget_are_told_and_nobody_else(ada: User, budget: Budget) -> None:
    team = Team.objects.create(name="Acme")
    boss, eve = make_driver("boss"), make_driver("eve")
    Membership.objects.create(user=ada, team=team)
    Membership.objects.create(user=boss, team=team, role="admin")
    for user in (ada, boss, eve):
        AlertChannel.objects.create(user=user, kind="webhook", sealed="x", shown="x")
    spend(budget, 60)
    told = {each.channel.user.username for each in AlertDelivery.objects.all()}
    assert told == {"ada", "boss"}
    assert not budget_alerts.visible(eve).exists()


def test_a_webhook_gets_the_alert_once(ada: User, budget: Budget, listener: Listener) -> None:
    for kind in ("webhook", "slack", "discord"):
        channels.add(ada, kind, f"http://{listener.address}/hook/{kind}?key=1")
    spend(budget, 80)
    assert deliveries.send_due() == 3
    assert deliveries.send_due() == 0
    heard = dict(listener.heard)
    text = heard["/hook/webhook?key=1"]["text"]
    assert text.startswith("80 % of the daily budget of ada are spent")
    assert heard["/hook/webhook?key=1"]["spent_nano"] == 80
    assert heard["/hook/slack?key=1"] == {"text": text, "mrkdwn": False}
    assert heard["/hook/discord?key=1"]["allowed_mentions"] == {"parse": []}
    assert set(AlertDelivery.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_was_not_taken_is_tried_later_and_given_up_in_the_end(
    ada: User, budget: Budget, listener: Listener, status: int
) -> None:
    listener.status = status
    channels.add(ada, "webhook", f"http://{listener.address}/")
    spend(budget, 60)
    for _ in range(len(deliveries.WAITS) + 1):
        AlertDelivery.objects.update(due_at=timezone.now())
        deliveries.send_due()
    last = AlertDelivery.objects.get()
    assert (last.state, last.attempts) == ("failed", len(deliveries.WAITS) + 1)
    assert str(status) in last.error
    assert len(listener.heard) == last.attempts


def test_mail_is_sent_where_a_server_is_set_up(
    ada: User, budget: Budget, settings: Settings
) -> None:
    with pytest.raises(ChannelRefused, match="No mail server"):
        channels.add(ada, "email", "ada@example.org")
    settings.EMAIL_HOST = "mail.test"
    channels.add(ada, "email", "ada@example.org")
    spend(budget, 60)
    assert deliveries.send_due() == 1
    assert mail.outbox[0].to == ["ada@example.org"]
    assert "60 %" in mail.outbox[0].body


def test_addresses_are_kept_sealed(ada: User, settings: Settings) -> None:
    made = channels.add(ada, "slack", "https://hooks.slack.com/services/T0/B0/secret")
    assert "secret" not in made.sealed + made.shown
    assert channels.address_of(made).endswith("/secret")
    settings.SECRET_KEY = "another"
    with pytest.raises(ChannelRefused, match="another secret key"):
        channels.address_of(made)


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/hook",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://name:password@example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://",
        "https://example.org:99999/",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: x",
        "ftp://example.org",
        "",
        "https://example.org/" + "x" * 3000,
    ],
)
def test_addresses_that_lead_inside_or_nowhere_are_refused(ada: User, address: str) -> None:
    with pytest.raises(ChannelRefused):
        channels.add(ada, "webhook", address)


def test_a_name_that_leads_inside_is_found_out_when_it_is_called() -> None:
    with pytest.raises(outbound.AddressRefused, match="private network"):
        outbound.post("https://localhost:1/", {})


def test_slack_and_discord_take_their_own_addresses_only(ada: User) -> None:
    for kind in ("slack", "discord"):
        with pytest.raises(ChannelRefused, match="webhook begins with"):
            channels.add(ada, kind, "https://example.org/hook")
