"""Which profile somebody drives with when none is named."""

from django.db import models
from django.db.models import Q

from orchestrator.models.chat import Profile
from orchestrator.models.people import Team, User


class DefaultProfile(models.Model):
    """Of one person or of one team. What a person's leaves open is taken from their team's."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="default_profile"
    )
    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="default_profile"
    )
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, team__isnull=False) | Q(user__isnull=False, team=None),
                name="default_of_person_or_team",
            )
        ]

    def __str__(self) -> str:
        return f"{self.profile} for {self.user or self.team}"
