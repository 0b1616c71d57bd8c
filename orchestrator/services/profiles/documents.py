"""A profile as a TOML text of its own, to keep or to give away."""

import tomllib
from typing import Any

import tomlkit

from orchestrator.models import Profile, User
from orchestrator.services.profiles import fields, library
from orchestrator.services.profiles.fields import Fields, ProfileRefused

FORMAT = 1
MAX_BYTES = 64 * 1024


def export(profile: Profile) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("A profile of Clutch Web."))
    document["format"] = FORMAT
    document["name"] = profile.name
    values = fields.of(profile)
    for name in fields.NAMES:
        value = getattr(values, name)
        if value is not None:  # TOML has no null: what is not set is left out
            document[name] = list(value) if isinstance(value, tuple) else value
    return tomlkit.dumps(document)


def read(text: str) -> tuple[str, Fields]:
    """Name and fields. Raises `ProfileRefused`; gears that are not here are a reason."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise ProfileRefused("The text is larger than 64 KiB, which no profile is.")
    try:
        document: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProfileRefused(f"This is not valid TOML: {str(error)[:200]}") from None
    if document.pop("format", FORMAT) != FORMAT:
        raise ProfileRefused(f"This program reads format {FORMAT} only.")
    name = document.pop("name", None)
    if not isinstance(name, str):
        raise ProfileRefused('A profile needs a line such as name = "economy".')
    return library.checked_name(name), fields.read(document)


def apply(user: User, text: str) -> tuple[Profile, bool]:
    """The profile and whether it is new; one's own of the same name is changed."""
    name, given = read(text)
    own = Profile.objects.filter(user=user, team=None, name=name).first()
    if own is None:
        return library.create(user, name, given), True
    return library.edit(own, given, own.revision), False
