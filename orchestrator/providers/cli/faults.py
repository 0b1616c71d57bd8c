"""From what a command-line tool said and how it ended to one of our errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.providers import errors

MAX_MESSAGE_CHARS = 300
MAX_STRAY_CHARS = 4096
RETRY_LATER_EXIT = 75  # EX_TEMPFAIL of sysexits.h

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

BY_STATUS: Mapping[int, type[errors.ProviderError]] = {
    400: errors.BadRequest,
    401: errors.AuthError,
    402: errors.QuotaExhausted,
    403: errors.AuthError,
    404: errors.ModelNotFound,
    408: errors.TimedOut,
    429: errors.RateLimited,
    503: errors.Overloaded,
    529: errors.Overloaded,
}
# Stronger than a status: a used-up plan is answered with 429, and waiting does not help it.
QUOTA_WORDS = re.compile(
    r"(usage|session|weekly|monthly|spending) limit|quota|credit balance|billing|"
    r"insufficient (funds|balance)|membership expired",
    re.IGNORECASE,
)
AUTH_WORDS = (
    r"\b40[13]\b|not (logged|signed) in|\blog ?in\b|\bsign ?in\b|unauthori[sz]ed|authenticat|"
    r"api.?key|auth method|LLM not set|token (has )?expired|\boauth\b"
)
BY_WORDS: tuple[tuple[re.Pattern[str], type[errors.ProviderError]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (AUTH_WORDS, errors.AuthError),
        (r"\b429\b|rate.?limit|too many requests|resource.?exhausted", errors.RateLimited),
        (r"\b5(03|29)\b|overloaded|at capacity|service unavailable", errors.Overloaded),
        (r"model.{0,60}(not found|not exist|not supported|unknown)", errors.ModelNotFound),
        (r"(unknown|invalid) model", errors.ModelNotFound),
        (r"context (length|window)|prompt is too long", errors.BadRequest),
        (r"ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|connection error", errors.Unreachable),
    )
)


class ToolFault(Exception):
    """The tool itself reported a failure in its stream; `status` is the HTTP one if it said so."""

    def __init__(self, words: str, status: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    executable: str
    sign_in: str
    words: str
    exit_code: int | None
    secret: str


def without_controls(words: str) -> str:
    return CONTROLS.sub("", ESCAPES.sub("", words))


def said(fault: ToolFault, report: Report) -> errors.ProviderError:
    """The error for a failure the tool named in its stream."""
    return _build(fault.words or report.words, fault.status, report)


def ended(report: Report, *, had_stray_output: bool = False) -> errors.ProviderError:
    """The error for a tool that stopped without an answer."""
    if report.exit_code == 0:
        if had_stray_output:
            return errors.BadStream(
                f"{report.title} answered in a form this version does not read. "
                f"Check with `{report.executable} --version` whether it is up to date."
            )
        return errors.BadStream(f"{report.title} ended the answer in the middle.")
    return _build(report.words, None, report)


def _build(words: str, status: int | None, report: Report) -> errors.ProviderError:
    kind = _kind(words, status, report.exit_code)
    quoted = _quotable(words, report.secret)
    if kind is errors.AuthError:
        message = f"{report.title} is not signed in. {report.sign_in}"
    else:
        message = f"{report.title} failed{_how(report.exit_code)}."
    if quoted:
        message = f"{message} It said: {quoted}"
    return kind(message[:MAX_MESSAGE_CHARS], status=status)


def _kind(words: str, status: int | None, exit_code: int | None) -> type[errors.ProviderError]:
    if QUOTA_WORDS.search(words):
        return errors.QuotaExhausted
    if status is not None and status in BY_STATUS:
        return BY_STATUS[status]
    for pattern, kind in BY_WORDS:
        if pattern.search(words):
            return kind
    return errors.Overloaded if exit_code == RETRY_LATER_EXIT else errors.ServerFault


def _how(exit_code: int | None) -> str:
    if exit_code is None:
        return ""
    if exit_code < 0:
        return f" (ended by signal {-exit_code})"
    return f" (exit code {exit_code})"


def _quotable(words: str, secret: str) -> str:
    plain = " ".join(without_controls(words).split())
    return plain.replace(secret, "[secret]") if secret else plain
