"""The parts of the configuration text. A new part: one file here, and one name in `SECTIONS`.

They are applied in this order, so what others refer to comes first.
"""

from orchestrator.services.setup.sections.base import Section
from orchestrator.services.setup.sections.budgets import BUDGETS
from orchestrator.services.setup.sections.fleet import GEARS, PROVIDERS, ROADS, RULES
from orchestrator.services.setup.sections.options import OPTIONS
from orchestrator.services.setup.sections.profiles import PROFILES
from orchestrator.services.setup.sections.prompts import PROMPTS
from orchestrator.services.setup.sections.runs import RUN_TEMPLATES

SECTIONS: tuple[Section, ...] = (
    OPTIONS,
    PROVIDERS,
    GEARS,
    ROADS,
    RULES,
    PROFILES,
    PROMPTS,
    RUN_TEMPLATES,
    BUDGETS,
)
