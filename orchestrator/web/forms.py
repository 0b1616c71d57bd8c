"""What people may send from pages, checked before any service sees it."""

from typing import Any

from django import forms

from orchestrator.models import Trip
from orchestrator.services.people import tokens


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
