"""The administration: everything is there, records stay as they are, secrets stay hidden."""

import json
import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.admin.readonly import ReadOnlyAdmin
from orchestrator.models import (
    ApiToken,
    FleetVersion,
    Gear,
    LedgerEntry,
    Reservation,
    Trip,
    TripPayload,
    User,
)
from orchestrator.services.people import signin, tokens
from orchestrator.services.upkeep import startup

pytestmark = pytest.mark.django_db
MODELS = sorted(apps.get_app_config("orchestrator").get_models(), key=lambda model: model.__name__)
RECORDS = [model for model in MODELS if isinstance(admin.site._registry.get(model), ReadOnlyAdmin)]


@pytest.fixture
def owner() -> User:
    startup.prepare()
    return signin.ensure_owner()


@pytest.fixture
def client(owner: User) -> Client:
    made = Client()
    made.force_login(owner)
    return made


def list_of(model: type) -> str:
    return f"/admin/orchestrator/{model.__name__.lower()}/"


def new_trip(owner: User) -> Trip:
    now = timezone.now()
    trip = Trip.objects.create(
        user=owner, source="page", created_at=now, deadline_at=now, headline="<script>x</script>"
    )
    TripPayload.objects.create(trip=trip, request={}, answer="<script>x</script>")
    return trip


def test_every_model_can_be_looked_at() -> None:
    assert [model.__name__ for model in MODELS if model not in admin.site._registry] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_opens_and_can_be_searched(client: Client, model: type) -> None:
    assert client.get(list_of(model)).status_code == 200
    assert client.get(list_of(model), {"q": "' OR 1=1 --"}).status_code == 200


def test_money_and_trips_are_records() -> None:
    names = {model.__name__ for model in RECORDS}
    assert names >= {"Trip", "Leg", "TripEvent", "TripPayload", "LedgerEntry", "Reservation"}


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_a_record_is_neither_added_nor_deleted(client: Client, model: type) -> None:
    assert client.get(f"{list_of(model)}add/").status_code == 403
    assert client.post(f"{list_of(model)}1/delete/", {"post": "yes"}).status_code in (302, 403)
    assert b"delete_selected" not in client.get(list_of(model)).content


def test_a_trip_cannot_be_changed_and_its_text_is_never_html(client: Client, owner: User) -> None:
    trip = new_trip(owner)
    address = f"{list_of(Trip)}{trip.pk}/change/"
    for url in (address, list_of(Trip), f"{list_of(TripPayload)}{trip.pk}/change/"):
        html = client.get(url).content.decode()
        assert "<script>x" not in html
        assert "&lt;script&gt;x" in html
    assert client.post(address, {"state": "done"}).status_code == 403


def test_digests_are_not_shown(client: Client, owner: User) -> None:
    made = tokens.create(owner, "laptop")
    html = client.get(f"{list_of(ApiToken)}{made.token.pk}/change/").content.decode()
    assert made.token.public_id in html
    assert made.token.digest not in html


def test_an_administrator_revokes_tokens(client: Client, owner: User) -> None:
    made = tokens.create(owner, "laptop")
    form = {"action": "revoke", "_selected_action": [str(made.token.pk)]}
    client.post(list_of(ApiToken), form)
    assert tokens.find(made.value, timezone.now()) is None


def test_lists_ask_the_database_as_often_for_many_rows(
    client: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    new_trip(owner)
    client.get(list_of(Trip))
    with django_assert_num_queries(8):
        client.get(list_of(Trip))
    for _ in range(5):
        new_trip(owner)
    with django_assert_num_queries(8):
        client.get(list_of(Trip))


def test_pages_need_no_inline_script_or_style(client: Client, owner: User) -> None:
    trip = new_trip(owner)
    for url in (
        "/admin/",
        list_of(Trip),
        f"{list_of(Trip)}{trip.pk}/change/",
        f"{list_of(User)}add/",
    ):
        html = client.get(url).content.decode()
        assert not re.search(r"<script>|<script type=\"text/javascript\">|\son\w+=\"", html)


def test_only_staff_gets_in(db: None) -> None:
    made = Client()
    made.force_login(User.objects.create_user("ada"))
    for model in (Trip, LedgerEntry, Reservation):
        assert made.get(list_of(model), follow=True).status_code == 403


def test_a_gear_is_checked_here_too(client: Client) -> None:
    gear = Gear.objects.get(name="demo-1")
    address = f"{list_of(Gear)}{gear.pk}/change/"
    known = client.get(address).context["adminform"].form.initial
    form = {name: value for name, value in known.items() if value is not None}
    lists = {name: json.dumps(form[name]) for name in ("capabilities", "strengths", "reasoning")}
    form |= {**lists, "prices": json.dumps(form["prices"])}
    wrong = client.post(address, {**form, "capabilities": '["juggling"]'})
    assert "is no ability" in wrong.content.decode()
    unpriced = {**form, "price_source": "manual", "prices": "null"}
    assert "there are no prices" in client.post(address, unpriced).content.decode()
    assert client.post(address, {**form, "title": "New"}).status_code == 302
    assert Gear.objects.get(name="demo-1").title == "New"


def test_gears_in_use_are_retired_and_never_deleted(client: Client) -> None:
    used = Gear.objects.get(name="claude-haiku")
    assert client.post(f"{list_of(Gear)}{used.pk}/delete/", {"post": "yes"}).status_code == 403
    before = FleetVersion.current()
    picked = {"_selected_action": [str(used.pk)]}
    assert b"delete_selected" not in client.get(list_of(Gear)).content
    client.post(list_of(Gear), {**picked, "action": "retire"})
    client.post(list_of(Gear), {**picked, "action": "switch_off"})
    used.refresh_from_db()
    assert used.retired_at is not None
    assert not used.is_enabled
    assert FleetVersion.current() == before + 2


def test_the_administration_wears_the_products_colours(client: Client) -> None:
    html = client.get("/admin/").content.decode()
    for sheet in ("css/admin.css", "css/tokens.css", "js/theme.js"):
        assert sheet in html
    assert "dark_mode.css" not in html
