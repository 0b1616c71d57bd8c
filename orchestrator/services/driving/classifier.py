"""The optional LLM classifier: asked only in doubt, with a time limit, and remembered.

Any failure falls through to the signals. It names a road, never a gear.
"""

import asyncio
import hashlib
import json
import logging
import re
import time
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from orchestrator import runtime
from orchestrator.models import Classification
from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.errors import ProviderError
from orchestrator.providers.vocabulary import Message, ModelRequest, TextDelta, TextPart
from orchestrator.routing import roads, signals
from orchestrator.routing.types import ClassifierHint, Fleet, Task
from orchestrator.services.database import in_thread
from orchestrator.services.setup import fleet, options

log = logging.getLogger(__name__)
KEEP = timedelta(hours=1)
HEAD_CHARS = 500
ANSWER_TOKENS = 120
# A dead helper must not slow every task: after three failures it rests for five minutes.
FAILURES_TO_REST = 3
REST_S = 300.0
THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)
OBJECT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Question:
    digest: str
    text: str
    spec: ProviderSpec
    model_id: str
    roads: tuple[str, ...]


@dataclass(slots=True)
class _Rest:
    failures: int = 0
    until_s: float = 0.0


_rest = _Rest()


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def remembered(text: str) -> ClassifierHint | None:
    if not options.get("classifier"):
        return None
    row = Classification.objects.filter(
        digest=digest(text), created_at__gte=timezone.now() - KEEP
    ).first()
    return ClassifierHint(row.road, row.confidence, row.source) if row else None


async def consult(text: str) -> None:
    """Ask and remember, if the signals are unsure and a classifier is set up."""
    question = await in_thread(question_for, text)
    if question is None or time.monotonic() < _rest.until_s:
        return
    try:
        async with asyncio.timeout(float(options.get("classifier_timeout_s"))):
            answer = await _ask(question)
        await in_thread(_remember, question, answer)
        _rest.failures = 0
    except (ProviderError, TimeoutError, ValueError) as error:
        _rest.failures += 1
        if _rest.failures >= FAILURES_TO_REST:
            _rest.failures, _rest.until_s = 0, time.monotonic() + REST_S
        log.info("classifier did not help reason=%s", type(error).__name__)


def question_for(text: str) -> Question | None:
    if not options.get("classifier") or remembered(text) is not None:
        return None
    known = fleet.snapshot()
    if not _is_unsure(text, known):
        return None
    name = str(options.get("classifier_gear"))
    gear = next((gear for gear in known.gears if gear.name == name), None)
    if gear is None or gear.provider in fleet.availability():
        return None
    return Question(
        digest(text),
        _filled(str(options.get("classifier_template")), text, known),
        fleet.provider_spec(gear.provider),
        gear.model_id,
        tuple(road.name for road in known.roads),
    )


def _is_unsure(text: str, known: Fleet) -> bool:
    task = Task(text=text)
    return roads.is_unsure(roads.match(task, signals.read(task), known))


def _filled(template: str, text: str, known: Fleet) -> str:
    """The user's words are data between marks, and cannot close them."""
    words = text[:HEAD_CHARS].replace("</task>", "")
    listing = "\n".join(f"- {road.name}: {road.task_type}" for road in known.roads)
    return template.replace("{roads}", listing).replace("{task}", f"<task>\n{words}\n</task>")


async def _ask(question: Question) -> str:
    request = ModelRequest(
        model_id=question.model_id,
        messages=(Message("user", (TextPart(question.text),)),),
        max_output_tokens=ANSWER_TOKENS,
        temperature=0.0,
    )
    pieces = []
    async for event in runtime.client(question.spec).stream(request):
        if isinstance(event, TextDelta):
            pieces.append(event.text)
    return "".join(pieces)


def parse(answer: str, names: tuple[str, ...]) -> tuple[str, float]:
    """The road and confidence in a model's answer: an object, fenced or not, or a single word."""
    plain = THINKING.sub("", answer).strip()
    for candidate in [plain, *OBJECT.findall(plain)]:
        try:
            document = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(document, dict) and document.get("road") in names:
            confidence = document.get("confidence", 0.7)
            is_number = isinstance(confidence, int | float) and 0 <= confidence <= 1
            return str(document["road"]), float(confidence) if is_number else 0.7
    word = plain.strip("`\"'. \n").lower()
    if word in names:
        return word, 0.7
    raise ValueError("the classifier named no known road")


def _remember(question: Question, answer: str) -> None:
    road, confidence = parse(answer, question.roads)
    Classification.objects.update_or_create(
        digest=question.digest,
        defaults={
            "road": road,
            "confidence": confidence,
            "source": question.model_id[:100],
            "created_at": timezone.now(),
        },
    )
    Classification.objects.filter(created_at__lt=timezone.now() - KEEP).delete()
