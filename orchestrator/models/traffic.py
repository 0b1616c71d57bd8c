"""How the calls to one provider are shared out between processes and spread over time."""

from django.db import models


class ProviderShare(models.Model):
    """How many calls one process may have under way; it must ask again before `until`."""

    provider = models.CharField(max_length=63)
    owner = models.CharField(max_length=64)
    wanted = models.PositiveIntegerField()
    granted = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "owner"], name="one_share_each")]

    def __str__(self) -> str:
        return f"{self.provider} {self.owner} {self.granted} of {self.wanted}"


class ProviderPace(models.Model):
    """When the next call may leave, in seconds since 1970. One row for all processes."""

    provider = models.CharField(max_length=63, unique=True)
    # Where the requests and the tokens sent so far reach to at the provider's rates.
    requests_until_s = models.FloatField(default=0)
    tokens_until_s = models.FloatField(default=0)
    # The provider said: not before.
    closed_until_s = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"pace of {self.provider}"
