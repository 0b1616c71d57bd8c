"""The parts of the configuration text. A new part: one file here, and one name in `SECTIONS`.

They are applied in this order, so what others refer to comes first.
"""

from orchestrator.services.setup.sections.base import Section
from orchestrator.services.setup.sections.budgets import BUDGETS
from orchestrator.services.setup.sections.deliveries import ALERT_MAILS, REPORT_DIGESTS
from orchestrator.services.setup.sections.fleet import (
    GEARS,
    PERSONAL_RULES,
    PROVIDERS,
    ROADS,
    RULES,
)
from orchestrator.services.setup.sections.options import OPTIONS
from orchestrator.services.setup.sections.profiles import PROFILES
from orchestrator.services.setup.sections.prompts import PROMPTS
from orchestrator.services.setup.sections.reports import SAVED_REPORTS
from orchestrator.services.setup.sections.runs import RUN_TEMPLATES
from orchestrator.services.setup.sections.teams import TEAMS

SECTIONS: tuple[Section, ...] = (
    OPTIONS,
    PROVIDERS,
    GEARS,
    ROADS,
    RULES,
    PERSONAL_RULES,
    TEAMS,
    PROFILES,
    PROMPTS,
    RUN_TEMPLATES,
    BUDGETS,
    ALERT_MAILS,
    SAVED_REPORTS,
    REPORT_DIGESTS,
)
