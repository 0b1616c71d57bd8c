"""What must have happened before anything is driven: defaults are there, old trips are settled."""

import logging

from orchestrator.services.driving import sweeper
from orchestrator.services.money import budgets
from orchestrator.services.people import signin
from orchestrator.services.setup import seeds

log = logging.getLogger(__name__)


def prepare() -> None:
    """Cheap when it was done before; every face calls it once."""
    signin.ensure_owner()
    seeds.ensure_defaults()
    budgets.ensure_defaults()


def recover(owner: str) -> None:
    """For an installation's only server: its earlier lives cannot come back for their trips."""
    prepare()
    count = sweeper.recover_after_restart("worker:", owner)
    if count:
        log.warning("trips of an earlier start were settled count=%s", count)
    sweeper.sweep()
