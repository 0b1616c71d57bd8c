"""What must hold on every installation at every moment; each check returns what breaks it."""

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.services.upkeep.invariants import money, people, upkeep, work
from orchestrator.services.upkeep.invariants.breach import Breach

Check = Callable[[], list[Breach]]
__all__ = ["CHECKS", "Breach", "breaches", "document"]

# By number: what operators and tests call them.
CHECKS: Mapping[str, tuple[Check, ...]] = {
    "I1": (money.ledger_ties, money.entries_tie, money.trips_tie, money.reports_tie),
    "I2": (money.holds_tie, money.loans_tie, money.no_leaked_hold),
    "I3": (money.overruns_are_told,),
    "I4": (people.no_lost_message,),
    "I5": (work.trips_end,),
    "I6": (work.one_answer_each,),
    "I7": (work.logs_have_no_holes, work.logs_tell_the_answer),
    "I8": (people.nobody_sees_others,),
    "I9": (people.no_secret_is_told,),
    "I10": (upkeep.nothing_grows_for_ever,),
    "I11": (work.items_add_up,),
    "I12": (money.no_call_without_a_hold,),
    "I13": (work.legs_end,),
    "I14": (upkeep.nobody_waits_unheard,),
    "I15": (upkeep.learning_counts_once,),
    "I16": (upkeep.all_can_be_read_again,),
}


def breaches() -> list[Breach]:
    return [breach for checks in CHECKS.values() for check in checks for breach in check()]


def document() -> dict[str, Any]:
    """Every invariant with whether it holds, and what breaks those that do not."""
    found = {(number, check): check() for number, checks in CHECKS.items() for check in checks}
    return {
        "breaches": [breach.document() for each in found.values() for breach in each],
        "checked": [
            {
                "number": number,
                "name": check.__name__.replace("_", " "),
                "holds": not each,
            }
            for (number, check), each in found.items()
        ],
    }
