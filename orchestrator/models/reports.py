"""Sums of ended trips by day, and what people keep of reports: saved ones, links, digests."""

from django.db import models
from django.db.models import Q

from orchestrator.models.ids import new_id
from orchestrator.models.people import User


class UsageDay(models.Model):
    """What one combination of dimensions added up to on one UTC day.

    Rows of a coarser grain leave dimensions empty and repeat the same money: a sum takes one grain.
    Ids instead of foreign keys, because rows are written and replaced by the thousand.
    """

    class Grain(models.IntegerChoices):
        PEOPLE = 1
        FLEET = 2
        WHOLE = 3

    grain = models.PositiveSmallIntegerField(choices=Grain.choices)
    day = models.DateField()
    currency = models.CharField(max_length=4)
    user_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)
    token_id = models.UUIDField(null=True)
    prompt_id = models.BigIntegerField(null=True)
    gear = models.CharField(max_length=63, db_default="")
    provider = models.CharField(max_length=63, db_default="")
    road = models.CharField(max_length=63, db_default="")
    pattern = models.CharField(max_length=10, db_default="")
    profile = models.CharField(max_length=63, db_default="")
    tags = models.TextField(db_default="")

    trips = models.IntegerField(db_default=0)
    done = models.IntegerField(db_default=0)
    failed = models.IntegerField(db_default=0)
    stopped = models.IntegerField(db_default=0)
    by_hand = models.IntegerField(db_default=0)
    # Of trips that were answered and have a baseline.
    compared = models.IntegerField(db_default=0)
    compared_nano = models.BigIntegerField(db_default=0)
    baseline_nano = models.BigIntegerField(db_default=0)
    compared_input_tokens = models.BigIntegerField(db_default=0)
    compared_cached_tokens = models.BigIntegerField(db_default=0)
    compared_written_tokens = models.BigIntegerField(db_default=0)
    compared_output_tokens = models.BigIntegerField(db_default=0)

    calls = models.IntegerField(db_default=0)
    failed_calls = models.IntegerField(db_default=0)
    estimated_calls = models.IntegerField(db_default=0)
    cost_nano = models.BigIntegerField(db_default=0)
    input_tokens = models.BigIntegerField(db_default=0)
    cached_input_tokens = models.BigIntegerField(db_default=0)
    cache_write_tokens = models.BigIntegerField(db_default=0)
    output_tokens = models.BigIntegerField(db_default=0)
    reasoning_tokens = models.BigIntegerField(db_default=0)

    good = models.IntegerField(db_default=0)
    bad = models.IntegerField(db_default=0)
    overkill = models.IntegerField(db_default=0)
    too_slow = models.IntegerField(db_default=0)
    corrected = models.IntegerField(db_default=0)

    # Answered trips by how long they took; `services.reports.latency` knows the bounds.
    took_00 = models.IntegerField(db_default=0)
    took_01 = models.IntegerField(db_default=0)
    took_02 = models.IntegerField(db_default=0)
    took_03 = models.IntegerField(db_default=0)
    took_04 = models.IntegerField(db_default=0)
    took_05 = models.IntegerField(db_default=0)
    took_06 = models.IntegerField(db_default=0)
    took_07 = models.IntegerField(db_default=0)
    took_08 = models.IntegerField(db_default=0)
    took_09 = models.IntegerField(db_default=0)
    took_10 = models.IntegerField(db_default=0)
    took_11 = models.IntegerField(db_default=0)
    took_12 = models.IntegerField(db_default=0)
    took_13 = models.IntegerField(db_default=0)
    took_14 = models.IntegerField(db_default=0)
    took_15 = models.IntegerField(db_default=0)
    took_16 = models.IntegerField(db_default=0)
    took_17 = models.IntegerField(db_default=0)
    took_18 = models.IntegerField(db_default=0)
    took_19 = models.IntegerField(db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["grain", "day"], name="usage_by_day"),
            models.Index(fields=["grain", "user_id", "day"], name="usage_by_user"),
            models.Index(
                fields=["grain", "team_id", "day"], name="usage_by_team", condition=~Q(team_id=None)
            ),
        ]

    def __str__(self) -> str:
        return f"usage on {self.day}"


class UsageLock(models.Model):
    """One row that whoever counts trips holds meanwhile."""

    def __str__(self) -> str:
        return "lock of the usage figures"


class SavedReport(models.Model):
    """A question under a name. Whose trips it counts is decided anew each time it is asked."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_reports")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_report_of_a_name")
        ]

    def __str__(self) -> str:
        return self.name


class ReportShare(models.Model):
    """A read-only link to one question. Only a digest of it is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="report_shares")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} until {self.expires_at:%Y-%m-%d}"


class ReportDigest(models.Model):
    """What is sent every Monday: by e-mail or to a webhook."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="report_digests")
    scope = models.CharField(max_length=20)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "scope", "channel", "address"], name="one_digest_each"
            )
        ]

    def __str__(self) -> str:
        return f"digest of {self.scope} by {self.channel}"
