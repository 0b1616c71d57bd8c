"""Finding words and phrases in a text: on word boundaries, in time linear in the text.

Single words are looked up in the set of the text's words; only phrases whose first word occurs
are searched for; Chinese and Japanese, which have no spaces, are found as substrings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Lexicon:
    singles: frozenset[str]
    phrases: tuple[tuple[str, str, re.Pattern[str]], ...]
    dense: tuple[str, ...]


@lru_cache(maxsize=512)
def _lexicon(words: tuple[str, ...]) -> _Lexicon:
    lowered = sorted({word.lower() for word in words})
    dense = tuple(word for word in lowered if CJK.search(word))
    spaced = [word for word in lowered if not CJK.search(word)]
    singles = frozenset(word for word in spaced if WORD.fullmatch(word))
    phrases = tuple(
        (WORD.findall(phrase)[0], phrase, re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)"))
        for phrase in spaced
        if phrase not in singles and WORD.search(phrase)
    )
    return _Lexicon(singles, phrases, dense)


@lru_cache(maxsize=8)
def _words_of(lowered: str) -> frozenset[str]:
    return frozenset(WORD.findall(lowered))


def found(words: Iterable[str], lowered: str) -> tuple[str, ...]:
    """The distinct words and phrases that occur, longest first, each inside no longer one."""
    lexicon = _lexicon(tuple(words))
    present = _words_of(lowered)
    hits = [
        *(lexicon.singles & present),
        *(
            phrase
            for first, phrase, pattern in lexicon.phrases
            if first in present and phrase in lowered and pattern.search(lowered)
        ),
        *(word for word in lexicon.dense if word in lowered),
    ]
    longest_first = sorted(hits, key=lambda hit: (-len(hit), hit))
    return tuple(
        hit
        for place, hit in enumerate(longest_first)
        if not any(hit in longer for longer in longest_first[:place])
    )
