"""Roads (task classes): which one the user's words lead to, and how sure that is."""

from orchestrator.routing import words
from orchestrator.routing.matching import found
from orchestrator.routing.signals import excerpt
from orchestrator.routing.types import Features, Fleet, RoadMatch, RoadSpec, Signal, Task

UNSURE_BELOW = 0.5
DEFAULT_CONFIDENCE = 0.3
FACT_CONFIDENCE = 0.55
FACT_QUESTION_WORDS = 10
INHERIT_WITHIN_S = 1_800.0
FOLLOW_UP_WORDS = 6
CODE_FOLLOW_UP_WORDS = 15
LONG_TASK_WORDS = 600
MANY_PHASES = 4
MANY_STAGES = 10
LONG_DISTANCE = "long-distance"
EASIEST = "dirt-road"


def match(task: Task, features: Features, fleet: Fleet) -> RoadMatch:
    """Named road, inherited road, matching words, classifier, default: the first that holds."""
    if task.overrides.road:
        named = by_name(fleet, task.overrides.road)
        if named is not None:
            return RoadMatch(named, 1.0, "named")
    inherited = _inherited(task, features, fleet)
    if inherited is not None:
        return inherited
    matched = _by_words(task, features, fleet)
    if is_unsure(matched) and task.hint is not None:
        hinted = by_name(fleet, task.hint.road)
        if hinted is not None:
            signal = Signal("classifier", task.hint.source, task.hint.confidence)
            return RoadMatch(hinted, task.hint.confidence, "classifier", (signal,))
    return matched


def is_unsure(matched: RoadMatch) -> bool:
    return matched.confidence < UNSURE_BELOW


def by_name(fleet: Fleet, name: str) -> RoadSpec | None:
    return next((road for road in fleet.roads if road.name == name), None)


def default_road(fleet: Fleet) -> RoadSpec:
    return by_name(fleet, fleet.default_road) or fleet.roads[0]


def _inherited(task: Task, features: Features, fleet: Fleet) -> RoadMatch | None:
    """A short follow-up goes on along the road of the turn before."""
    previous = task.previous
    if previous is None or previous.age_s > INHERIT_WITHIN_S:
        return None
    road = by_name(fleet, previous.road)
    if road is None:
        return None
    if previous.in_tool_loop:
        return RoadMatch(road, 1.0, "tool loop")
    said = task.text.strip().lower().rstrip(".!?。！？ ")
    if said in words.REFUSALS:
        return RoadMatch(_easiest(fleet), 0.8, "closing words", (Signal("closing words", said),))
    is_go_on = said in words.FOLLOW_UPS or (
        features.words <= FOLLOW_UP_WORDS and bool(found(words.FOLLOW_UPS, said))
    )
    if is_go_on or (previous.had_code and features.words <= CODE_FOLLOW_UP_WORDS):
        return RoadMatch(road, 0.8, "inherited", (Signal("follow-up", said[:40]),))
    return None


def _by_words(task: Task, features: Features, fleet: Fleet) -> RoadMatch:
    lowered = excerpt(task.text).lower()
    scored = []
    for road in fleet.roads:
        hits = tuple(
            dict.fromkeys(
                hit for listed in road.triggers.values() for hit in found(listed, lowered)
            )
        )
        score = sum(_weight(hit) for hit in hits) + _shape_score(road, features, lowered)
        if score:
            scored.append((score, -road.order, road, hits))
    total = sum(entry[0] for entry in scored)
    best_first = sorted(scored, key=lambda entry: (entry[0], entry[1], entry[2].name), reverse=True)
    for score, _, road, hits in best_first:
        confidence = _confidence(score, total - score)
        if confidence >= road.min_confidence:
            signals = tuple(Signal("word", hit, _weight(hit)) for hit in hits)
            told = signals or (Signal("shape", road.name),)
            return RoadMatch(road, confidence, "words", told)
    return _without_words(task, features, fleet)


def _confidence(score: float, others: float) -> float:
    return round(min(0.98, 0.5 + 0.12 * score) * score / (score + 0.5 * others), 2)


def _without_words(task: Task, features: Features, fleet: Fleet) -> RoadMatch:
    """A short question for a fact is easy work; of anything else nothing is known."""
    if not _asks_for_a_fact(task, features):
        return RoadMatch(default_road(fleet), DEFAULT_CONFIDENCE, "default")
    signal = Signal("short question", f"{features.words} words", 1.0)
    return RoadMatch(_easiest(fleet), FACT_CONFIDENCE, "short question", (signal,))


def _easiest(fleet: Fleet) -> RoadSpec:
    least = min(fleet.roads, key=lambda road: (road.level, road.order))
    return by_name(fleet, EASIEST) or least


def _asks_for_a_fact(task: Task, features: Features) -> bool:
    said = task.text.strip().lower().lstrip("¿ ")
    is_plain = not (features.has_code or features.has_maths or task.images or task.pdfs)
    is_short = features.words <= FACT_QUESTION_WORDS and "\n" not in said
    begins = any(said.startswith(f"{opening} ") for opening in words.FACT_QUESTIONS)
    return is_plain and is_short and (begins or any(mark in said for mark in words.FACT_MARKS))


def _weight(hit: str) -> float:
    """Longer phrases say more: a phrase of three words outweighs two single words."""
    return 1.0 + 0.75 * hit.count(" ")


def _shape_score(road: RoadSpec, features: Features, lowered: str) -> float:
    """Large work shows in its shape as much as in its words."""
    if road.name != LONG_DISTANCE:
        return 0.0
    is_many_phases = len(found(words.PHASES, lowered)) >= MANY_PHASES
    is_long = features.words > LONG_TASK_WORDS
    return 3.0 * is_many_phases + 2.0 * is_long + 2.0 * (features.stages > MANY_STAGES)
