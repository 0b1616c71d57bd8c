"""Keeps secrets out of anything written or shown: known values first, then known shapes."""

import re
import threading

MASK = "[hidden]"
# Shorter values would blank out ordinary words.
MIN_SECRET_CHARS = 8

_SHAPES = re.compile(
    r"""
      \b(?:sk|gsk|pplx|xai|hf|r8|fw)[-_][A-Za-z0-9_\-]{12,}
    | \bclk_[A-Za-z0-9]+_[A-Za-z0-9_\-]{8,}
    | \bAIza[A-Za-z0-9_\-]{20,}
    | \bya29\.[A-Za-z0-9_\-.]{10,}
    | \beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}\.[A-Za-z0-9_\-]*
    | (?<=[Bb]earer\ )\S+
    | (?<=[Bb]asic\ )[A-Za-z0-9+/=]{8,}
    | (?<=/sign-in/)[A-Za-z0-9_\-]{20,}
    | (?<=[?&]key=)[^&\s'"]+
    | (?<=[?&]token=)[^&\s'"]+
    | (?<=://)[^/\s:@]*:[^/\s@]+(?=@)
    """,
    re.VERBOSE,
)
_NAMED = re.compile(
    r"""((?:set-)?cookie|authorization|x-(?:api|goog-api)-key|api[-_]key|password|sessionid
        |clutch_\d+_(?:sid|csrf)|csrftoken|secret|access_token)
        (["']?\s*[:=]\s*["']?)
        (?!\[hidden\])
        (?:(?<=:\ )[^\r\n"']+|[^\s"',;&]+)""",
    re.VERBOSE | re.IGNORECASE,
)

_known: dict[str, None] = {}
_known_pattern: re.Pattern[str] | None = None
_lock = threading.Lock()


def register(value: str) -> None:
    """From now on this value is hidden wherever it appears."""
    global _known_pattern
    value = value.strip()
    if len(value) < MIN_SECRET_CHARS or value in _known:
        return
    with _lock:
        _known[value] = None
        longest_first = sorted(_known, key=len, reverse=True)
        _known_pattern = re.compile("|".join(map(re.escape, longest_first)))


def clean(text: str) -> str:
    """The text with every secret masked."""
    if _known_pattern is not None:
        text = _known_pattern.sub(MASK, text)
    text = _SHAPES.sub(MASK, text)
    return _NAMED.sub(rf"\1\2{MASK}", text)
