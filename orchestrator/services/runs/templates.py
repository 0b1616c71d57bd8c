"""Plans with places to fill: those that ship as files, and those that people kept."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from django.core.exceptions import ValidationError

from orchestrator import json_input
from orchestrator.models import RunTemplate
from orchestrator.models.fleet import NAME
from orchestrator.patterns import plans
from orchestrator.prompting import template as prompting
from orchestrator.prompting.template import Field
from orchestrator.routing.types import Pattern
from orchestrator.services.driving import requests
from orchestrator.services.driving.requests import RequestRefused

MAX_BYTES = 1024 * 1024
OWN_ENTRIES = ("title", "summary", "pattern", "task")


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    title: str
    pattern: Pattern
    document: Mapping[str, Any]
    task: str = ""
    summary: str = ""
    needs_items: bool = False
    is_own: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every place of the task and the instructions, each asked for once."""
        return prompting.parse("\n".join((self.task, *_texts(self.document)))).fields

    def fill(self, values: Mapping[str, str]) -> "Template":
        """Raises `RequestRefused` where a place without a default is left empty."""
        fields = self.fields
        if unknown := sorted(set(values) - {field.name for field in fields}):
            known = ", ".join(field.name for field in fields) or "none"
            raise RequestRefused(f"{self.name} has no place {unknown[0]!r}. There are: {known}.")

        def put(text: str) -> str:
            return prompting.Template(text, fields).fill(values)

        try:
            document, task = _mapped(self.document, put), put(self.task)
        except prompting.MissingValue as error:
            raise RequestRefused(str(error)) from error
        return Template(
            self.name,
            self.title,
            self.pattern,
            document,
            task,
            self.summary,
            self.needs_items,
            self.is_own,
        )


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def _mapped(value: Any, put: Any) -> Any:
    match value:
        case str():
            return put(value)
        case Mapping():
            return {name: _mapped(each, put) for name, each in value.items()}
        case list():
            return [_mapped(each, put) for each in value]
    return value


@cache
def shipped() -> Mapping[str, Template]:
    folder = resources.files("orchestrator.defaults").joinpath("plans")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {
        name: parse(file.read_text("utf-8"), name)
        for file in files
        if (name := file.name.removesuffix(".toml")) != file.name
    }


def everything(user_id: int) -> list[Template]:
    """What this person can choose from: their own first."""
    own = [_of(row) for row in RunTemplate.objects.filter(user_id=user_id)]
    return [*own, *shipped().values()]


def find(user_id: int, name: str) -> Template | None:
    row = RunTemplate.objects.filter(user_id=user_id, name=name).first()
    return _of(row) if row else shipped().get(name)


def _of(row: RunTemplate) -> Template:
    return Template(
        row.name,
        row.title,
        Pattern(row.pattern),
        row.document,
        row.task,
        row.summary,
        needs_items=_needs_items(row.pattern, row.document),
        is_own=True,
    )


def _needs_items(pattern: str, document: Mapping[str, Any]) -> bool:
    phases = document.get("phases") or [{}]
    swarm = document if pattern == "swarm" else phases[0]
    is_swarm = pattern == "swarm" or swarm.get("pattern") == "swarm"
    return is_swarm and not swarm.get("items")


def parse(text: str, name: str) -> Template:
    """A plan file, TOML or JSON. Raises `RequestRefused` that says what is wrong with it."""
    document = document_of(text, name)
    try:
        pattern = Pattern(document.get("pattern", ""))
    except ValueError:
        known = ", ".join(each for each in Pattern if each is not Pattern.SINGLE)
        raise RequestRefused(f"{name} has to say its pattern: {known}.") from None
    texts = {entry: document.get(entry, "") for entry in ("title", "summary", "task")}
    if wrong := [entry for entry, value in texts.items() if not isinstance(value, str)]:
        raise RequestRefused(f"{wrong[0]} of {name} is a text.")
    rest = {key: value for key, value in document.items() if key not in OWN_ENTRIES}
    read_plan(pattern, rest)
    return Template(
        name,
        texts["title"] or name,
        pattern,
        rest,
        texts["task"],
        texts["summary"],
        needs_items=_needs_items(pattern.value, rest),
    )


def document_of(text: str, name: str) -> Mapping[str, Any]:
    if len(text) > MAX_BYTES:
        raise RequestRefused(f"{name} is larger than 1 MiB. Items go into a file of their own.")
    if text.lstrip().startswith("{"):
        try:
            document = json_input.parse(text, max_bytes=4 * MAX_BYTES)
        except json_input.InvalidJson as error:
            raise RequestRefused(f"{name} is not JSON: {error.reason}") from error
        if not isinstance(document, dict):
            raise RequestRefused(f"{name} is no plan.")
        return document
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RequestRefused(f"{name} is not TOML: {error}.") from error


def read_plan(pattern: Pattern, document: Mapping[str, Any]) -> plans.RunPlan:
    """The plan as it would be driven; items that will be handed over stand in as one line."""
    if pattern is Pattern.SINGLE:
        raise RequestRefused("A plan has more than one call: convoy, team, cascade, swarm, hybrid.")
    shown = dict(document)
    if pattern is Pattern.HYBRID and _needs_items("hybrid", shown):
        shown = requests.with_items(shown, ("item",))
    try:
        return plans.from_document(pattern.value, shown)
    except plans.InvalidPlan as error:
        raise RequestRefused(f"The plan cannot be driven: {error}") from error


def keep(user_id: int, template: Template) -> RunTemplate:
    """Save under its name; the same name again replaces what was there."""
    try:
        NAME(template.name)
    except ValidationError as error:
        raise RequestRefused(error.messages[0]) from error
    read_plan(template.pattern, template.document)
    row, _ = RunTemplate.objects.update_or_create(
        user_id=user_id,
        name=template.name,
        defaults={
            "title": template.title[:120] or template.name,
            "summary": template.summary[:200],
            "pattern": template.pattern.value,
            "task": template.task,
            "document": dict(template.document),
        },
    )
    return row


def forget(user_id: int, name: str) -> bool:
    return bool(RunTemplate.objects.filter(user_id=user_id, name=name).delete()[0])
