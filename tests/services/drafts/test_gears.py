"""Gears in the draft: order, price, retirement, and what is known of a model."""

import pytest

from orchestrator.models import Gear, Provider, User
from orchestrator.services.drafts import changes, entries, gears, publishing, roads
from orchestrator.services.drafts.changes import DraftRefused
from orchestrator.services.drafts.gears import Price
from orchestrator.services.money.prices import PerMillion
from orchestrator.services.setup import catalogue
from orchestrator.services.setup.discovery import NewGear


def names(level: int) -> list[str]:
    return [g["name"] for g in gears.in_order() if g["level"] == level and not g["is_retired"]]


def test_a_gear_moves_by_buttons_and_past_the_end_into_the_next_level(ada: User) -> None:
    first, second = names(1)[:2]
    gears.shift(second, up=True, user=ada)
    assert names(1)[:2] == [second, first]
    gears.shift(second, up=True, user=ada)
    assert names(1)[0] == second
    last = names(1)[-1]
    gears.shift(last, up=False, user=ada)
    assert names(2)[0] == last
    gears.shift(last, up=True, user=ada)
    assert names(1)[-1] == last


def test_a_gear_is_dropped_before_another_one(ada: User) -> None:
    target = names(3)[-1]
    gears.place_before("demo-1", target, 3, ada)
    assert names(3)[-2:] == ["demo-1", target]
    gears.place_before("demo-1", "", 5, ada)
    assert names(5)[-1] == "demo-1"
    for level in (0, 6):
        with pytest.raises(DraftRefused):
            gears.place_before("demo-1", "", level, ada)


def test_only_what_really_moved_is_in_the_draft(ada: User) -> None:
    gears.shift(names(1)[0], up=True, user=ada)
    publishing.publish(ada, "") if changes.pending() else None
    gears.shift(names(1)[0], up=True, user=ada)
    assert changes.pending() == []


def entry(name: str = "claude-haiku") -> dict[str, object]:
    return gears.find(name) or {}


def test_a_price_is_never_zero_by_accident() -> None:
    typed = Price("manual", PerMillion("0", "0.00"))
    with pytest.raises(DraftRefused, match="Free"):
        gears.with_price(entry(), typed)
    for wrong in ("-1", "NaN", "inf", "1e9", ""):
        with pytest.raises(DraftRefused):
            gears.with_price(entry(), Price("manual", PerMillion(wrong, "1")))
    free = gears.with_price(entry(), Price("free"))
    assert (free["price_source"], free["prices"]) == ("free", None)


def test_a_price_comes_from_the_catalogue_or_from_a_person() -> None:
    typed = gears.with_price(entry(), Price("manual", PerMillion("0.5", "1.5")))
    assert typed["prices"]["base"]["input"] == 500_000_000
    known = gears.with_price(typed, Price("catalogue"))
    assert known["prices"]["base"]["input"] > 0
    with pytest.raises(DraftRefused, match="does not know"):
        gears.with_price({**entry(), "model_id": "nobody-knows"}, Price("catalogue"))


def test_an_added_model_brings_what_is_known_of_it(ada: User) -> None:
    name = gears.free_name("claude-haiku-4-5-20251001")
    made = gears.add(NewGear(name, "anthropic", "claude-haiku-4-5-20251001", 1), ada)
    assert "vision" in made["capabilities"]
    assert made["context_window"] == 200_000
    unknown = gears.add(NewGear("mystery", "openai", "who-knows", 3), ada)
    assert (unknown["price_source"], unknown["prices"]) == ("unknown", None)
    assert not Gear.objects.filter(name__in=(name, "mystery")).exists()
    with pytest.raises(DraftRefused, match="already"):
        gears.add(NewGear("mystery", "openai", "who-knows", 3), ada)
    assert gears.free_name("mystery") == "mystery-2"


def test_a_gear_in_use_is_retired_instead_of_deleted(ada: User) -> None:
    with pytest.raises(DraftRefused, match=r"default of dirt road.*Retire it instead"):
        gears.remove("claude-haiku", ada)
    with pytest.raises(DraftRefused, match="where these roads begin"):
        gears.retire("claude-haiku", ada, is_retired=True)
    gears.retire("demo-1", ada, is_retired=True)
    gears.remove("demo-2", ada)
    publishing.publish(ada, "")
    assert Gear.objects.get(name="demo-1").retired_at is not None
    assert not Gear.objects.filter(name="demo-2").exists()
    gears.retire("demo-1", ada, is_retired=False)
    publishing.publish(ada, "")
    assert Gear.objects.get(name="demo-1").retired_at is None


def test_no_gear_may_be_called_auto(ada: User) -> None:
    with pytest.raises(DraftRefused, match="auto"):
        gears.add(NewGear("auto", "demo", "demo-1", 1), ada)


def test_roads_move_too(ada: User) -> None:
    order = [road["name"] for road in roads.in_order()]
    roads.shift("roads", order[1], up=True, user=ada)
    assert [road["name"] for road in roads.in_order()][:2] == [order[1], order[0]]
    roads.place_before("roads", order[0], "", ada)
    assert roads.in_order()[-1]["name"] == order[0]
    with pytest.raises(DraftRefused):
        roads.shift("roads", "nowhere", up=True, user=ada)


def test_a_dated_model_id_is_the_same_model() -> None:
    provider = Provider.objects.get(name="anthropic")
    assert catalogue.facts(provider, "claude-haiku-4-5-20251001").capabilities
    assert not catalogue.facts(provider, "claude-haiku-4-5-turbo").capabilities
    assert entries.live_one("gears", "nobody") is None
