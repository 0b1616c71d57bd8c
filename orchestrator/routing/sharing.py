"""Sharing out a fixed number of places: nobody gets more than they want, and the rest is even."""

from collections.abc import Mapping


def share(places: int, wanted: Mapping[str, int]) -> dict[str, int]:
    """What each may have of the places. Who wants little gets it; the others share what is left.

    Everybody who wants something gets at least one place while there are places. The same wishes
    give the same shares, whatever their order.
    """
    granted = dict.fromkeys(wanted, 0)
    left = places
    asking = sorted((name for name, count in wanted.items() if count > 0))
    while left > 0 and asking:
        each = max(left // len(asking), 1)
        for name in asking[:left]:
            more = min(each, wanted[name] - granted[name], left)
            granted[name] += more
            left -= more
        asking = [name for name in asking if granted[name] < wanted[name]]
    return granted
