"""Prompts as files: the version that is used, with what is said about it."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any

from django.utils.text import slugify

from orchestrator.models import Prompt
from orchestrator.services.prompts import access
from orchestrator.services.prompts.exchange import documents, front_matter
from orchestrator.services.prompts.library import Draft


def draft_of(prompt: Prompt) -> Draft:
    return Draft(
        title=prompt.title,
        text=prompt.text,
        name=prompt.name,
        description=prompt.description,
        tags=tuple(tag.name for tag in prompt.tags.all()),
        note=prompt.live.note if prompt.live else "",
    )


def as_markdown(prompt: Prompt) -> str:
    return front_matter.write(draft_of(prompt))


def as_json(prompts: Iterable[Prompt]) -> dict[str, Any]:
    return documents.write(draft_of(prompt) for prompt in prompts)


def as_zip(prompts: Iterable[Prompt]) -> bytes:
    """A folder for each owner, since a name is used once by each of them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for prompt in prompts:
            archive.writestr(f"{_folder(prompt)}/{prompt.name}.md", as_markdown(prompt))
    return packed.getvalue()


def _folder(prompt: Prompt) -> str:
    if prompt.team is None:
        return access.key_of(prompt)
    return slugify(f"team {prompt.team_id} {prompt.team.name}")
