"""Where people are told of budgets and reports: mail addresses as entries. Web addresses are
secrets and not part of the text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from orchestrator.models import AlertChannel, ReportDigest, User
from orchestrator.services.alerts import channels
from orchestrator.services.reports import digests, scopes
from orchestrator.services.reports.refusals import OutOfSight
from orchestrator.services.setup.sections.base import Changes, Entry
from orchestrator.services.setup.sections.reports import scope_key, scope_name


@dataclass(frozen=True, slots=True)
class DeliverySection:
    """An entry is there or not; there is nothing in it that could change."""

    name: str
    keys: tuple[str, ...]
    entries: Callable[[], list[dict[str, Any]]]
    make: Callable[[User, Entry], object]
    is_table: bool = False

    def export(self) -> list[dict[str, Any]]:
        return sorted(self.entries(), key=lambda entry: [entry[key] for key in self.keys])

    def apply(self, entry: Entry, changes: Changes) -> None:
        if unknown := sorted(set(entry) - set(self.keys)):
            raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(self.keys)}")
        if wrong := [key for key in self.keys if not isinstance(entry.get(key), str)]:
            raise ValueError(f"{wrong[0]} is a text")
        user = User.objects.filter(username=entry["user"]).first()
        if user is None:
            raise ValueError(f"there is no user named {entry['user']!r}")
        before = dict(entry) if dict(entry) in self.entries() else None
        subject = " ".join([self.name, *(entry[key] for key in self.keys)])
        if changes.note(subject, before, entry):
            self.make(user, entry)


def _channels() -> list[dict[str, Any]]:
    rows = AlertChannel.objects.filter(kind=AlertChannel.Kind.EMAIL).select_related("user")
    found = {(row.user.username, row.shown) for row in rows}
    return [{"user": user, "email": address} for user, address in found]


def _digests() -> list[dict[str, Any]]:
    """Without those of teams that are gone or that their reader has left."""
    rows = ReportDigest.objects.filter(channel=ReportDigest.Channel.EMAIL).select_related("user")
    return [
        {"user": row.user.username, "scope": scope, "email": row.address}
        for row in rows
        if row.scope in {scope.key for scope in scopes.of(row.user)}
        and (scope := scope_name(row.scope)) is not None
    ]


def _subscribe(user: User, entry: Entry) -> None:
    scope = scope_key(entry["scope"])
    try:
        digests.subscribe(user, scope, "email", entry["email"], timezone.now())
    except OutOfSight:
        raise ValueError(f"{user} may not see {entry['scope']!r}") from None


ALERT_MAILS = DeliverySection(
    "alert_mails",
    ("user", "email"),
    _channels,
    lambda user, entry: channels.restore_mail(user, entry["email"]),
)
REPORT_DIGESTS = DeliverySection("report_digests", ("user", "scope", "email"), _digests, _subscribe)
