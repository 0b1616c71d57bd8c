"""Changes that a person may not make but suggest: kept as a version that waits for a yes."""

from collections import Counter
from collections.abc import Iterable

from django.db import transaction

from orchestrator.models import Prompt, PromptVersion, User
from orchestrator.services.prompts import access, library
from orchestrator.services.prompts.library import PromptRefused

SUGGESTED = PromptVersion.State.SUGGESTED
# So that nobody fills a prompt that is not theirs.
MOST_WAITING = 5
MOST_SHOWN = 20


def suggest(prompt: Prompt, user: User, text: str, note: str = "") -> PromptVersion:
    text = library.checked_text(text)
    if text == prompt.text:
        raise PromptRefused("This is the text as it is. Change it, then suggest it.")
    if prompt.versions.filter(state=SUGGESTED, author=user).count() >= MOST_WAITING:
        raise PromptRefused(f"{MOST_WAITING} of your suggestions wait for an answer already.")
    return library.add_version(prompt, user, text, note, SUGGESTED)


def shown(prompt: Prompt, user: User, *, may_change: bool) -> list[PromptVersion]:
    """What waits, for those who decide; for everybody else their own, also what was declined."""
    found = prompt.versions.select_related("author")
    if may_change:
        return list(found.filter(state=SUGGESTED))
    return list(found.filter(author=user).exclude(state=PromptVersion.State.KEPT)[:MOST_SHOWN])


def counts_for(user: User, prompts: Iterable[Prompt]) -> dict[int, int]:
    """How many wait for this person's answer, by prompt."""
    by_pk = {prompt.pk: prompt for prompt in prompts}
    waiting = PromptVersion.objects.filter(prompt__in=by_pk, state=SUGGESTED)
    counts = Counter(waiting.values_list("prompt_id", flat=True))
    return {pk: counts[pk] for pk in counts if access.may_change(by_pk[pk], user)}


def accept(prompt: Prompt, number: int, seen_live: str) -> PromptVersion:
    """`seen_live` is the version it was compared with, as the page says it: a newer text is not
    undone unseen."""
    with transaction.atomic():
        Prompt.objects.select_for_update().get(pk=prompt.pk)
        prompt.refresh_from_db()
        if str(prompt.live_id) != seen_live:
            raise PromptRefused("The prompt was changed meanwhile. Look at the difference again.")
        version = _decide(prompt, number, PromptVersion.State.KEPT)
        library.use_version(prompt, version)
    return version


def decline(prompt: Prompt, number: int) -> PromptVersion:
    return _decide(prompt, number, PromptVersion.State.DECLINED)


def _decide(prompt: Prompt, number: int, state: PromptVersion.State) -> PromptVersion:
    """Of two who decide at once the first one counts."""
    waiting = prompt.versions.filter(number=number, state=SUGGESTED)
    if not waiting.update(state=state):
        raise PromptVersion.DoesNotExist
    return prompt.versions.get(number=number)
