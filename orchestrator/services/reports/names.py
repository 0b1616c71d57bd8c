"""The things reports are grouped by, under the names that people know, and back to their keys."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from orchestrator.models import ApiToken, Prompt, Team, User

# As it is asked for: the column of the daily sums.
COLUMNS: Mapping[str, str] = {
    "member": "user_id",
    "team": "team_id",
    "gear": "gear",
    "provider": "provider",
    "road": "road",
    "pattern": "pattern",
    "tag": "tags",
    "prompt": "prompt_id",
    "token": "token_id",
    "profile": "profile",
}
TITLES: Mapping[str, str] = {
    "member": "Member",
    "team": "Team",
    "gear": "Gear · model",
    "provider": "Provider",
    "road": "Road · task type",
    "pattern": "Pattern",
    "tag": "Tag",
    "prompt": "Prompt",
    "token": "API token",
    "profile": "Profile",
}
NONE = "-"
NOWHERE = -1


def keys(dimension: str, values: Iterable[str]) -> list[Any]:
    """What the column holds for these names; a name nobody has finds nothing."""
    return [None if value == NONE else _key(dimension, value) for value in values]


def _key(dimension: str, value: str) -> Any:
    if dimension == "member":
        return User.objects.filter(username=value).values_list("pk", flat=True).first() or NOWHERE
    if dimension == "team":
        return Team.objects.filter(name=value).values_list("pk", flat=True).first() or NOWHERE
    if dimension == "prompt":
        return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else NOWHERE
    if dimension == "token":
        found = ApiToken.objects.filter(public_id=value[:16]).values_list("pk", flat=True).first()
        return found or UUID(int=0)
    return value


def labels(dimension: str, found: Collection[Any]) -> dict[Any, tuple[str, str]]:
    """For each key of a column: the value to ask for it with, and what people read."""
    known = {key for key in found if key not in (None, "")}
    rows: Iterable[tuple[Any, Any, str]]
    if dimension == "member":
        rows = User.objects.filter(pk__in=known).values_list("pk", "username", "username")
    elif dimension == "team":
        rows = Team.objects.filter(pk__in=known).values_list("pk", "name", "name")
    elif dimension == "token":
        rows = ApiToken.objects.filter(pk__in=known).values_list("pk", "public_id", "name")
    elif dimension == "prompt":
        rows = Prompt.objects.filter(pk__in=known).values_list("pk", "pk", "name")
    else:
        return {key: (str(key), str(key)) for key in known} | _nothing(dimension)
    named = {pk: (str(value), str(label)) for pk, value, label in rows}
    gone = {key: (NONE, f"removed ({key})") for key in known if key not in named}
    return named | gone | _nothing(dimension)


def _nothing(dimension: str) -> dict[Any, tuple[str, str]]:
    none = (NONE, f"no {dimension}")
    return {None: none, "": none}
