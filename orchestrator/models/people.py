"""Who drives: users, teams, API tokens and one-time sign-in links."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from orchestrator.models.ids import new_id


class User(AbstractUser):
    time_zone = models.CharField(max_length=64, blank=True)
    # The one person of an embedded installation, who may use agentic command-line gears.
    is_owner = models.BooleanField(default=False)
    # The team whose role and budget count for what this person does now.
    current_team = models.ForeignKey(
        "orchestrator.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Every session was opened in one epoch; moving it ends all of them at once.
    session_epoch = models.PositiveIntegerField(default=0)
    # Team and role as whose holder this person looks at pages for now; never stored.
    viewing: "tuple[Team, str] | None" = None

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["is_owner"], condition=Q(is_owner=True), name="one_owner"
            )
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever is looked at with fewer rights must not lose them for good."""
        if self.viewing is not None:
            raise RuntimeError("a person is not stored while they look as somebody else")
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        epoch = f":{self.session_epoch}" if self.session_epoch else ""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        value = f"{self.password}{epoch}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"
        VIEWER = "viewer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="one_role_per_team")]

    def __str__(self) -> str:
        return f"{self.user} · {self.team} · {self.role}"


class ApiToken(models.Model):
    """`public_id` finds the row; only a digest of the secret is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, blank=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} (clk_{self.public_id}_…)"


class SignInLink(models.Model):
    """Good for one sign-in within a short time."""

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"sign-in link for {self.user}"
