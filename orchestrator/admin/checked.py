"""Rows that decisions read: checked here as they are wherever else they can be changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from orchestrator.admin.readonly import AnyAdmin

if TYPE_CHECKING:  # generic only for type checkers
    AnyModelForm = forms.ModelForm[Any]
else:
    AnyModelForm = forms.ModelForm


class CheckedForm(AnyModelForm):
    check: ClassVar[Callable[[Any], None]]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                type(self).check(self.instance)
            except ValueError as wrong:
                self.add_error(None, str(wrong))


class CheckedAdmin(AnyAdmin):
    """`check` raises `ValueError` with what is wrong about a row."""

    check_row: ClassVar[Callable[[Any], None]]
    actions: tuple[str, ...] = ("switch_on", "switch_off")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        fields = {"check": staticmethod(type(self).check_row)}
        return super().get_form(
            request, obj, change, **{**kwargs, "form": type("Checked", (CheckedForm,), fields)}
        )

    def switch_on(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._switch(request, queryset, is_enabled=True)

    def switch_off(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._switch(request, queryset, is_enabled=False)

    switch_on.short_description = "Switch the selected on"  # type: ignore[attr-defined]
    switch_off.short_description = "Switch the selected off"  # type: ignore[attr-defined]

    def _switch(self, request: HttpRequest, queryset: QuerySet[Any], *, is_enabled: bool) -> None:
        """One by one, so that each change counts as one of the configuration."""
        for row in queryset:
            row.is_enabled = is_enabled
            row.save(update_fields=["is_enabled", "updated_at"])
        self.message_user(request, f"{len(queryset)} switched {'on' if is_enabled else 'off'}.")
