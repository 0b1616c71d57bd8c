"""Keys tried over a real wire, and what a person is told."""

import json

import pytest

from orchestrator.models import Provider
from orchestrator.services.database import in_thread
from orchestrator.services.setup import key_tests, seeds
from orchestrator.services.setup.key_tests import Verdict
from tests.providers.recorded import Reply, Request, serve
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "MOONSHOT_API_KEY")
REJECTED = Reply(b'{"error": {"message": "Incorrect API key"}}', status=401)
MODELS = Reply(json.dumps({"data": [{"id": "m"}]}).encode())


def point_at(url: str) -> None:
    seeds.ensure_defaults()
    for name in ("openai", "deepseek", "kimi", "perplexity"):
        Provider.objects.filter(name=name).update(base_url=f"{url}/{name}")


async def tried(replies: dict[str, Reply], *names: str) -> tuple[str, Verdict, list[str]]:
    def answer(request: Request) -> Reply:
        return replies.get(request.path.split("/")[1], REJECTED)

    async with serve(answer) as wire:
        await in_thread(point_at, wire.url)
        name, verdict = await key_tests.try_each(names, "sk-0123456789")
        return name, verdict, [request.path for request in wire.requests]


async def test_no_further_provider_is_shown_a_key_that_works() -> None:
    name, verdict, asked = await tried({"deepseek": MODELS}, *NAMES)
    assert (name, verdict.is_good) == ("DEEPSEEK_API_KEY", True)
    assert asked == ["/openai/models", "/deepseek/models"]


async def test_a_key_without_credit_is_still_somebodys() -> None:
    broke = Reply(b'{"error": {"message": "Insufficient Balance"}}', status=402)
    name, verdict, asked = await tried({"deepseek": broke}, *NAMES)
    assert (name, verdict.is_good) == ("DEEPSEEK_API_KEY", False)
    assert "no credit" in verdict.message
    assert len(asked) == 2


async def test_a_key_that_nobody_takes_is_said_with_all_their_answers() -> None:
    name, verdict, asked = await tried({}, *NAMES)
    assert (name, verdict.is_good, len(asked)) == ("", False, 3)
    assert all(each in verdict.details for each in NAMES)


async def test_without_a_network_nobody_is_said_to_have_refused_the_key() -> None:
    await in_thread(point_at, f"http://127.0.0.1:{free_port()}")
    _, verdict = await key_tests.try_each(NAMES, "sk-0123456789")
    assert "None of them could be reached" in verdict.message


async def test_a_single_provider_answers_for_itself() -> None:
    name, verdict, asked = await tried({}, "OPENAI_API_KEY")
    assert (name, len(asked)) == ("OPENAI_API_KEY", 1)
    assert verdict.message.startswith("The key was rejected.")


async def test_perplexity_is_asked_for_earlier_requests_and_never_for_an_answer() -> None:
    nothing = Reply(b'{"requests": []}')
    name, verdict, asked = await tried({"perplexity": nothing}, "PERPLEXITY_API_KEY")
    assert (name, verdict.is_good) == ("PERPLEXITY_API_KEY", True)
    assert asked == ["/perplexity/v1/async/sonar"]
