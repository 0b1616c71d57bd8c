"""Saved reports, shared links and digests: only their owner's, and a link shows only figures."""

import re

from django.test import Client
from django.urls import reverse

from orchestrator.models import ReportDigest, ReportShare, SavedReport

from .conftest import Cast, drive

QUERY = "currency=usd&group=road"


def shared_address(page: str) -> str:
    found = re.search(r"http://testserver(/reports/shared/[^<]+)", page)
    assert found
    return found[1]


def test_a_report_is_saved_and_opened_again(people: Cast) -> None:
    owner = people.client(people.owner)
    owner.post("/reports/save/", {"name": "Roads", "query": QUERY})
    page = owner.get("/reports/").content.decode()
    assert "Saved as “Roads”" in page
    saved = SavedReport.objects.get()
    assert "group=road" in saved.query
    stranger = people.client(people.stranger)
    assert "Roads" not in stranger.get("/reports/").content.decode()
    assert stranger.post(reverse("forget-report", args=[saved.pk])).status_code == 404
    assert owner.post(reverse("forget-report", args=[saved.pk])).status_code == 302
    assert not SavedReport.objects.exists()


def test_what_cannot_be_saved_is_said(people: Cast) -> None:
    owner = people.client(people.owner)
    for data in ({"name": "", "query": QUERY}, {"name": "x", "query": "period=x"}):
        answer = owner.post("/reports/save/", data, follow=True)
        assert "notice is-bad" in answer.content.decode()
    assert owner.post("/reports/save/", {"name": "x", "query": "scope=all"}).status_code == 404


def test_a_link_shows_figures_to_anybody_until_it_is_revoked(people: Cast) -> None:
    drive(people.member, team=people.team)
    owner = people.client(people.owner)
    made = owner.post("/reports/share/", {"name": "For all", "query": QUERY, "days": "7"})
    address = shared_address(made.content.decode())
    anybody = Client()
    page = anybody.get(address).content.decode()
    assert "For all" in page
    assert "$1.00" in page
    assert "<form" not in page
    assert not re.findall(r'href="(?!/static)[^"]*"', page)
    share = ReportShare.objects.get()
    stranger = people.client(people.stranger)
    assert stranger.post(reverse("revoke-share", args=[share.pk])).status_code == 404
    assert owner.post(reverse("revoke-share", args=[share.pk])).status_code == 302
    assert anybody.get(address).status_code == 404
    assert anybody.get("/reports/shared/guess/").status_code == 404


def test_a_link_needs_an_end(people: Cast) -> None:
    owner = people.client(people.owner)
    for days in ("", "0", "-1", "1e9", "NaN", "∞", "999999999"):
        answer = owner.post(
            "/reports/share/", {"name": "x", "query": QUERY, "days": days}, follow=True
        )
        assert "lasts 1 to 90 days" in answer.content.decode()
    assert not ReportShare.objects.exists()


def test_a_digest_is_ordered_and_stopped(people: Cast) -> None:
    owner, scope = people.client(people.owner), f"team:{people.team.pk}"
    data = {"scope": scope, "channel": "email", "address": "a@example.org"}
    assert people.client(people.stranger).post("/reports/digests/", data).status_code == 404
    owner.post("/reports/digests/", data)
    digest = ReportDigest.objects.get()
    assert "a@example.org" in owner.get("/reports/").content.decode()
    assert (
        people.client(people.member)
        .post(reverse("unsubscribe-digest", args=[digest.pk]))
        .status_code
        == 404
    )
    inner = {**data, "channel": "webhook", "address": "https://user:x@10.0.0.1/"}
    page = owner.post("/reports/digests/", inner, follow=True).content.decode()
    assert "without a name" in page
    owner.post(reverse("unsubscribe-digest", args=[digest.pk]))
    assert not ReportDigest.objects.exists()
