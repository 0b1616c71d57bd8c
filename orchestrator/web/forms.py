"""What people may send from pages, checked before any service sees it."""

from datetime import date
from typing import Any

from django import forms

from orchestrator.models import Trip
from orchestrator.models.fleet import PATTERNS
from orchestrator.services.people import tokens
from orchestrator.services.reports import spans
from orchestrator.services.reports.listing import Filters


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

    scope = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    state = forms.ChoiceField(
        label="State",
        required=False,
        choices=[("", "Any state"), *((value, value) for value in Trip.State.values)],
    )
    gear = forms.CharField(label="Gear · model", required=False, max_length=63)
    road = forms.CharField(label="Road · task type", required=False, max_length=63)
    pattern = forms.ChoiceField(
        label="Pattern", required=False, choices=[("", "Any pattern"), *PATTERNS]
    )
    member = forms.CharField(label="Member", required=False, max_length=150)
    tag = forms.CharField(label="Tag", required=False, max_length=40)
    first = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def filters(self) -> Filters:
        found = self.wanted()
        return Filters(
            exact={
                name: found[name] for name in ("state", "gear", "road", "pattern") if name in found
            },
            member=found.get("member", ""),
            tag=found.get("tag", ""),
            first=_near(found.get("first")),
            last=_near(found.get("last")),
        )

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        found = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: value for name, value in found.items() if "\x00" not in str(value)}


def _near(day: date | None) -> date | None:
    """Days at the ends of the calendar have no day before or after them."""
    return day if day is not None and spans.FIRST <= day <= spans.LAST else None
