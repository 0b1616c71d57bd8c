"""The words somebody looks for, and the spelling in which they are compared.

The database folds what is written in the same way: migration 0005_chat_search.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_CHARS = 200
FEWEST_CHARS = 2
SPELLINGS = str.maketrans({"ß": "ss", "ς": "σ", "µ": "μ"})
MARKS = re.compile("[\u0300-\u036f]+")
# Scripts with cases are split into words. Of all others any part of a word is found, because many
# of them put no spaces between words.
WORD = "[0-9A-Za-zµÀ-ÖØ-öø-\u058f\u1e00-\u1fff]+"
RUN = "[^\\W_\x00-\u058f\u1e00-\u2bff]+"
TERM = re.compile(f"(?P<word>{WORD})|(?P<run>{RUN})")


@lru_cache(maxsize=8192)
def fold(word: str) -> str:
    """Without case and accents: Über, uber and u + ¨ + ber are one word."""
    if word.isascii():
        return word.lower()
    bare = MARKS.sub("", unicodedata.normalize("NFD", word.lower()))
    return unicodedata.normalize("NFC", bare).translate(SPELLINGS)


def spaced(text: str) -> str:
    """Folded, with a space around each letter of a script that puts none between its words."""
    folded = fold(unicodedata.normalize("NFKC", text))
    return re.sub(RUN, lambda run: f" {' '.join(run[0])} ", folded)


@dataclass(frozen=True, slots=True)
class Words:
    """`whole` and `begun` are folded words, of which `begun` is still being typed.

    `runs` stand anywhere in a text of their script.
    """

    whole: tuple[str, ...]
    begun: str
    runs: tuple[str, ...]

    def __bool__(self) -> bool:
        chars = sum(map(len, self.whole + self.runs)) + len(self.begun)
        return chars >= FEWEST_CHARS

    def for_sqlite(self) -> str:
        """Single letters of other scripts stand apart in an index, so a run of them is a phrase."""
        phrases = [f'"{word}"' for word in self.whole]
        phrases += [f'"{" ".join(run)}"' for run in self.runs]
        phrases += [f'"{self.begun}" *'] if self.begun else []
        return " AND ".join(phrases)

    def for_postgresql(self, weight: str = "", beside: str = "&") -> str:
        """`beside` is how the letters of a run stand: all somewhere, or one after the other."""
        mark = f":{weight}" if weight else ""
        terms = [f"'{word}'{mark}" for word in self.whole]
        terms += [f" {beside} ".join(f"'{letter}'{mark}" for letter in run) for run in self.runs]
        terms += [f"'{self.begun}':*{weight}"] if self.begun else []
        return " & ".join(terms)

    def matches(self, word: str) -> bool:
        folded = fold(word)
        return folded in self.whole or bool(self.begun and folded.startswith(self.begun))

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where a text says any of them, from its beginning to its end."""
        runs = "|".join(map(re.escape, sorted(self.runs, key=len, reverse=True)))
        found = re.compile(f"(?P<word>{WORD})|{runs}" if runs else f"(?P<word>{WORD})")
        for match in found.finditer(text):
            if match["word"] is None or self.matches(match["word"]):
                yield match.span()


def read(typed: str) -> Words:
    """Everything but letters and digits only separates, so no sign of a query language is left."""
    terms = list(TERM.finditer(unicodedata.normalize("NFC", typed[:MOST_CHARS])))
    words = [fold(match["word"]) for match in terms if match["word"]]
    is_word_last = bool(terms and terms[-1]["word"])
    return Words(
        whole=tuple(dict.fromkeys(filter(None, words[:-1] if is_word_last else words))),
        begun=words[-1] if is_word_last else "",
        runs=tuple(dict.fromkeys(match["run"] for match in terms if match["run"])),
    )
