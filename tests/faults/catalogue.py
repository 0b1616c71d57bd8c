"""What may go wrong while people use an installation, and in which modes that is tried.

A test says with `@pytest.mark.fault(NAME)` which of these it brings about.
"""

from collections.abc import Mapping

EMBEDDED, SCALED = "embedded", "scaled"
BOTH = frozenset({EMBEDDED, SCALED})
ALONE, SEVERAL = frozenset({EMBEDDED}), frozenset({SCALED})

FAULTS: Mapping[str, frozenset[str]] = {
    "a worker's process is killed": SEVERAL,
    "a worker is killed": SEVERAL,
    "a worker dies at every start": SEVERAL,
    "a driver is asked to end": BOTH,
    "Redis is down": SEVERAL,
    "Redis comes back empty": SEVERAL,
    "Redis cuts connections": SEVERAL,
    "Redis stalls": SEVERAL,
    "a message comes again": BOTH,
    "a step outlives its message": BOTH,
    "an item kills its driver": BOTH,
    "a page vanishes": BOTH,
    "a page comes back late": BOTH,
    "a page stops reading": BOTH,
    "a server is ended": BOTH,
    "a driver is killed in an answer": BOTH,
    "a server dies before it announces": BOTH,
    "the last cent is wanted twice": BOTH,
    "the clock jumps": BOTH,
    "a driver dies with money held": BOTH,
    "a swarm is large": BOTH,
    "a budget ends in a swarm": BOTH,
    "a cancel meets an end": BOTH,
    "a model never stops": BOTH,
    "a plan explodes": BOTH,
    "two servers share a home": ALONE,
    "clocks of processes differ": SEVERAL,
}
