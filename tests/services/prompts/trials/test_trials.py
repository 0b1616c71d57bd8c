"""Test drives: priced first, driven cell by cell, kept and driven again on a new version."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from kombu import Connection

from clutchweb.celery import app
from orchestrator.models import Leg, Prompt, PromptTrial, Provider, Trip, User
from orchestrator.services.database import in_thread
from orchestrator.services.driving import drive, queues, requests, trips
from orchestrator.services.money import budgets
from orchestrator.services.people.identity import Caller
from orchestrator.services.prompts import library
from orchestrator.services.prompts.library import Draft
from orchestrator.services.prompts.trials import driving, grids, quotes
from orchestrator.services.prompts.trials.quotes import Quote, TrialRefused, Wanted

pytestmark = pytest.mark.django_db(transaction=True)
INPUTS = ({"name": "Ada"}, {"name": "Bob"})
GEARS = ("demo-1", "demo-3")


@pytest.fixture
def user(caller: Caller) -> User:
    return User.objects.get(pk=caller.user_id)


@pytest.fixture
def prompt(user: User) -> Prompt:
    return library.create(user, Draft("Greet", "Hello {{name}}"))


@pytest.fixture
def quote(caller: Caller, prompt: Prompt) -> Quote:
    assert prompt.live is not None
    return quotes.price(caller, Wanted(prompt.live, INPUTS, GEARS))


async def drive_all(trial: PromptTrial) -> None:
    for pk in await in_thread(lambda: list(trial.cells.values_list("trip_id", flat=True))):
        if pk is not None:
            assert [event async for event in drive.drive(pk, "test:here")]


def test_a_price_stores_and_sends_nothing(quote: Quote) -> None:
    assert [(cell.row, cell.gear) for cell in quote.cells] == [
        (0, "demo-1"),
        (0, "demo-3"),
        (1, "demo-1"),
        (1, "demo-3"),
    ]
    assert quote.totals == {"demo": sum(cell.cost_nano or 0 for cell in quote.cells)}
    assert quote.totals["demo"] > 0
    assert quote.unpriced == 0
    assert [len(row) for row in quote.rows] == [2, 2]
    assert not Trip.objects.exists()
    assert not PromptTrial.objects.exists()


def test_more_than_a_budget_holds_is_said_with_the_price(caller: Caller, prompt: Prompt) -> None:
    assert prompt.live is not None
    inputs = tuple({"name": f"Number {number}"} for number in range(20))
    wanted = Wanted(prompt.live, inputs, ("demo-1",))
    quote = quotes.price(caller, wanted)
    assert quote.warnings == ()
    limit = quote.totals["demo"] - 1
    budgets.set_limit("user", str(caller.user_id), "day", limit, "demo", now=timezone.now())
    (warning,) = quotes.price(caller, wanted).warnings
    assert warning.startswith("Your daily budget has $")
    assert "What no longer fits is refused" in warning


@pytest.mark.parametrize(
    ("inputs", "gears", "problem"),
    [
        (INPUTS, (), "Choose at least one gear"),
        ((), GEARS, "at least one input"),
        (INPUTS, ("nothing",), "no gear named 'nothing'"),
        (INPUTS, ("demo-1", "demo-1"), "each gear once"),
        (({"name": "Ada"}, {"name": " "}), GEARS, "Input 2: Fill in “name”"),
        (INPUTS * 11, GEARS, "At most 20 inputs"),
        (({"name": "a" * 1_000_001},), GEARS, "more than 1,000,000 signs"),
    ],
)
def test_what_cannot_be_driven_is_refused_before_anything_is_spent(
    caller: Caller,
    prompt: Prompt,
    inputs: tuple[dict[str, str], ...],
    gears: tuple[str, ...],
    problem: str,
) -> None:
    assert prompt.live is not None
    with pytest.raises(TrialRefused, match=problem):
        quotes.price(caller, Wanted(prompt.live, inputs, gears))


def test_the_mark_tells_test_drives_apart(prompt: Prompt) -> None:
    assert prompt.live is not None
    one = Wanted(prompt.live, INPUTS, GEARS)
    assert one.mark == Wanted(prompt.live, INPUTS, GEARS).mark
    assert one.mark != Wanted(prompt.live, INPUTS[:1], GEARS).mark
    assert one.mark != Wanted(prompt.live, INPUTS, GEARS[:1]).mark


async def test_every_cell_is_driven_by_its_gear_and_paid(caller: Caller, quote: Quote) -> None:
    trial = await in_thread(driving.start, caller, quote, uuid4())
    before = await in_thread(grids.of, trial)
    assert before.is_going_on
    assert before.done == 0
    await drive_all(trial)
    grid = await in_thread(grids.of, trial)
    assert [result.gear for result in grid.results] == [*GEARS, *GEARS]
    assert all(result.state == "done" and result.answer for result in grid.results)
    assert not grid.is_going_on
    assert grid.expected == quote.totals
    legs = await in_thread(lambda: list(Leg.objects.order_by("pk")))
    assert [leg.gear for leg in legs] == [*GEARS, *GEARS]
    assert grid.spent == {"demo": sum(leg.cost_nano for leg in legs)}
    requests = await in_thread(lambda: {trip.headline for trip in Trip.objects.all()})
    assert requests == {"Hello Ada", "Hello Bob"}


def test_a_second_click_starts_nothing(caller: Caller, quote: Quote) -> None:
    key = uuid4()
    first = driving.start(caller, quote, key)
    assert driving.start(caller, quote, key) == first
    assert Trip.objects.count() == 4


def test_a_gear_that_cannot_take_it_is_left_out_with_the_reason(
    caller: Caller, prompt: Prompt
) -> None:
    assert prompt.live is not None
    real = Provider.objects.filter(kind="anthropic").first()
    assert real is not None
    gear = real.gears.first()
    assert gear is not None
    quote = quotes.price(caller, Wanted(prompt.live, INPUTS[:1], ("demo-1", gear.name)))
    assert [bool(cell.problem) for cell in quote.cells] == [False, True]
    trial = driving.start(caller, quote, uuid4())
    refused = grids.of(trial).results[1]
    assert (refused.state, refused.is_final, bool(refused.problem)) == ("refused", True, True)
    assert Trip.objects.count() == 1
    alone = quotes.price(caller, Wanted(prompt.live, INPUTS[:1], (gear.name,)))
    with pytest.raises(TrialRefused, match="nothing was started"):
        driving.start(caller, alone, uuid4())


def test_a_page_s_test_drive_waits_with_the_runs_and_not_before_questions(
    caller: Caller, quote: Quote
) -> None:
    page = Caller(caller.user_id, Trip.Source.PAGE)
    with app.connection_for_write() as broker:  # what earlier tests left
        for name in queues.ALL:
            list(messages(broker, name))
    asked = trips.start(page, requests.from_text("A question"))
    driving.start(page, quote, uuid4())
    with app.connection_for_write() as broker:
        waiting = {name: list(messages(broker, name)) for name in (queues.CHAT, queues.RUNS)}
    assert waiting[queues.CHAT] == [str(asked.pk)]
    assert len(waiting[queues.RUNS]) == 4


def messages(broker: Connection, name: str) -> Iterator[str]:
    """The ids that wait in a queue, taken out of it."""
    queue = broker.SimpleQueue(name, no_ack=True)
    while True:
        try:
            yield queue.get_nowait().payload[0][0]
        except queue.Empty:
            return


def test_stopping_stops_what_has_not_ended(caller: Caller, quote: Quote) -> None:
    trial = driving.start(caller, quote, uuid4())
    assert driving.stop(trial) == 4
    assert Trip.objects.exclude(cancel_requested_at=None).count() == 4


async def test_a_baseline_is_driven_again_and_shown_beside(
    caller: Caller, quote: Quote, prompt: Prompt, user: User
) -> None:
    first = await in_thread(driving.start, caller, quote, uuid4())
    await drive_all(first)
    await in_thread(driving.keep_as_baseline, first)
    assert await in_thread(driving.baseline_of, prompt, user) == first
    version = await in_thread(library.save, prompt, user, "Good morning {{name}} on {{day|Monday}}")
    wanted = await in_thread(driving.again, first, version)
    assert (wanted.inputs, wanted.gears) == (INPUTS, GEARS)
    priced = await in_thread(quotes.price, caller, wanted)
    second = await in_thread(driving.start, caller, priced, uuid4(), first)
    await drive_all(second)
    grid = await in_thread(grids.of, second)
    old = await in_thread(grids.of, first)
    assert [result.before for result in grid.results] == old.results
    assert all(result.cost_change_nano is not None for result in grid.results)
    assert "Good morning Ada on Monday" in {
        trip.headline for trip in await in_thread(lambda: list(Trip.objects.all()))
    }
    told = await in_thread(grids.document, second)
    assert (told["version"], told["baseline_version"]) == (2, 1)
    assert told["inputs"][0]["results"][0]["before"]["answer"] == old.results[0].answer


def test_there_is_one_baseline(caller: Caller, quote: Quote, prompt: Prompt, user: User) -> None:
    trials = [driving.start(caller, quote, uuid4()) for _ in range(2)]
    for trial in trials:
        driving.keep_as_baseline(trial)
    assert driving.baseline_of(prompt, user) == trials[1]
    assert PromptTrial.objects.filter(is_baseline=True).count() == 1


def test_an_input_that_changed_has_nothing_beside_it(
    caller: Caller, quote: Quote, prompt: Prompt
) -> None:
    first = driving.start(caller, quote, uuid4())
    assert prompt.live is not None
    other = Wanted(prompt.live, ({"name": "Ada"}, {"name": "Eve"}), GEARS[:1])
    second = driving.start(caller, quotes.price(caller, other), uuid4(), first)
    assert [result.before is not None for result in grids.of(second).results] == [True, False]


def test_a_test_drive_is_its_owner_s_alone(
    caller: Caller, quote: Quote, user: User, prompt: Prompt
) -> None:
    trial = driving.start(caller, quote, uuid4())
    eve = User.objects.create_user("eve")
    assert list(driving.own(user)) == [trial]
    assert list(driving.own(eve)) == []
    library.set_deleted(prompt, is_deleted=True)
    assert list(driving.own(user)) == []


def test_a_trip_that_is_no_longer_kept_says_so(caller: Caller, quote: Quote) -> None:
    trial = driving.start(caller, quote, UUID(int=7))
    Trip.objects.all().delete()
    assert {(result.state, result.is_final) for result in grids.of(trial).results} == {
        ("gone", True)
    }
