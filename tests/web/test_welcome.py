"""Adding a key on the page: whose it is, where it may be shown, what is kept."""

import json
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import AsyncClient
from pytest_django import Settings

from orchestrator.models import Provider, User
from orchestrator.services.database import in_thread
from orchestrator.services.setup import seeds, vault
from tests.providers.recorded import Reply, Request, Wire, serve

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "sk-0123456789abcdef"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> None:
    settings.CLUTCH_HOME = tmp_path


def deepseek_only(request: Request) -> Reply:
    if request.path.startswith("/deepseek"):
        return Reply(json.dumps({"data": []}).encode())
    return Reply(b"{}", status=401)


def point_at(url: str) -> None:
    seeds.ensure_defaults()
    for name in ("openai", "deepseek", "kimi"):
        Provider.objects.filter(name=name).update(base_url=f"{url}/{name}")


async def added(user: User, wire: Wire, headers: dict[str, str], **fields: str) -> str:
    await in_thread(point_at, wire.url)
    client = AsyncClient()
    await client.aforce_login(user)
    answer: HttpResponse = await client.post(
        "/setup/keys/", {"key": KEY, **fields}, headers=headers
    )
    return answer.content.decode()


async def test_a_key_that_can_be_of_several_is_shown_to_nobody_unasked(root: User) -> None:
    async with serve(deepseek_only) as wire:
        text = await added(root, wire, HTMX)
        assert wire.requests == []
    assert "DEEPSEEK_API_KEY" in text
    assert f"It is then sent to {wire.url}." in text
    assert 'name="try_each"' in text
    assert vault.entries() == {}


async def test_with_consent_each_is_asked_and_the_key_kept_for_the_one_that_knows_it(
    root: User,
) -> None:
    async with serve(deepseek_only) as wire:
        text = await added(root, wire, HTMX, try_each="yes")
    assert "DEEPSEEK_API_KEY works and is kept" in text
    assert list(vault.entries()) == ["DEEPSEEK_API_KEY"]


async def test_a_chosen_provider_is_the_only_one_asked(root: User) -> None:
    async with serve(deepseek_only) as wire:
        text = await added(root, wire, HTMX, name="MOONSHOT_API_KEY")
        assert [request.path for request in wire.requests] == ["/kimi/models"]
    assert "The key was rejected" in text
    assert vault.entries() == {}


async def test_without_javascript_the_answer_is_a_page(root: User) -> None:
    async with serve(deepseek_only) as wire:
        text = await added(root, wire, {}, name="DEEPSEEK_API_KEY")
    assert "<h1>Set up</h1>" in text
    assert "DEEPSEEK_API_KEY works and is kept" in text


async def test_who_may_not_set_up_learns_it_and_no_key_is_tried(ada: User) -> None:
    async with serve(deepseek_only) as wire:
        text = await added(ada, wire, HTMX, try_each="yes")
        assert wire.requests == []
    assert "Only an administrator" in text
