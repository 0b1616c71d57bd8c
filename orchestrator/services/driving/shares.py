"""How many calls to a provider this process may have under way: a lease that is asked for again."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from orchestrator.models import Provider, ProviderShare
from orchestrator.routing import sharing
from orchestrator.services.driving import leases

LEASE = timedelta(seconds=15)


def ask(provider: str, owner: str, wanted: int, in_use: int) -> int:
    """The share that is granted now. What others have is only taken when they ask again."""
    with transaction.atomic():
        places = (
            Provider.objects.select_for_update(no_key=True)
            .filter(name=provider)
            .values_list("max_concurrency", flat=True)
            .first()
        ) or 1
        others = {
            name: (wants, granted)
            for name, wants, granted in ProviderShare.objects.filter(
                provider=provider, until__gt=Now()
            )
            .exclude(owner=owner)
            .values_list("owner", "wanted", "granted")
            if not leases.is_gone(name)
        }
        wishes = {name: wants for name, (wants, _) in others.items()} | {owner: wanted}
        free = places - sum(granted for _, granted in others.values())
        granted = max(min(sharing.share(places, wishes)[owner], free), in_use, 0)
        ProviderShare.objects.update_or_create(
            provider=provider,
            owner=owner,
            defaults={"wanted": wanted, "granted": granted, "until": Now() + LEASE},
        )
        ProviderShare.objects.filter(provider=provider, until__lte=Now()).delete()
    return granted


def give_back(provider: str, owner: str) -> None:
    ProviderShare.objects.filter(provider=provider, owner=owner).delete()
