"""What the places of a run produced: kept once, so that a crash never pays for them twice."""

from uuid import UUID

from orchestrator.models import Step
from orchestrator.patterns.crew import Answer
from orchestrator.providers.vocabulary import StopReason


def recall(trip_id: UUID, path: str) -> Answer | None:
    step = Step.objects.filter(trip_id=trip_id, path=path).first()
    if step is None:
        return None
    reason = StopReason(step.stop_reason) if step.stop_reason else None
    return Answer(text=step.text, gear=step.gear, stop_reason=reason)


def remember(trip_id: UUID, path: str, name: str, answer: Answer) -> None:
    Step.objects.get_or_create(
        trip_id=trip_id,
        path=path,
        defaults={
            "name": name[:100],
            "gear": answer.gear,
            "text": answer.text,
            "stop_reason": answer.stop_reason or "",
        },
    )
