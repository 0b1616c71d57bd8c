"""Prompts that are kept: one's own, a team's and everyone's, every change a new version."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.text import slugify

from orchestrator.models import Prompt, PromptStar, PromptTag, PromptVersion, User
from orchestrator.prompting import template
from orchestrator.prompting.template import ConflictingPlaces
from orchestrator.services.prompts import finding
from orchestrator.services.prompts.access import Owner

MAX_CHARS = 100_000
MAX_TITLE_CHARS, MAX_DESCRIPTION_CHARS, MAX_NOTE_CHARS = 120, 300, 200
MOST_TAGS = 10


class PromptRefused(ValueError):
    """The prompt cannot be kept; the message says why."""


class ChangedMeanwhile(PromptRefused):
    """Somebody saved since the writer last looked; both texts are still there."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A prompt as it is written. Without a name it is called by its title."""

    title: str
    text: str
    name: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""


def create(user: User, draft: Draft, owner: Owner | None = None) -> Prompt:
    """For the user alone, unless another owner is given."""
    owner = owner or Owner(user=user)
    draft = checked(draft)
    prompt = Prompt(
        name=draft.name,
        title=draft.title,
        description=draft.description,
        user=owner.user,
        team=owner.team,
    )
    with _unique_name(prompt), transaction.atomic():
        prompt.save()
        PromptTag.objects.bulk_create(PromptTag(prompt=prompt, name=name) for name in draft.tags)
        prompt.live = PromptVersion.objects.create(
            prompt=prompt, number=1, text=draft.text, note=draft.note, author=user
        )
        prompt.sought = finding.sought_in(prompt, draft.tags)
        prompt.save(update_fields=["live", "sought"])
    return prompt


def checked(draft: Draft) -> Draft:
    """Raises `PromptRefused` where it cannot be kept as it is."""
    title = one_line(draft.title)[:MAX_TITLE_CHARS]
    return Draft(
        title=title,
        text=checked_text(draft.text),
        name=_checked_name(draft.name.strip() or _name_from(title)),
        description=one_line(draft.description)[:MAX_DESCRIPTION_CHARS],
        tags=_clean_tags(draft.tags),
        note=one_line(draft.note)[:MAX_NOTE_CHARS],
    )


def one_line(text: str) -> str:
    return " ".join(_storable(text).split())


def _storable(text: str) -> str:
    """Half characters, as a terminal passes broken bytes on, cannot be kept."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _name_from(title: str) -> str:
    """The same title always makes the same name, also one without Latin letters."""
    if not any(char.isalnum() for char in title):
        raise PromptRefused("A prompt needs a title with at least one letter or digit.")
    name = slugify(title)[:63].strip("-_")
    return name or f"prompt-{zlib.crc32(title.encode()):08x}"


def _checked_name(name: str) -> str:
    try:
        Prompt(name=name).clean_fields(exclude=["user", "team", "live"])
    except ValidationError as error:
        raise PromptRefused(f"Name: {error.messages[0]}") from error
    return name


def checked_text(text: str) -> str:
    text = _storable(text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise PromptRefused("The prompt is empty. Write what it should say.")
    if len(text) > MAX_CHARS:
        raise PromptRefused(f"A prompt has at most {MAX_CHARS:,} signs; this has {len(text):,}.")
    try:
        template.parse(text)
    except ConflictingPlaces as error:
        raise PromptRefused(str(error)) from error
    return text


@contextmanager
def _unique_name(prompt: Prompt) -> Iterator[None]:
    """Two prompts of one owner never share a name; the sentence says whose it is."""
    try:
        yield
    except IntegrityError as error:
        whose = f"{prompt.team} has" if prompt.team else "You have"
        whose = whose if prompt.user_id or prompt.team_id else "Everyone has"
        raise PromptRefused(f"{whose} a prompt named {prompt.name!r} already.") from error


def describe(prompt: Prompt, title: str, description: str) -> None:
    prompt.title = one_line(title)[:MAX_TITLE_CHARS] or prompt.title
    prompt.description = one_line(description)[:MAX_DESCRIPTION_CHARS]
    prompt.save(update_fields=["title", "description", "updated_at"])
    finding.remember(prompt)


def save(
    prompt: Prompt, user: User | None, text: str, note: str = "", *, seen: int | None = None
) -> PromptVersion:
    """A new version that is used from now on; the same text again makes none.

    `seen` is the version the writer started from: where another one is used by now, nothing is
    saved over it unseen.
    """
    text = checked_text(text)
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=prompt.pk)
        prompt.refresh_from_db(fields=["live"])
        live = prompt.live
        if live is not None and live.text == text:
            return live
        if seen is not None and prompt.live_id != seen:
            raise ChangedMeanwhile("Somebody saved this prompt while you were writing.")
        version = add_version(prompt, user, text, note)
        use_version(prompt, version)
    return version


def add_version(
    prompt: Prompt,
    user: User | None,
    text: str,
    note: str,
    state: PromptVersion.State = PromptVersion.State.KEPT,
) -> PromptVersion:
    """Two who save at once wait for each other, so that each gets a number."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=prompt.pk)
        newest = prompt.versions.aggregate(newest=Max("number"))["newest"] or 0
        return PromptVersion.objects.create(
            prompt=prompt,
            number=newest + 1,
            text=text,
            note=one_line(note)[:MAX_NOTE_CHARS],
            author=user,
            state=state,
        )


def use_version(prompt: Prompt, version: PromptVersion) -> None:
    prompt.live = version
    prompt.save(update_fields=["live", "updated_at"])
    finding.remember(prompt)


def kept_version(prompt: Prompt, number: int) -> PromptVersion:
    return prompt.versions.get(number=number, state=PromptVersion.State.KEPT)


def make_live(prompt: Prompt, number: int) -> PromptVersion:
    """An earlier version is used again, without a new one."""
    version = kept_version(prompt, number)
    use_version(prompt, version)
    return version


def roll_back(prompt: Prompt, user: User, number: int) -> PromptVersion:
    """The text of an old version as the newest one: nothing in between is lost."""
    old = kept_version(prompt, number)
    return save(prompt, user, old.text, note=f"back to version {number}")


def copy_to_mine(prompt: Prompt, user: User) -> Prompt:
    """The live text as a prompt of one's own, under the first name that is free."""
    taken = set(Prompt.objects.filter(user=user, deleted_at=None).values_list("name", flat=True))
    name, number = prompt.name, 1
    while name in taken:
        number += 1
        name = f"{prompt.name[: 62 - len(str(number))]}-{number}"
    tags = tuple(prompt.tags.values_list("name", flat=True))
    note = f"copy of version {prompt.live.number}" if prompt.live else ""
    draft = Draft(prompt.title, prompt.text, name, prompt.description, tags, note)
    return create(user, draft)


def give_to(prompt: Prompt, owner: Owner) -> None:
    """Another owner: shared with a team or everyone, or taken back."""
    prompt.user, prompt.team = owner.user, owner.team
    with _unique_name(prompt), transaction.atomic():
        prompt.save(update_fields=["user", "team", "updated_at"])


def set_tags(prompt: Prompt, names: Iterable[str]) -> tuple[str, ...]:
    wanted = _clean_tags(names)
    with transaction.atomic():
        prompt.tags.exclude(name__in=wanted).delete()
        rows = (PromptTag(prompt=prompt, name=name) for name in wanted)
        PromptTag.objects.bulk_create(rows, ignore_conflicts=True)
        finding.remember(prompt)
    return wanted


def _clean_tags(names: Iterable[str]) -> tuple[str, ...]:
    clean = {one_line(name).lower()[:40] for name in names} - {""}
    return tuple(sorted(clean)[:MOST_TAGS])


def set_starred(prompt: Prompt, user: User, *, is_starred: bool) -> None:
    if is_starred:
        PromptStar.objects.get_or_create(prompt=prompt, user=user)
    else:
        PromptStar.objects.filter(prompt=prompt, user=user).delete()


def set_archived(prompt: Prompt, *, is_archived: bool) -> None:
    prompt.archived_at = timezone.now() if is_archived else None
    prompt.save(update_fields=["archived_at"])


def set_deleted(prompt: Prompt, *, is_deleted: bool) -> None:
    prompt.deleted_at = timezone.now() if is_deleted else None
    with _unique_name(prompt), transaction.atomic():
        prompt.save(update_fields=["deleted_at"])


def use(prompt: Prompt, values: Mapping[str, str]) -> str:
    """The live text with its places filled. Raises `MissingValue`."""
    text = template.parse(prompt.text).fill(values)
    Prompt.objects.filter(pk=prompt.pk).update(times_used=F("times_used") + 1)
    return text
