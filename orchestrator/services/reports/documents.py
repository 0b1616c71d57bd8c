"""A report as one JSON document: what the command prints and the address for programs sends."""

from typing import Any

from orchestrator.services.reports.figures import Figures
from orchestrator.services.reports.measures import LEG_MEASURES, TRIP_MEASURES, VOTES
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.reading import Report
from orchestrator.services.reports.spans import Span

NAMES = tuple(
    name
    for name in (*TRIP_MEASURES, *LEG_MEASURES, *VOTES)
    if not name.startswith("compared_") or name == "compared_nano"
)


def document(report: Report) -> dict[str, Any]:
    question = report.question
    return {
        "scope": question.scope.key,
        "title": question.scope.title,
        "period": _span(question.span) | {"name": question.period},
        "before": _span(question.before),
        "currency": question.currency,
        "group": question.group,
        "filters": {name: list(values) for name, values in question.filters.items()},
        "is_complete": report.is_complete,
        "savings": {"baseline": question.baseline.title, "formula": question.baseline.formula},
        "totals": of(report.totals, question),
        "totals_before": of(report.before, question),
        "steps": [_span(step.span) | of(step.figures, question) for step in report.steps],
        "groups": [
            {"key": line.key, "label": line.label}
            | of(line.figures, question)
            | {"cost_before_nano": line.before.cost_nano, "trips_before": line.before.trips}
            for line in report.lines
        ],
    }


def of(found: Figures, question: Question) -> dict[str, Any]:
    return {name: found[name] for name in NAMES} | {
        "baseline_nano": question.baseline.baseline_nano(found),
        "saved_nano": question.baseline.saved_nano(found),
        "cost_per_trip_nano": found.cost_per_trip_nano,
        "p50_s": found.p50_s,
        "p95_s": found.p95_s,
    }


def _span(span: Span) -> dict[str, Any]:
    return {"from": str(span.first), "to": str(span.last)}
