"""Good beginnings for an empty library, kept when a person chooses one."""

from orchestrator.services.prompts.library import Draft

SAMPLES = (
    Draft(
        title="Review this code",
        text=(
            "Review this {{language:Python|JavaScript|SQL}} code. Name what is wrong first, "
            "then what could be simpler.\n\n{{code:multiline}}"
        ),
        description="What is wrong first, then what could be simpler",
        tags=("code",),
    ),
    Draft(
        title="Answer a mail",
        text=(
            "Write a {{tone:friendly|formal|short}} answer to this mail. "
            "What I want to say: {{point}}\n\n{{mail:multiline}}"
        ),
        description="In the tone that fits",
        tags=("mail",),
    ),
    Draft(
        title="Explain to",
        text=(
            "Explain {{subject}} to {{reader|a curious twelve-year-old}} "
            "in about {{words|150}} words."
        ),
        description="Any subject, for any reader, at any length",
        tags=("learning",),
    ),
)
