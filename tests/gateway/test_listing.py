"""The names that a caller may use, in both forms, and who has which name."""

import pytest

from orchestrator.gateway import names
from orchestrator.gateway.names import Named
from orchestrator.models import DefaultProfile, Gear, Profile, Provider, User
from orchestrator.routing.types import FREE, GearSpec, Pattern
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, chat
from tests.gateway.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
GEARS = tuple(
    GearSpec(name, 1, provider, model_id, FREE, 8_000, 1_000)
    for name, provider, model_id in (
        ("fast", "a", "m-1"),
        ("good", "a", "m-2"),
        ("same", "b", "m-2"),
    )
)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("clutch-auto", Named()),
        ("claude-auto", Named()),
        ("claude-auto[1m]", Named()),
        ("clutch-auto:premium", Named(policy="premium")),
        ("clutch-auto:30", Named(policy="30")),
        ("clutch-team", Named(pattern=Pattern.TEAM)),
        ("clutch-cascade:budget", Named(policy="budget", pattern=Pattern.CASCADE)),
        ("fast", Named(gear="fast")),
        ("a/m-2", Named(gear="good")),
        ("b/m-2", Named(gear="same")),
        ("m-1", Named(gear="fast")),
        ("m-2", None),
        ("c/m-2", None),
        ("clutch-auto:dear", None),
        ("clutch-single", None),
        ("FAST", None),
        ("", None),
    ],
)
def test_a_name_says_what_is_fixed(name: str, named: Named | None) -> None:
    assert names.resolve(name, GEARS) == named


async def ids(api: Api, **headers: str) -> list[str]:
    return [model["id"] for model in (await api.get("/v1/models", **headers)).json()["data"]]


async def test_the_list_has_openais_form(api: Api) -> None:
    document = (await api.get("/v1/models")).json()
    assert document["object"] == "list"
    found = {model["id"]: model for model in document["data"]}
    assert {"clutch-auto", "claude-auto", "clutch-auto:budget", "clutch-swarm"} <= set(found)
    assert found["demo-1"]["owned_by"] == "demo"
    assert found["demo-1"]["object"] == "model"
    assert isinstance(found["demo-1"]["created"], int)
    assert len(found) == len(document["data"])


async def test_anthropics_clients_get_their_own_form(api: Api) -> None:
    document = (await api.get("/v1/models", anthropic_version="2023-06-01")).json()
    assert document["has_more"] is False
    assert document["first_id"] == document["data"][0]["id"] == "clutch-auto"
    assert {model["type"] for model in document["data"]} == {"model"}
    assert [model["id"] for model in document["data"]] == await ids(api)


@pytest.mark.parametrize("name", ["clutch-auto", "clutch-team", "demo-2", "demo/demo-2"])
async def test_one_model_is_found_by_each_of_its_names(api: Api, name: str) -> None:
    reply = await api.get(f"/v1/models/{name}")
    assert (reply.status, reply.json()["id"]) == (200, name)


async def test_a_model_that_is_not_there_is_told_with_the_nearest(api: Api) -> None:
    reply = await api.get("/v1/models/demo-9")
    assert (reply.status, reply.error["code"]) == (404, "model_not_found")
    assert "demo-5" in reply.error["message"]
    other = await api.get("/v1/models/demo-9", anthropic_version="2023-06-01")
    assert other.error["type"] == "not_found_error"


async def test_what_has_no_key_or_is_for_the_terminal_alone_is_not_listed(api: Api) -> None:
    closed = await in_thread(
        lambda: list(
            Gear.objects.filter(provider__in=Provider.objects.exclude(kind="demo")).values_list(
                "name", flat=True
            )
        )
    )
    assert closed
    assert not set(closed) & set(await ids(api))
    assert (await api.get(f"/v1/models/{closed[0]}")).status == 404


async def test_a_profile_closes_gears_and_patterns_for_its_owner_alone(api: Api) -> None:
    def restrict() -> Api:
        eve = User.objects.create_user("eve")
        profile = Profile.objects.create(
            name="small", user=eve, allowed_gears=["demo-1"], allowed_patterns=["single", "team"]
        )
        DefaultProfile.objects.create(user=eve, profile=profile)
        return client_of(eve)

    eve = await in_thread(restrict)
    assert {"demo-2", "clutch-swarm"} <= set(await ids(api))
    assert set(await ids(eve)) & {"demo-1", "demo-2", "clutch-swarm", "clutch-team"} == {
        "demo-1",
        "clutch-team",
    }
    assert (await eve.get("/v1/models/demo/demo-2")).status == 404
    refused = await eve.post("/v1/chat/completions", chat("Hello", "demo/demo-2"))
    assert (refused.status, refused.error["type"]) == (403, "permission_error")
    assert "demo-2" in refused.error["message"]
