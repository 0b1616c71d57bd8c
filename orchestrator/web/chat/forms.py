"""What the composer sends, checked before any service sees it."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import Overrides, Pattern
from orchestrator.services.chat.turns import MOST_COMPARED, Turn


class WishForm(forms.Form):
    """What a person fixes by hand; everything left empty is chosen for them."""

    gear = forms.CharField(max_length=63, required=False)
    throttle = forms.IntegerField(min_value=0, max_value=100, required=False)
    pattern = forms.ChoiceField(
        choices=[("", ""), *((pattern.value, pattern.value) for pattern in Pattern)], required=False
    )
    profile = forms.CharField(max_length=63, required=False)
    policy = forms.ChoiceField(
        choices=[("", ""), *((name, name) for name in PRESETS)], required=False
    )

    def overrides(self) -> Overrides:
        clean = self.cleaned_data
        return Overrides(
            gear=clean["gear"],
            throttle=clean["throttle"],
            pattern=Pattern(clean["pattern"]) if clean["pattern"] else None,
        )

    def problem(self) -> str:
        """The first thing that is wrong, as a sentence."""
        field, errors = next(iter(self.errors.items()))
        return f"{field.capitalize()}: {errors[0]}"


class TurnForm(WishForm):
    # The size of a prompt is the engine's business: it says what is too much in its own words.
    text = forms.CharField(required=False, strip=False)
    chat = forms.UUIDField(required=False)
    parent = forms.UUIDField(required=False)
    fork = forms.BooleanField(required=False)
    pin = forms.BooleanField(required=False)
    client_id = forms.UUIDField(required=False)
    prompt_version = forms.IntegerField(required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        # Django's own check for NUL would turn a whole pasted file away; the engine drops NULs.
        self.fields["text"].validators = []
        self.file_ids = [_uuid(text) for text in data.getlist("files")]
        self.gears = tuple(filter(None, data.getlist("gears")))[: MOST_COMPARED + 1]

    def clean(self) -> dict[str, Any]:
        if None in self.file_ids:
            raise forms.ValidationError("One of the files is not known. Attach it again.")
        return self.cleaned_data

    def attached(self) -> tuple[UUID, ...]:
        return tuple(pk for pk in self.file_ids if pk is not None)

    def turn(self) -> Turn:
        clean = self.cleaned_data
        return Turn(
            text=clean["text"],
            parent=clean["parent"],
            is_fork=clean["fork"],
            files=self.attached(),
            overrides=self.overrides(),
            profile=clean["profile"],
            policy=clean["policy"],
            gears=self.gears,
            client_id=clean["client_id"],
            prompt_version=clean["prompt_version"],
        )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
