"""Users, teams, API tokens and sign-in links. Secrets are digests, and those are not shown."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from orchestrator.admin.readonly import AnyUserAdmin, ReadOnlyAdmin, ReadOnlyInline
from orchestrator.models import (
    ApiToken,
    AttemptCount,
    AuditEntry,
    ExternalIdentity,
    Invitation,
    Membership,
    OpenSession,
    RecoveryCode,
    SecondFactor,
    SignInLink,
    Team,
    User,
)


@admin.register(User)
class PersonAdmin(AnyUserAdmin):
    list_display = ("username", "email", "is_owner", "is_staff", "is_active", "last_login")
    # Deactivating ends sessions and tokens, which the page of people does.
    readonly_fields = ("is_owner", "is_active", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "time_zone")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "is_owner", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What a person spent stays in the books; people are deactivated."""
        return False


class MembershipInline(ReadOnlyInline):
    model = Membership


# The page of a team keeps its last owner and writes the audit log; here one only looks.
@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "created_at")
    search_fields = ("name",)
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "team", "role", "created_at")
    list_filter = ("role", "team")
    list_select_related = ("user", "team")
    search_fields = ("user__username", "team__name")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("name", "public_id", "user", "team", "expires_at", "revoked_at", "last_used_at")
    list_filter = ("revoked_at", "expires_at")
    list_select_related = ("user", "team")
    search_fields = ("name", "public_id", "user__username")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description="Revoke the selected tokens", permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        count = queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        self.message_user(request, f"{count} revoked; they are refused from now on.")


@admin.register(SignInLink)
class SignInLinkAdmin(ReadOnlyAdmin):
    list_display = ("user", "created_at", "expires_at", "used_at")
    list_select_related = ("user",)
    exclude = ("digest",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("team", "role", "email", "uses", "max_uses", "expires_at", "revoked_at")
    list_filter = ("role", "team")
    list_select_related = ("team",)
    search_fields = ("email", "team__name")
    exclude = ("digest",)


@admin.register(OpenSession)
class OpenSessionAdmin(ReadOnlyAdmin):
    list_display = ("user", "agent", "address", "created_at", "seen_at")
    list_select_related = ("user",)
    search_fields = ("user__username",)
    exclude = ("key",)


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    list_display = ("user", "confirmed_at", "created_at")
    list_select_related = ("user",)
    exclude = ("sealed",)


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin):
    list_display = ("user",)
    list_select_related = ("user",)
    exclude = ("digest",)


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "issuer", "subject", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__username", "subject")


@admin.register(AttemptCount)
class AttemptCountAdmin(ReadOnlyAdmin):
    list_display = ("count", "window_ends_at")
    exclude = ("key",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor_name", "team_name", "area", "what", "before", "after", "source")
    list_filter = ("area", "source")
    search_fields = ("actor_name", "what", "team_name")
