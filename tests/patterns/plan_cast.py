"""Plans of every shape, for properties."""

import string

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from orchestrator.patterns.plans import (
    Cascade,
    Combine,
    Convoy,
    Hybrid,
    ItemCheck,
    Part,
    Phase,
    RunPlan,
    Split,
    Strength,
    Swarm,
    Team,
)

LETTERS = string.ascii_letters + "äß -_.\"'<&"
words = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
texts = st.text(LETTERS + "\n{}", max_size=40).map(str.strip)
parts = st.builds(
    Part,
    name=words,
    instructions=texts,
    gear=st.sampled_from(["", "demo-1", "demo-4"]),
    throttle=st.none() | st.integers(0, 100),
    strength=st.sampled_from(Strength),
)


def many(least: int = 1) -> SearchStrategy[tuple[Part, ...]]:
    each = st.lists(parts, min_size=least, max_size=4, unique_by=lambda part: part.name)
    return each.map(tuple)


checks = st.one_of(
    st.just(ItemCheck()),
    st.builds(ItemCheck, regex=st.sampled_from(["^yes$", "[a-z]+"])),
    st.builds(ItemCheck, judge=words),
    st.just(ItemCheck(json_schema={"type": "object", "required": ["a"]})),
)
convoys = st.builds(Convoy, many())
teams = st.builds(
    Team,
    roles=many(),
    merge=parts,
    review=st.none() | parts,
)
led = st.builds(Team, roles=st.just(()), merge=parts, review=st.none(), lead=parts)
cascades = st.lists(st.sampled_from(["demo-1", "demo-2", "demo-4"]), max_size=3).map(
    lambda gears: Cascade(tuple(gears))
)


def swarms(items: SearchStrategy[tuple[str, ...]]) -> SearchStrategy[Swarm]:
    return st.builds(
        Swarm,
        each=parts,
        items=items,
        split=st.sampled_from(Split),
        parallel=st.integers(1, 100),
        check=checks,
        retries=st.integers(0, 3),
        combine=st.just(Combine.TABLE) | st.just(Combine.CONCATENATE),
    ) | st.builds(Swarm, each=parts, combine=st.just(Combine.REDUCE), reduce=parts, items=items)


lone = st.one_of(convoys, teams, led, cascades, swarms(st.just(())))
with_items = swarms(st.lists(words, min_size=1, max_size=3).map(tuple))
first = st.one_of(convoys, teams, led, cascades, with_items)


def _hybrid(names: list[str], begun: RunPlan, after: list[RunPlan]) -> Hybrid:
    following = [begun, *after][: len(names)]
    return Hybrid(tuple(Phase(name, plan) for name, plan in zip(names, following, strict=False)))


hybrids = st.builds(
    _hybrid,
    st.lists(words, min_size=1, max_size=3, unique=True),
    first,
    st.lists(lone, max_size=2),
)
runs = st.one_of(lone, hybrids)
