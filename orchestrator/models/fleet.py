"""What can be driven: providers, gears (choosable models), roads (task classes) and rules."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F

from orchestrator.routing.types import Pattern

NAME = RegexValidator(
    r"^[a-z0-9][a-z0-9._-]{0,62}$",
    "Use 1 to 63 small letters, digits, dots, dashes or underscores; begin with a letter or digit.",
)
PATTERNS = [(pattern.value, pattern.value) for pattern in Pattern]


class FleetVersion(models.Model):
    """A single row whose number moves with every change, so that processes know when to reload."""

    number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return f"version {self.number}"

    @classmethod
    def bump(cls) -> None:
        if not cls.objects.filter(pk=1).update(number=F("number") + 1):
            cls.objects.get_or_create(pk=1)

    @classmethod
    def current(cls) -> int:
        return cls.objects.filter(pk=1).values_list("number", flat=True).first() or 0

    @classmethod
    def begin_step(cls) -> int:
        """Within a transaction: the number as it is; others who change the fleet wait."""
        cls.objects.get_or_create(pk=1)
        return cls.objects.select_for_update().get(pk=1).number

    @classmethod
    def end_step(cls, number: int) -> None:
        """Many rows changed, and it counts as one step."""
        cls.objects.filter(pk=1).update(number=number)


class FleetRecord(models.Model):
    """A row whose change changes decisions."""

    name = models.CharField(max_length=63, unique=True, validators=[NAME])
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            FleetVersion.bump()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            FleetVersion.bump()
            return super().delete(*args, **kwargs)


class Provider(FleetRecord):
    """Where models are served. `credential` names a key, it never holds one."""

    class Reach(models.TextChoices):
        UNKNOWN = "unknown"
        OK = "ok"
        DOWN = "down"

    title = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=20)
    base_url = models.CharField(max_length=300, blank=True)
    credential = models.CharField(max_length=63, blank=True)
    options = models.JSONField(default=dict, blank=True)
    is_local = models.BooleanField(default=False)
    max_concurrency = models.PositiveIntegerField(default=10)
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True)
    tokens_per_minute = models.PositiveIntegerField(null=True, blank=True)
    # Local servers are used only after they have been seen; cloud ones as soon as a key is there.
    reach = models.CharField(max_length=10, choices=Reach.choices, default=Reach.UNKNOWN)
    reach_note = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]


class Gear(FleetRecord):
    """A choosable model. Null prices mean unknown, which is never counted as zero."""

    class PriceSource(models.TextChoices):
        CATALOGUE = "catalogue"
        MANUAL = "manual"
        FREE = "free"
        SUBSCRIPTION = "subscription"
        DEMO = "demo"
        UNKNOWN = "unknown"

    title = models.CharField(max_length=100, blank=True)
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="gears")
    model_id = models.CharField(max_length=200)
    price_source = models.CharField(
        max_length=12, choices=PriceSource.choices, default=PriceSource.UNKNOWN
    )
    # {"base": {"input", "output", "cached_input", "cache_write"}, "above": [[tokens, rates]],
    #  "version"}: nano-dollars per million tokens
    prices = models.JSONField(null=True, blank=True)
    context_window = models.PositiveIntegerField(default=32_000)
    max_output_tokens = models.PositiveIntegerField(default=8_192)
    capabilities = models.JSONField(default=list, blank=True)
    strengths = models.JSONField(default=list, blank=True)
    # {"style", "levels", "max_budget_tokens"}
    reasoning = models.JSONField(default=dict, blank=True)
    # What a first guess of latency starts from; trips correct it.
    first_token_s = models.FloatField(default=1.0)
    tokens_per_s = models.FloatField(default=60.0)
    order = models.PositiveIntegerField(default=100)
    retired_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["level", "order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="gear_level_1_to_5"
            )
        ]


class Road(FleetRecord):
    title = models.CharField(max_length=100)
    task_type = models.CharField(max_length=100)
    default_gear = models.CharField(max_length=63)
    level = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    throttle = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    pattern = models.CharField(max_length=10, choices=PATTERNS, default=Pattern.SINGLE.value)
    triggers = models.JSONField(default=dict, blank=True)
    # Where the task's words make it less sure than this, the next best road is taken.
    min_confidence = models.FloatField(
        default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    needs_specialists = models.BooleanField(default=False)
    order = models.PositiveIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]


class Rule(FleetRecord):
    """An override that a person made. `when` and `then` are checked when they are saved."""

    class Origin(models.TextChoices):
        PERSON = "person"
        CORRECTION = "correction"
        IMPORT = "import"

    when = models.JSONField(default=dict)
    then = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.PERSON)
    made_by = models.ForeignKey(
        "orchestrator.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Set where it binds only the one who made it.
    is_personal = models.BooleanField(default=False)
    ends_at = models.DateTimeField(null=True, blank=True)
    order = models.PositiveIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]


class FleetDocument(models.Model):
    """The configuration as it was at one version, so that an old decision can be explained."""

    version = models.PositiveBigIntegerField(unique=True)
    document = models.TextField()
    note = models.CharField(max_length=300, blank=True)
    # None where it came about outside the drafts: by command line, administration or import.
    made_by = models.ForeignKey(
        "orchestrator.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"version {self.version}"


class FleetChange(models.Model):
    """One entry of the draft: how it was when its editing began, and how it is to become.

    `before` None makes it new, `after` None takes it away.
    """

    group = models.CharField(max_length=20)
    name = models.CharField(max_length=63)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    made_by = models.ForeignKey(
        "orchestrator.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["group", "name"]
        constraints = [
            models.UniqueConstraint(fields=["group", "name"], name="one_change_of_an_entry")
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.name}"
