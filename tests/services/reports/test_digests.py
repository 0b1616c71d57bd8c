"""The weekly digest: whose, when, what it says, and where it may be sent."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core import mail
from pytest_django import Settings

from orchestrator.models import ReportDigest, Team, User
from orchestrator.services.reports import digests, due, spikes, webhooks
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused
from orchestrator.services.reports.webhooks import WebhookRefused

from .conftest import MakeTrip

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)


class Receiver(BaseHTTPRequestHandler):
    status = 200

    def do_POST(self) -> None:
        self.server.got.append(  # type: ignore[attr-defined]
            (self.headers["Host"], self.rfile.read(int(self.headers["Content-Length"])))
        )
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.got = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_is_due_on_monday_morning() -> None:
    assert due.next_due(MONDAY - timedelta(seconds=1)) == MONDAY
    assert due.next_due(MONDAY) == MONDAY + timedelta(days=7)


def test_the_mail_tells_of_the_week_before(
    make_trip: MakeTrip, ada: User, team: Team, settings: Settings
) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    for number in range(7):
        make_trip(team=team, currency="usd", created_at=MONDAY - timedelta(days=13 - number))
    dear = ({"cost_nano": 2_000_000_000},)
    make_trip(team=team, created_at=MONDAY - timedelta(days=3), legs=dear, state="failed")
    digest = digests.subscribe(ada, f"team:{team.pk}", "email", "boss@example.org", MONDAY)
    ReportDigest.objects.update(due_at=MONDAY)
    text = digests.write(*digests.week(ada, f"team:{team.pk}", MONDAY))
    assert "Kernel, 16 Nov 2026 to 22 Nov 2026" in text
    assert "Friday: $2.00" in text
    assert "Failed 1, overruled by people 0" in text
    assert digests.send(digest.pk, MONDAY)
    (sent,) = mail.outbox
    assert sent.to == ["boss@example.org"]
    assert sent.subject == "Clutch Web: Kernel, week"
    digest.refresh_from_db()
    assert digest.due_at == MONDAY + timedelta(days=7)


def test_a_webhook_gets_text_and_figures(
    make_trip: MakeTrip, ada: User, receiver: ThreadingHTTPServer, settings: Settings
) -> None:
    settings.WEBHOOK_HOSTS = ["localhost"]
    address = f"http://localhost:{receiver.server_port}/hook?a=b"
    digest = digests.subscribe(ada, "mine", "webhook", address, MONDAY)
    assert digests.send(digest.pk, MONDAY)
    ((host, body),) = receiver.got  # type: ignore[attr-defined]
    assert host == f"localhost:{receiver.server_port}"
    assert json.loads(body)["report"]["scope"] == "mine"


def test_what_cannot_be_sent_is_tried_again_and_told(
    ada: User, receiver: ThreadingHTTPServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_HOSTS = ["localhost"]
    monkeypatch.setattr(Receiver, "status", 302)
    address = f"http://localhost:{receiver.server_port}/"
    digest = digests.subscribe(ada, "mine", "webhook", address, MONDAY)
    for failures in (1, 2, 3, 4, 0):
        assert not digests.send(digest.pk, MONDAY)
        digest.refresh_from_db()
        assert (digest.failures, digest.error) == (failures, "localhost answered with status 302.")
    assert digest.due_at == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:127.0.0.1", "ff02::1", "2002:7f00:1::", "::ffff:10.0.0.1",
    ],
)  # fmt: skip
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not webhooks.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_outer_addresses_are_public(address: str) -> None:
    assert webhooks.is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/x", "https://127.0.0.1/x", "https://[::1]/", "https://2130706433/",
        "https://0x7f.1/", "https://127.1/",
    ],
)  # fmt: skip
def test_a_webhook_never_reaches_into_the_own_network(address: str) -> None:
    with pytest.raises(WebhookRefused, match=r"private network|cannot be found"):
        webhooks.send(address, "text", {})


@pytest.mark.parametrize(
    "address",
    [
        "", "ftp://example.org/", "http://example.org/", "https://example.org:22/", "https:///x",
        "https://a:b@example.org/", "https://example.org/\r\nX: y", "https://example.org/ x",
        "https://example.org:99999/", "file:///etc/passwd", "https://" + "x" * 600,
    ],
)  # fmt: skip
def test_what_is_no_webhook_is_refused(ada: User, address: str) -> None:
    with pytest.raises(ReportRefused):
        digests.subscribe(ada, "mine", "webhook", address, MONDAY)


def test_a_digest_needs_a_scope_and_an_address(ada: User, team: Team) -> None:
    with pytest.raises(OutOfSight):
        digests.subscribe(ada, "team:999", "email", "a@example.org", MONDAY)
    for channel, address in (("email", "a\r\nBcc: b@example.org"), ("pigeon", "roof")):
        with pytest.raises(ReportRefused):
            digests.subscribe(ada, "mine", channel, address, MONDAY)
    digests.subscribe(ada, "mine", "email", "a@example.org", MONDAY)
    with pytest.raises(ReportRefused, match="already"):
        digests.subscribe(ada, "mine", "email", "a@example.org", MONDAY)


def test_a_digest_of_a_team_that_was_left_is_not_sent(ada: User, team: Team) -> None:
    digest = digests.subscribe(ada, f"team:{team.pk}", "email", "a@example.org", MONDAY)
    ada.memberships.all().delete()
    assert not digests.send(digest.pk, MONDAY)
    assert mail.outbox == []


def test_a_spike_is_twice_the_mean_of_the_seven_days_before() -> None:
    dollar = 1_000_000_000
    days = [(date(2026, 11, day), dollar) for day in range(1, 8)]
    assert spikes.find([*days, (date(2026, 11, 8), 2 * dollar - 1)]) == []
    (found,) = spikes.find([*days, (date(2026, 11, 8), 2 * dollar)])
    assert (found.day, found.times) == (date(2026, 11, 8), 2)
    assert spikes.find([(day, 0) for day, _ in days] + [(date(2026, 11, 8), 1)]) == []
