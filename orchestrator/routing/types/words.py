"""The closed sets a decision speaks in."""

from enum import StrEnum


class Capability(StrEnum):
    TOOLS = "tools"
    VISION = "vision"
    PDF = "pdf"
    THINKING = "thinking"
    JSON_SCHEMA = "json_schema"
    WEB = "web"


class Purpose(StrEnum):
    GENERAL = "general"
    CODING = "coding"
    VISION = "vision"
    RESEARCH = "research"
    REASONING = "reasoning"
    CONVERSATION = "conversation"
    TOOLS = "tools"
    BULK = "bulk"
    CREATIVE = "creative"
    TRANSLATION = "translation"
    MATHS = "maths"


class Pattern(StrEnum):
    SINGLE = "single"
    CONVOY = "convoy"
    TEAM = "team"
    SWARM = "swarm"
    HYBRID = "hybrid"
    CASCADE = "cascade"


class Tempo(StrEnum):
    HURRIED = "hurried"
    NORMAL = "normal"
    THOROUGH = "thorough"


class Zone(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class Effort(StrEnum):
    """Reasoning levels a provider may know, weakest first."""

    NONE = "none"
    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    XHIGH = "xhigh"
    MAX = "max"


class ReasoningStyle(StrEnum):
    """How a model's reasoning is switched on the wire."""

    NONE = "none"
    EFFORT = "effort"
    BUDGET = "budget"
    TOGGLE = "toggle"
