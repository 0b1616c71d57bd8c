"""Signing in through a provider that really signs; forged and foreign answers sign nobody in."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from joserfc.jwk import RSAKey
from pytest_django import Settings

from orchestrator.models import ExternalIdentity, User
from orchestrator.services.people import accounts, invitations
from orchestrator.services.people.invitations import Wish
from tests.services.people.crew import Crew, role_of
from tests.web.people.provider import CLIENT_ID, CLIENT_SECRET, Provider, provider

from .conftest import Browser

ADA = {"sub": "ada-1", "preferred_username": "ada", "name": "Ada L.", "email": "ada@example.com"}


@pytest.fixture
def idp(settings: Settings) -> Iterator[Provider]:
    with provider() as served:
        settings.OIDC_ISSUER = served.url
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.OIDC_NAME = "Example Login"
        settings.OIDC_DOMAINS = ["example.com"]
        served.claims = {**ADA, "email_verified": True}
        yield served


def go(client: Client, idp: Provider, query: str = "") -> HttpResponse:
    """To the provider and back, as a browser would."""
    away = client.get(f"/sign-in/provider/{query}")
    assert away.status_code == 302, away.content
    sent = parse_qs(urlsplit(away.headers["Location"]).query)
    idp.nonce = sent["nonce"][0]
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["redirect_uri"] == ["http://testserver/sign-in/provider/back/"]
    return client.get("/sign-in/provider/back/", {"code": "abc", "state": sent["state"][0]})


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_it_is_not_there_unless_it_is_set_up(db: None) -> None:
    assert Client().get("/sign-in/provider/").status_code == 404
    assert Client().get("/sign-in/provider/back/").status_code == 404
    assert b"provider" not in Client().get("/sign-in/").content


def test_somebody_of_a_named_domain_gets_an_account_and_comes_back_to_it(idp: Provider) -> None:
    client = Client()
    assert b"Sign in with Example Login" in client.get("/sign-in/").content
    answer = go(client, idp, "?next=/trips/")
    assert answer.headers["Location"] == "/trips/"
    assert is_in(client)
    made = User.objects.get(username="ada")
    assert (made.first_name, made.email, made.is_staff) == ("Ada L.", "ada@example.com", False)
    assert not made.has_usable_password()
    assert idp.asked[0]["code_verifier"]
    again = Client()
    go(again, idp)
    assert is_in(again)
    assert User.objects.filter(username__startswith="ada").count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "ada@example.com.evil.example"},
        {"email": "example.com"},
        {"email": None},
    ],
    ids=str,
)
def test_others_need_an_invitation(idp: Provider, claims: dict[str, object]) -> None:
    idp.claims |= claims
    client = Client()
    answer = go(client, idp)
    assert answer.status_code == 403
    assert b"no account here for you yet" in answer.content
    assert not is_in(client)
    assert not ExternalIdentity.objects.exists()


def test_an_address_alone_never_signs_into_an_account(idp: Provider) -> None:
    victim = accounts.create("victim", None, email="ada@example.com")
    client = Client()
    go(client, idp)
    assert not ExternalIdentity.objects.filter(user=victim).exists()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"sub": None},
        {"sub": ""},
    ],
    ids=str,
)
def test_an_answer_that_is_not_for_us_signs_nobody_in(
    idp: Provider, claims: dict[str, object]
) -> None:
    idp.claims |= claims
    client = Client()
    away = client.get("/sign-in/provider/")
    sent = parse_qs(urlsplit(away.headers["Location"]).query)
    idp.nonce = sent["nonce"][0]
    answer = client.get("/sign-in/provider/back/", {"code": "abc", "state": sent["state"][0]})
    assert answer.status_code in (403, 502)
    assert not is_in(client)
    assert not User.objects.filter(username="ada").exists()


def test_a_forged_signature_signs_nobody_in(idp: Provider) -> None:
    idp.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    client = Client()
    assert go(client, idp).status_code == 502
    assert not is_in(client)


def test_an_answer_nobody_asked_for_is_refused(idp: Provider) -> None:
    client = Client()
    client.get("/sign-in/provider/")
    forged = client.get("/sign-in/provider/back/", {"code": "abc", "state": "made-up"})
    assert forged.status_code == 502
    other = Client().get("/sign-in/provider/back/", {"code": "abc"})
    assert other.status_code == 502
    refused = client.get("/sign-in/provider/back/", {"error": "access_denied"})
    assert refused.status_code == 502
    assert not is_in(client)


def test_a_provider_that_is_away_leaves_the_other_ways_in(
    idp: Provider, settings: Settings
) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = Client().get("/sign-in/provider/")
    assert answer.status_code == 502
    assert b"sign in otherwise" in answer.content


def test_an_invitation_is_accepted_through_the_provider(idp: Provider, crew: Crew) -> None:
    idp.claims |= {"email": "someone@elsewhere.example"}
    made = invitations.make(crew.team, "owner", crew.owner, Wish("viewer"), "http://x")
    token = made.url.split("/")[-2]
    client = Client()
    assert b"Join with Example Login" in client.get(f"/join/{token}/").content
    go(client, idp, f"?invitation={token}")
    assert role_of(crew.team, User.objects.get(username="ada")) == "viewer"
    assert is_in(client)


def test_who_is_signed_in_connects_the_two(idp: Provider, crew: Crew, browser: Browser) -> None:
    client = browser("member")
    go(client, idp, "?next=/account/")
    assert ExternalIdentity.objects.get().user == crew.member
    assert b"Connected since" in client.get("/account/").content
    another = browser("admin")
    assert go(another, idp).status_code == 403
    assert ExternalIdentity.objects.get().user == crew.member
    pk = ExternalIdentity.objects.get().pk
    assert another.post(f"/account/identities/{pk}/remove/").status_code == 404
    assert client.post(f"/account/identities/{pk}/remove/").status_code == 404
    crew.member.set_password("correct horse battery")
    crew.member.save()
    client.force_login(crew.member)
    assert client.post(f"/account/identities/{pk}/remove/").status_code == 302
    assert not ExternalIdentity.objects.exists()


def test_a_leaver_does_not_come_back_through_the_provider(idp: Provider) -> None:
    go(Client(), idp)
    accounts.deactivate(User.objects.get(username="ada"))
    client = Client()
    assert go(client, idp).status_code == 403
    assert not is_in(client)


def test_a_name_that_is_taken_gets_a_number(idp: Provider) -> None:
    accounts.create("ada", None)
    go(Client(), idp)
    assert ExternalIdentity.objects.get().user.username == "ada2"


@pytest.mark.parametrize("name", ["<script>", "a\r\nb", "x" * 500, "", "\u202eada"])
def test_strange_names_become_plain_ones(idp: Provider, name: str) -> None:
    idp.claims |= {"preferred_username": name, "name": name}
    client = Client()
    go(client, idp)
    made = ExternalIdentity.objects.get().user
    assert made.username.isascii() or made.username.isalnum()
    assert len(made.username) <= 150
