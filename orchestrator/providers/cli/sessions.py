"""What all command-line tools share: one prompt in, one stream of JSON lines out."""

import asyncio
import json
import math
import os
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from orchestrator.providers.base import ProviderSpec
from orchestrator.providers.cli import faults, subprocesses, transcripts
from orchestrator.providers.errors import BadRequest, ModelNotFound, TimedOut, Unreachable
from orchestrator.providers.vocabulary import (
    DiscoveredModel,
    Finished,
    ModelRequest,
    ProviderEvent,
)

SESSION = "session"
MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}", re.ASCII)
VERSION = re.compile(r"\d+(?:\.\d+)+", re.ASCII)
CHECK_S = 5.0
LONGEST_WAIT_S = 3600.0


class Dialect(Protocol):
    """Reads one tool's JSON stream; one instance per call."""

    def read(self, document: Mapping[str, Any]) -> Iterable[ProviderEvent]: ...

    def end(self) -> Iterable[ProviderEvent]:
        """What is still to say once the tool has ended well."""
        ...


@dataclass(frozen=True, slots=True)
class Tool:
    """One command-line tool: how it is called, what it reads, how to sign in to it.

    `variables` are the ones it documents and a user may have set; `settings` are set by us.
    """

    title: str
    executable: str
    sign_in: str
    arguments: Callable[[ModelRequest], tuple[str, ...]]
    dialect: Callable[[], Dialect]
    secret_variable: Callable[[str], str]
    model: DiscoveredModel
    variables: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    oldest: tuple[int, ...] = ()


class CliProvider:
    """The adapter of one tool; a subclass names the tool and adds nothing else."""

    tool: ClassVar[Tool]

    def __init__(
        self,
        spec: ProviderSpec,
        environ: Mapping[str, str] | None = None,
        limits: subprocesses.Limits | None = None,
    ) -> None:
        self.spec = spec
        self._environ = os.environ if environ is None else environ
        self._limits = limits or subprocesses.Limits()

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ProviderEvent]:
        transcripts.refuse_unsupported(request, self.tool.title)
        prompt = transcripts.render(request).encode("utf-8", errors="replace")
        command = self._command(self.tool.arguments(request), prompt)
        async with (
            subprocesses.start(command, self._effective_limits()) as running,
            aclosing(self._events(running)) as events,
        ):
            async for event in events:
                yield _with_model(event, request.model_id)
                if isinstance(event, Finished):
                    return

    async def list_models(self) -> tuple[DiscoveredModel, ...]:
        return (self.tool.model,)

    async def check(self) -> None:
        """Asks for the version: costs nothing, and says whether the tool starts at all."""
        limits = replace(self._limits, no_output_s=CHECK_S)
        try:
            async with asyncio.timeout(CHECK_S):
                async with subprocesses.start(self._command(("--version",)), limits) as running:
                    answer = await running.next_line()
                    code = await running.exit_code()
        except TimeoutError:
            raise TimedOut(f"{self.tool.title} did not say its version in {CHECK_S:g} s.") from None
        if code:
            raise faults.ended(self._report(running.errors, code))
        self._refuse_old(answer.decode(errors="replace"))

    async def aclose(self) -> None:
        """Nothing is kept between calls."""

    async def _events(self, running: subprocesses.RunningTool) -> AsyncGenerator[ProviderEvent]:
        dialect = self.tool.dialect()
        stray = ""
        while line := await running.next_line():
            document = _parse(line)
            if document is None:
                stray = f"{stray}{line.decode(errors='replace')}"[: faults.MAX_STRAY_CHARS]
                continue
            for event in self._translated(dialect.read(document), running):
                yield event
        code = await running.exit_code()
        if code == 0:
            for event in self._translated(dialect.end(), running):
                yield event
        report = self._report(running.errors or stray, code)
        raise faults.ended(report, had_stray_output=bool(stray))

    def _translated(
        self, events: Iterable[ProviderEvent], running: subprocesses.RunningTool
    ) -> Iterator[ProviderEvent]:
        try:
            yield from events
        except faults.ToolFault as fault:
            raise faults.said(fault, self._report(running.errors, None)) from None

    def _report(self, words: str, code: int | None) -> faults.Report:
        return faults.Report(
            self.tool.title, self.tool.executable, self.tool.sign_in, words, code, self.spec.secret
        )

    def _command(self, arguments: tuple[str, ...], stdin: bytes = b"") -> subprocesses.Command:
        tool, secret = self.tool, self.spec.secret
        environment = subprocesses.clean_environment(self._environ, tool.variables)
        environment |= tool.settings
        if secret:
            environment[tool.secret_variable(secret)] = secret
        path = self.spec.options.get("path", "")
        return subprocesses.Command(
            tool.title,
            subprocesses.find_executable(tool.title, tool.executable, path, self._environ),
            arguments,
            environment,
            tool.files,
            stdin,
        )

    def _effective_limits(self) -> subprocesses.Limits:
        option = self.spec.options.get("no_output_s")
        if option is None:
            return self._limits
        try:
            no_output_s = float(option)
        except ValueError:
            no_output_s = math.nan
        if not 0 < no_output_s <= LONGEST_WAIT_S:
            raise BadRequest(
                f"The option no_output_s of {self.tool.title} must be a number of seconds "
                f"above 0, at most {LONGEST_WAIT_S:g}. Change it on the Gears page."
            )
        return replace(self._limits, no_output_s=no_output_s)

    def _refuse_old(self, answer: str) -> None:
        found = VERSION.search(answer)
        if found is None or not self.tool.oldest:
            return
        if tuple(int(number) for number in found[0].split(".")) < self.tool.oldest:
            needed = ".".join(str(number) for number in self.tool.oldest)
            raise Unreachable(
                f"{self.tool.title} {found[0]} is too old to be called safely. "
                f"Update it to {needed} or newer."
            )


def model_arguments(request: ModelRequest, flag: str = "--model") -> tuple[str, ...]:
    """Nothing for `session`; a name is checked so that it can never be read as an option."""
    if request.model_id == SESSION:
        return ()
    if not MODEL_NAME.fullmatch(request.model_id):
        raise ModelNotFound(
            "This model name has characters a command-line tool does not take. "
            f"Use `{SESSION}` or a plain model name."
        )
    return (flag, request.model_id)


def count(document: Mapping[str, Any], name: str) -> int:
    """A token count from a tool; anything but a whole number from 0 up counts as 0."""
    value = document.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A tool's text without the characters that steer a terminal or break a database."""
    return faults.without_controls(value) if isinstance(value, str) else ""


def _with_model(event: ProviderEvent, model_id: str) -> ProviderEvent:
    if isinstance(event, Finished) and not event.model_id:
        return replace(event, model_id=model_id)
    return event


def _parse(line: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
