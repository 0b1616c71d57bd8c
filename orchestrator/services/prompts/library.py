"""Prompts that are kept: one's own and everyone's, every change a new version."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.text import slugify

from orchestrator.models import Prompt, PromptVersion, User
from orchestrator.prompting import template
from orchestrator.prompting.template import ConflictingPlaces

MAX_CHARS = 100_000


class PromptRefused(ValueError):
    """The prompt cannot be kept; the message says why."""


def visible_to(user: User) -> QuerySet[Prompt]:
    """One's own before everyone's, the most used first."""
    found = Prompt.objects.filter(Q(user=user) | Q(user=None), deleted_at=None)
    return found.select_related("live").order_by(F("user").asc(nulls_last=True), "-times_used")


def search(user: User, words: str) -> QuerySet[Prompt]:
    found = visible_to(user)
    for word in words.replace("\x00", "").split():
        found = found.filter(
            Q(name__icontains=word) | Q(title__icontains=word) | Q(live__text__icontains=word)
        )
    return found


def may_change(prompt: Prompt, user: User) -> bool:
    return prompt.user_id == user.pk or (prompt.user_id is None and user.is_staff)


def create(user: User, title: str, text: str) -> Prompt:
    title = " ".join(title.replace("\x00", "").split())[:120]
    name = slugify(title)[:63].strip("-_")
    if not name:
        raise PromptRefused("A prompt needs a title with at least one letter or digit.")
    prompt = Prompt(name=name, title=title, user=user)
    try:
        prompt.full_clean(exclude=["live"])
        with transaction.atomic():
            prompt.save()
            save(prompt, user, text)
    except (IntegrityError, ValidationError) as error:
        raise PromptRefused(f"You have a prompt named {name!r} already.") from error
    return prompt


def save(prompt: Prompt, user: User | None, text: str, note: str = "") -> PromptVersion:
    """A new version that is used from now on; the same text again makes none."""
    text = check_text(text)
    live = prompt.live
    if live is not None and live.text == text:
        return live
    with transaction.atomic():
        newest = prompt.versions.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        version = PromptVersion.objects.create(
            prompt=prompt, number=number, text=text, note=note[:200], author=user
        )
        prompt.live = version
        prompt.save(update_fields=["live", "updated_at"])
    return version


def roll_back(prompt: Prompt, user: User, number: int) -> PromptVersion:
    """The text of an old version as the newest one: nothing in between is lost."""
    old = prompt.versions.get(number=number)
    return save(prompt, user, old.text, note=f"back to version {number}")


def check_text(text: str) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n")
    if not text.strip():
        raise PromptRefused("The prompt is empty. Write what it should say.")
    if len(text) > MAX_CHARS:
        raise PromptRefused(f"A prompt has at most {MAX_CHARS:,} signs; this has {len(text):,}.")
    try:
        template.parse(text)
    except ConflictingPlaces as error:
        raise PromptRefused(str(error)) from error
    return text


def set_deleted(prompt: Prompt, *, is_deleted: bool) -> None:
    prompt.deleted_at = timezone.now() if is_deleted else None
    try:
        prompt.save(update_fields=["deleted_at"])
    except IntegrityError as error:
        raise PromptRefused(f"There is another prompt named {prompt.name!r} by now.") from error


def use(prompt: Prompt, values: Mapping[str, str]) -> str:
    """The live text with its places filled. Raises `MissingValue`."""
    text = template.parse(prompt.live.text if prompt.live else "").fill(values)
    Prompt.objects.filter(pk=prompt.pk).update(times_used=F("times_used") + 1)
    return text
