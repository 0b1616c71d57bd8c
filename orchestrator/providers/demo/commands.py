"""What a person can ask of the demo at the start of a message, to see how failures look."""

import re
from dataclasses import dataclass
from enum import StrEnum

from orchestrator.providers import errors

LINE = re.compile(
    r"\s*/demo(?![\w-])[ \t]*(?P<name>[a-z-]*)(?:[ \t]+(?P<number>\d{1,6})(?!\S))?",
    re.IGNORECASE | re.ASCII,
)
MAX_WORDS = 100_000
NOTE = "You asked for it with a /demo command; nothing is broken and nothing was charged."


class Name(StrEnum):
    NONE = ""
    HELP = "help"
    FAIL = "fail"
    FAIL_BELOW = "fail-below"
    RATE_LIMIT = "rate-limit"
    OVERLOADED = "overloaded"
    AUTH = "auth"
    SLOW = "slow"
    CUT = "cut"
    HANG = "hang"
    LONG = "long"


NEED_NUMBER = frozenset({Name.LONG, Name.FAIL_BELOW})
HELP = """\
- `/demo fail` answers with a server error
- `/demo fail-below 3` fails on demo-1 and demo-2, so that the next gear takes over
- `/demo rate-limit`, `/demo overloaded` and `/demo auth` answer with that error
- `/demo slow` takes ten times as long
- `/demo cut` ends in the middle of the answer
- `/demo hang` never answers
- `/demo long 500` answers with 500 words
"""


@dataclass(frozen=True, slots=True)
class Command:
    """`rest` is the task without the command."""

    name: Name
    rest: str
    number: int = 0


def parse(text: str) -> Command:
    found = LINE.match(text)
    if found is None:
        return Command(Name.NONE, text)
    rest = text[found.end() :].lstrip()
    asked = found["name"].lower()
    name = Name(asked) if asked and asked in frozenset(Name) else Name.HELP
    if name in NEED_NUMBER and found["number"] is None:
        return Command(Name.HELP, rest)
    return Command(name, rest, min(int(found["number"] or 0), MAX_WORDS))


def fail_if_asked(command: Command, level: int) -> None:
    match command.name:
        case Name.FAIL:
            raise errors.ServerFault(f"The demo failed. {NOTE}", status=500)
        case Name.FAIL_BELOW if level < command.number:
            text = f"demo-{level} failed, as does every level below {command.number}."
            raise errors.ServerFault(f"{text} {NOTE}", status=500)
        case Name.RATE_LIMIT:
            text = f"The demo takes no more requests now. {NOTE}"
            raise errors.RateLimited(text, status=429, retry_after_s=2.0)
        case Name.OVERLOADED:
            raise errors.Overloaded(f"The demo is busy. {NOTE}", status=529)
        case Name.AUTH:
            raise errors.AuthError(f"The demo did not accept the key. {NOTE}", status=401)
