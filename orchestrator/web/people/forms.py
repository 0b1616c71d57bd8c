"""What people send from the pages about teams and accounts."""

from typing import Any

from django import forms

from orchestrator.services.people import invitations, roles
from orchestrator.services.people.audit import Area
from orchestrator.services.people.audit_search import Filter
from orchestrator.services.people.invitations import Wish
from orchestrator.services.people.roles import Role


class InvitationForm(forms.Form):
    role = forms.ChoiceField(label="Role")
    uses = forms.IntegerField(
        label="Good for so many people", min_value=1, max_value=invitations.MAX_USES, initial=1
    )
    days = forms.IntegerField(
        label="Good for so many days", min_value=1, max_value=invitations.MAX_DAYS, initial=7
    )
    email = forms.EmailField(label="E-mail (optional)", required=False, max_length=254)

    def __init__(self, *args: Any, own_role: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = [role for role in reversed(Role) if roles.may_give(own_role, role)]
        choices = [(role.value, f"{role.value}: {roles.MEANINGS[role]}") for role in given]
        role_field = self.fields["role"]
        if isinstance(role_field, forms.ChoiceField):
            role_field.choices = choices
        role_field.initial = Role.MEMBER.value

    def wish(self) -> Wish:
        return Wish(**self.cleaned_data)


def _new_password(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=1_000,
        strip=False,
        help_text="At least 12 signs; a sentence is good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class NewAccountForm(forms.Form):
    username = forms.CharField(
        label="Name to sign in with",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    password = _new_password("Password")


class NewPasswordForm(forms.Form):
    """`current` is only asked of who has one."""

    current = forms.CharField(
        label="Current password",
        max_length=1_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = _new_password("New password")

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]


class AuditFilter(forms.Form):
    """A value that is not on offer filters nothing, but says so."""

    team = forms.IntegerField(required=False, min_value=1, max_value=2**31)
    person = forms.CharField(required=False, max_length=150)
    area = forms.ChoiceField(
        required=False, choices=[("", "Everything"), *((area.value, area.value) for area in Area)]
    )
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    before = forms.UUIDField(required=False)

    def wanted(self) -> Filter:
        self.is_valid()
        known = self.cleaned_data
        return Filter(
            team_id=known.get("team"),
            person=known.get("person", ""),
            area=known.get("area", ""),
            since=known.get("since"),
            until=known.get("until"),
            before=known.get("before"),
        )
