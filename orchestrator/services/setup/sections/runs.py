"""Plans with places to fill that people kept, as entries."""

from orchestrator.models import RunTemplate, User
from orchestrator.routing.types import Pattern
from orchestrator.services.runs import templates
from orchestrator.services.setup.sections.rows import RowSection, named


def check_template(row: RunTemplate) -> None:
    if row.user_id is None:
        raise ValueError("user is missing: a plan belongs to a person")
    if not isinstance(row.document, dict):
        raise ValueError("document is a table: the plan")
    templates.read_plan(Pattern(row.pattern), row.document)


RUN_TEMPLATES = RowSection(
    "run_templates",
    RunTemplate,
    ("name", "user", "title", "summary", "pattern", "task", "document"),
    columns={"user": named("user", User.objects.all, "username")},
    keys=("name", "user"),
    own=lambda rows: rows.select_related("user"),
    check=check_template,
)
