"""Names of people and teams: one line of plain text that looks like what it is."""

import unicodedata

# Controls, surrogates, line and paragraph separators: they break lines, headers and logs.
REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp", "Cn", "Co"})
# Signs that turn the direction of the text around them, so that a name reads as another.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
MOST = 100


class NameRefused(ValueError):
    """The name cannot be used; the message says what can."""


def clean(text: str, what: str, most: int = MOST) -> str:
    """With single spaces. `what` is how the message calls it, such as "a team's name"."""
    if any(unicodedata.category(sign) in REFUSED or sign in TURNING for sign in text.strip()):
        raise NameRefused(f"In {what} there are only letters, digits, signs and spaces.")
    cleaned = " ".join(text.split())
    if not any(sign.isalnum() for sign in cleaned):
        raise NameRefused(f"Give {what} with at least one letter or digit.")
    if len(cleaned) > most:
        raise NameRefused(f"Give {what} of at most {most} signs; this has {len(cleaned)}.")
    return cleaned
