"""The report page: figures, charts, drill-down, files; each for those who may see it alone."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import User
from orchestrator.services.people import tokens

from .conftest import Cast, drive

USD = "currency=usd"


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def get(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_team_owner_reads_figures_and_drills_down_to_a_receipt(people: Cast) -> None:
    theirs = drive(people.member, 2_000_000_000, team=people.team)
    drive(people.owner, team=people.team)
    owner = people.client(people.owner)
    page = get(owner, f"/reports/?{USD}")
    told = text_of(page)
    assert "Kernel" in told
    assert "Spend $3.00" in told
    assert "By Member" in told
    assert "Show as table" in told
    assert page.count('class="bar"') == timezone.now().day
    trips = get(owner, f"/reports/trips/?{USD}&member=member")
    assert "$2.00 in all" in trips
    assert "secret of" not in trips
    receipt = get(owner, reverse("report-receipt", args=[theirs.pk]))
    assert "$2.00" in receipt
    assert "secret" not in receipt


def test_others_see_neither_the_team_nor_its_trips(people: Cast) -> None:
    trip = drive(people.owner, team=people.team)
    for user in (people.member, people.stranger):
        client = people.client(user)
        for address in (
            f"/reports/?scope=team:{people.team.pk}",
            "/reports/?scope=all",
            f"/reports/trips/?scope=team:{people.team.pk}",
            f"/reports/export/trips.csv?scope=team:{people.team.pk}",
            f"/reports/data.json?scope=team:{people.team.pk}",
            reverse("report-receipt", args=[trip.pk]),
        ):
            get(client, address, 404)
        assert "$1.00" not in get(client, f"/reports/?{USD}")
        assert "Spend $0" in text_of(get(client, f"/reports/?{USD}&member=owner&scope=mine"))


def test_a_viewer_reads_sums_and_nothing_of_single_people(people: Cast) -> None:
    trip = drive(people.owner, team=people.team)
    viewer = people.client(people.viewer)
    page = get(viewer, f"/reports/?{USD}")
    assert "Spend $1.00" in text_of(page)
    assert "/reports/trips/" not in page
    assert "owner" not in page
    scope = f"scope=team:{people.team.pk}&{USD}"
    get(viewer, f"/reports/?{scope}&group=member", 422)
    get(viewer, f"/reports/trips/?{scope}", 404)
    get(viewer, f"/reports/export/trips.csv?{scope}", 422)
    get(viewer, reverse("report-receipt", args=[trip.pk]), 404)


def test_ones_own_trip_leads_to_its_page(people: Cast) -> None:
    trip = drive(people.member)
    member = people.client(people.member)
    assert "secret of member" in get(member, f"/reports/trips/?{USD}")
    answer = member.get(reverse("report-receipt", args=[trip.pk]))
    assert answer.headers["Location"] == reverse("trip", args=[trip.pk])


def test_the_words_of_a_text_are_not_in_the_receipt_of_others(people: Cast) -> None:
    road = {"title": "t", "task_type": "x", "confidence": 1, "method": "words"}
    signals = [{"name": "word", "value": "divorce", "weight": 1}]
    receipt = {"line": "x", "road": {**road, "signals": signals}, "candidates": []}
    trip = drive(people.member, team=people.team, receipt=receipt)
    page = get(people.client(people.owner), reverse("report-receipt", args=[trip.pk]))
    assert "Task type" in page
    assert "divorce" not in page


@pytest.mark.parametrize(
    "query", ["period=x", "from=9999-99-99", "group=x", "sort=-user__password", "gear=%00"]
)
def test_a_question_that_makes_no_sense_is_answered_with_the_form(people: Cast, query: str) -> None:
    client = people.client(people.owner)
    page = get(client, f"/reports/?{query}", 422)
    assert 'role="alert"' in page
    assert 'name="period"' in page
    assert "error" in client.get(f"/reports/data.json?{query}").json()
    get(client, f"/reports/export/groups.csv?{query}", 422)


def test_drilled_trips_page_through_everything_once(people: Cast) -> None:
    for number in range(53):
        drive(people.owner, team=people.team, headline=f"task {number:03}")
    client, url, seen = people.client(people.owner), f"/reports/trips/?{USD}", []
    while url:
        page = get(client, url)
        seen += re.findall(r"task \d{3}", page)
        older = re.search(r'href="([^"]*)" rel="next"', page)
        url = f"/reports/trips/{older[1].replace('&amp;', '&')}" if older else ""
    assert sorted(seen) == [f"task {number:03}" for number in range(53)]
    drive(people.stranger)
    foreign = drive(people.stranger)
    assert "task 052" in get(client, f"/reports/trips/?{USD}&before={foreign.pk}")


async def pieces_of(user: User, address: str) -> tuple[str, bytes]:
    client = AsyncClient()
    await client.aforce_login(user)
    answer = await client.get(address)
    assert answer.streaming
    data = b"".join([piece async for piece in answer.streaming_content])
    return answer.headers["Content-Disposition"], data


async def test_files_stream_and_have_names(transactional_db: None, people: Cast) -> None:
    await sync_to_async(drive)(people.owner, team=people.team)
    for what in ("groups", "days", "trips"):
        for ending, begin in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            address = f"/reports/export/{what}.{ending}?{USD}"
            name, data = await pieces_of(people.owner, address)
            assert f".{ending}" in name
            assert data.startswith(begin)


def test_only_what_there_is_can_be_exported(people: Cast) -> None:
    client = people.client(people.owner)
    get(client, "/reports/export/passwords.csv", 404)
    get(client, "/reports/export/trips.exe", 404)


def test_programs_read_with_a_token_that_may(people: Cast) -> None:
    drive(people.owner, team=people.team)
    address = f"/reports/data.json?{USD}"
    for scopes, status in ((["trips"], 200), (["call"], 401)):
        value = tokens.create(people.owner, "t", scopes=scopes).value
        answer = Client().get(address, headers={"Authorization": f"Bearer {value}"})
        assert answer.status_code == status
    assert Client().get(address).status_code == 401
    figures = people.client(people.owner).get(address).json()
    assert figures["totals"]["cost_nano"] == 1_000_000_000


def test_names_are_text_and_never_html(people: Cast) -> None:
    drive(people.owner, team=people.team, gear="<b>x</b>", road="<i>y</i>")
    client = people.client(people.owner)
    for address in (f"/reports/?{USD}&group=gear", f"/reports/trips/?{USD}"):
        page = get(client, address)
        assert "<b>x" not in page
        assert "&lt;b&gt;x" in page


def test_more_trips_and_people_do_not_mean_more_queries(
    people: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = people.client(people.owner)
    drive(people.owner, team=people.team)
    get(client, f"/reports/?{USD}")
    with django_assert_max_num_queries(32):
        get(client, f"/reports/?{USD}")
    for number in range(10):
        drive(User.objects.create_user(f"more {number}"), team=people.team)
    get(client, f"/reports/?{USD}")
    with django_assert_max_num_queries(32):
        get(client, f"/reports/?{USD}")


def test_the_form_shows_what_was_asked(people: Cast) -> None:
    client = people.client(people.owner)
    for query, period in (("", "month"), ("period=7d", "7d"), ("period=7d&group=x", "7d")):
        page = client.get(f"/reports/?{query}").content.decode()
        assert f'<option value="{period}" selected>' in page
    assert '<option value="member" selected>Member' in get(client, "/reports/")
