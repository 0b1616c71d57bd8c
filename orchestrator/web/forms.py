"""What people may send from pages, checked before any service sees it."""

import hashlib
import uuid
from typing import Any

from django import forms

from orchestrator.models import Trip
from orchestrator.services.people import tokens

MAX_PROMPT_CHARS = 200_000


class AskForm(forms.Form):
    text = forms.CharField(
        label="What do you want done?",
        max_length=MAX_PROMPT_CHARS,
        error_messages={"required": "The prompt is empty. Write what you want done."},
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Ask or describe a task"}),
    )
    # Sending the same page twice, as with a double click or Back, asks once.
    page = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def once_key(self) -> str:
        """The same text from the same page is the same request; changed text is a new one."""
        page = self.cleaned_data["page"] or uuid.uuid4()
        return hashlib.sha256(f"{page}\n{self.cleaned_data['text']}".encode()).hexdigest()


class PasswordForm(forms.Form):
    username = forms.CharField(
        label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(label="Name", max_length=100)
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope.value, text) for scope, text in tokens.MEANINGS.items()],
        initial=[scope.value for scope in tokens.DEFAULT_SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )


class TripFilter(forms.Form):
    """Filters of the trip log. A value that is not on offer filters nothing."""

    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any state"), *((value, value) for value in Trip.State.values)],
    )
    gear = forms.CharField(label="Gear · model", required=False, max_length=63)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        names = {"state": "state", "gear": "gear", "before": "pk__lt"}
        found = {names[name]: value for name, value in self.cleaned_data.items() if value}
        return {name: value for name, value in found.items() if "\x00" not in str(value)}
