"""Trips (jobs), their legs (provider calls) and the numbered events that tell of them."""

from django.db import models
from django.db.models import Q

from orchestrator.models.ids import new_id
from orchestrator.models.people import ApiToken, Team, User


class Trip(models.Model):
    """One job. State moves only by conditional updates in `services.driving.trips`."""

    class State(models.TextChoices):
        QUEUED = "queued"
        DRIVING = "driving"
        # A run that waits for a person: they asked for it, or its cap or a budget is reached.
        PAUSED = "paused"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"
        STALLED = "stalled"

    FINAL = (State.DONE, State.STOPPED, State.FAILED, State.STALLED)

    class Source(models.TextChoices):
        PAGE = "page"
        API = "api"
        CLI = "cli"
        LIBRARY = "library"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="trips")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True)
    token = models.ForeignKey(ApiToken, on_delete=models.SET_NULL, null=True, blank=True)
    conversation = models.ForeignKey(
        "orchestrator.Conversation", on_delete=models.SET_NULL, null=True, blank=True
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    pattern = models.CharField(max_length=10, default="single")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    idempotency_key = models.CharField(max_length=100, blank=True)
    request_digest = models.CharField(max_length=64, blank=True)
    headline = models.CharField(max_length=120, blank=True)

    road = models.CharField(max_length=63, blank=True)
    gear = models.CharField(max_length=63, blank=True)
    throttle = models.PositiveSmallIntegerField(null=True, blank=True)
    is_exploration = models.BooleanField(default=False)
    # The gear was fixed by a person.
    is_by_hand = models.BooleanField(default=False)
    # What reports group by: the profile it was driven with, the prompt it was written with, and
    # the tags of its chat, each on a line of its own with a line break before and after it.
    profile = models.CharField(max_length=63, blank=True)
    prompt = models.ForeignKey(
        "orchestrator.Prompt", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tags = models.TextField(blank=True)
    # When it went into the daily sums; empty again when something about it changed.
    counted_at = models.DateTimeField(null=True, blank=True)
    # The budget of a profile's share that binds the trip; empty where there is none.
    profile_budget = models.CharField(max_length=63, blank=True)
    fleet_version = models.PositiveBigIntegerField(default=0)

    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    pause_requested_at = models.DateTimeField(null=True, blank=True)
    # What a run of several calls may cost at most; it pauses there.
    cap_nano = models.BigIntegerField(null=True, blank=True)
    deadline_at = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # When a worker was last told of it; the sweeper tells again what nobody took.
    announced_at = models.DateTimeField(null=True, blank=True)

    input_tokens = models.PositiveBigIntegerField(default=0)
    cached_input_tokens = models.PositiveBigIntegerField(default=0)
    cache_write_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    reasoning_tokens = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=4, default="usd")
    cost_nano = models.BigIntegerField(default=0)
    baseline_gear = models.CharField(max_length=63, blank=True)
    baseline_nano = models.BigIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"]),
            models.Index(fields=["-created_at", "-id"], name="trip_newest"),
            models.Index(fields=["user", "-created_at", "-id"], name="trip_newest_of_user"),
            models.Index(fields=["team", "-created_at", "-id"], name="trip_newest_of_team"),
            models.Index(fields=["gear", "-created_at", "-id"], name="trip_newest_of_gear"),
            models.Index(fields=["road", "-created_at", "-id"], name="trip_newest_of_road"),
            # In the order of the log to its last column, or a pair that is rare or unknown makes
            # the database walk through all trips.
            models.Index(fields=["road", "gear", "-created_at", "-id"], name="trip_newest_of_pair"),
            models.Index(
                fields=["profile", "-created_at", "-id"],
                name="trip_newest_of_profile",
                condition=~Q(profile=""),
            ),
            models.Index(
                fields=["pattern", "-created_at", "-id"],
                name="trip_newest_of_pattern",
                condition=~Q(pattern="single"),
            ),
            models.Index(
                fields=["source", "-created_at", "-id"],
                name="trip_newest_elsewhere",
                condition=~Q(source="page"),
            ),
            models.Index(
                fields=["state", "-created_at", "-id"],
                name="trip_newest_not_done",
                condition=~Q(state="done"),
            ),
            models.Index(
                fields=["created_at"],
                name="trip_uncounted",
                condition=Q(counted_at=None, state__in=["done", "stopped", "failed", "stalled"]),
            ),
            models.Index(
                fields=["state", "lease_until"],
                name="trip_unfinished",
                condition=Q(state__in=["queued", "driving"]),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                name="trip_asked_once",
                condition=~Q(idempotency_key=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.headline or self.id} ({self.state})"

    @property
    def is_final(self) -> bool:
        return self.state in self.FINAL


class TripPayload(models.Model):
    """The large texts of a trip, apart so that lists and reports never read them."""

    trip = models.OneToOneField(
        Trip, on_delete=models.CASCADE, primary_key=True, related_name="payload"
    )
    request = models.JSONField()
    receipt = models.JSONField(null=True, blank=True)
    answer = models.TextField(blank=True)
    thinking = models.TextField(blank=True)
    tool_calls = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"payload of {self.trip_id}"


class Leg(models.Model):
    """One provider call. `path` places it in its pattern, `attempt` counts tries at that place."""

    class State(models.TextChoices):
        DRIVING = "driving"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="legs")
    path = models.CharField(max_length=200, default="1")
    attempt = models.PositiveSmallIntegerField(default=1)
    gear = models.CharField(max_length=63)
    level = models.PositiveSmallIntegerField()
    provider = models.CharField(max_length=63)
    model_id = models.CharField(max_length=200)
    throttle = models.PositiveSmallIntegerField()
    setting = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRIVING)
    started_at = models.DateTimeField()
    # Set just before the request leaves: a hold of a leg that was never sent is released.
    sent_at = models.DateTimeField(null=True, blank=True)
    first_token_s = models.FloatField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expected_output_tokens = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveBigIntegerField(default=0)
    cached_input_tokens = models.PositiveBigIntegerField(default=0)
    cache_write_tokens = models.PositiveBigIntegerField(default=0)
    output_tokens = models.PositiveBigIntegerField(default=0)
    reasoning_tokens = models.PositiveBigIntegerField(default=0)
    is_usage_estimated = models.BooleanField(default=False)
    currency = models.CharField(max_length=4, default="usd")
    price_version = models.CharField(max_length=60, blank=True)
    cost_nano = models.BigIntegerField(default=0)
    stop_reason = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    provider_request_id = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["trip", "path", "attempt"], name="leg_attempt_once")
        ]
        indexes = [models.Index(fields=["gear", "-id"])]

    def __str__(self) -> str:
        return f"{self.gear} ({self.state})"


class Step(models.Model):
    """What one place of a run produced. A step that is done is never driven again.

    The items of a swarm are steps as well: their `parent` is the path of the swarm, `number`
    counts them, and they are written down before the first of them is driven.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="steps")
    path = models.CharField(max_length=200)
    parent = models.CharField(max_length=200, blank=True)
    number = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DONE)
    gear = models.CharField(max_length=63, blank=True)
    # What one item of a swarm is about, or what a place was asked.
    given = models.TextField(blank=True)
    text = models.TextField(blank=True)
    error = models.CharField(max_length=500, blank=True)
    stop_reason = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["trip", "path"], name="step_kept_once")]
        indexes = [
            models.Index(fields=["trip", "parent", "number"], name="step_in_order"),
            models.Index(
                fields=["trip", "parent", "state", "number"],
                name="step_open",
                condition=~Q(state="done"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.name}"


class TripEvent(models.Model):
    """The log a page or client resumes from. Written by the lease holder alone, without holes."""

    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["trip_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["trip", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class SweeperLock(models.Model):
    """One row: whoever moves `until` forward may sweep, in whichever process."""

    until = models.DateTimeField()
    owner = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"sweeper {self.owner} until {self.until}"
