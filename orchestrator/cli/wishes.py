"""What a person may fix by hand for a task: the same options wherever a task is given."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import completions, exits
from orchestrator.providers.vocabulary import DocumentPart, ImagePart, Message, Part, TextPart
from orchestrator.routing import types

if TYPE_CHECKING:
    from orchestrator.services.driving.requests import TripRequest

Gear = Annotated[
    str,
    typer.Option(
        "--gear",
        "-g",
        help="Use this gear; never silently overruled.",
        autocompletion=completions.gears,
    ),
]
Throttle = Annotated[
    int | None,
    typer.Option("--throttle", "-t", min=0, max=100, help="Reasoning level, 0 to 100 %."),
]
Road = Annotated[
    str,
    typer.Option(
        "--road",
        help="The kind of task, instead of guessing it.",
        autocompletion=completions.roads,
    ),
]
Pattern = Annotated[
    str,
    typer.Option(
        "--pattern",
        help="single, convoy, team, swarm or hybrid.",
        autocompletion=completions.patterns,
    ),
]
Profile = Annotated[
    str,
    typer.Option("--profile", help="Drive with this profile.", autocompletion=completions.profiles),
]
Policy = Annotated[
    str,
    typer.Option(
        "--policy", help="budget, balanced or premium.", autocompletion=completions.policies
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
MAX_FILE_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wishes:
    gear: str = ""
    throttle: int | None = None
    road: str = ""
    pattern: str = ""
    profile: str = ""
    policy: str = ""
    max_tokens: int | None = None
    system: str = ""

    def request(self, text: str, files: tuple[Path, ...] = ()) -> "TripRequest":
        """Raises `RequestRefused` where the text cannot be driven."""
        from orchestrator.services.driving import requests

        parts: tuple[Part, ...] = (
            TextPart(requests.clean_text(text)),
            *(part_of(file) for file in files),
        )
        return requests.TripRequest(
            messages=(Message("user", parts),),
            system=self.system,
            overrides=self.overrides(),
            profile=self.profile,
            policy=self.policy,
        )

    def overrides(self) -> types.Overrides:
        return types.Overrides(
            gear=self.gear,
            road=self.road,
            throttle=self.throttle,
            pattern=self._pattern(),
            max_output_tokens=self.max_tokens,
        )

    def _pattern(self) -> types.Pattern | None:
        if not self.pattern:
            return None
        try:
            return types.Pattern(self.pattern)
        except ValueError:
            known = ", ".join(types.Pattern)
            exits.leave(exits.USAGE, f"There is no pattern {self.pattern!r}. Use one of: {known}.")


def part_of(file: Path) -> Part:
    """A file as the part of a message that its content is."""
    data = _read(file)
    kind = mimetypes.guess_type(file.name)[0] or ""
    if kind.startswith("image/"):
        return ImagePart(kind, data)
    if kind == "application/pdf":
        return DocumentPart(kind, data, file.name)
    try:
        return TextPart(f"File {file.name}:\n\n{data.decode()}")
    except UnicodeDecodeError:
        exits.leave(exits.USAGE, f"{file} is neither text, an image nor a PDF.")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            exits.leave(exits.USAGE, f"{file} is larger than 10 MB. Send a part of it.")
        return file.read_bytes()
    except OSError as error:
        exits.leave(exits.USAGE, f"Cannot read {file}: {error.strerror}.")


def as_options(wishes: Wishes) -> dict[str, Any]:
    return {name: getattr(wishes, name) for name in ("gear", "throttle", "profile", "policy")}
