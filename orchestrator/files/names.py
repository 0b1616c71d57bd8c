"""A file's name as it may be stored, shown and sent: one line, one part, nothing invisible."""

import re
import unicodedata

MAX_NAME_CHARS = 120
MAX_SUFFIX_CHARS = 10
NO_NAME = "file"
# Joiners are part of words in Persian and Hindi; every other format character only hides things.
JOINERS = "\u200c\u200d"
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
SUFFIX = re.compile(r"\.\w{1,9}\Z")
# Suffixes that promise a content; of other names they may be a part, like `notes.v2`.
PROMISING = re.compile(r"\.(?:png|jpe?g|jfif|webp|gif|bmp|tiff?|heic|pdf)\Z", re.IGNORECASE)


def clean(name: str) -> str:
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    seen = "".join(char for char in last if _is_seen(char))
    return _shortened(_kept(" ".join(seen.split())))


def with_suffix(name: str, wanted: tuple[str, ...]) -> str:
    """The name with a suffix that fits its content: the first one where it has none of them."""
    if name.lower().endswith(wanted):
        return name
    return _shortened(PROMISING.sub("", name) + wanted[0])


def _is_seen(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char) not in HIDDEN


def _kept(name: str) -> str:
    return NO_NAME if not name.strip(" ." + JOINERS) else name


def _shortened(name: str) -> str:
    if len(name) <= MAX_NAME_CHARS:
        return name
    found = SUFFIX.search(name)
    suffix = found.group() if found else ""
    return name[: MAX_NAME_CHARS - len(suffix)].rstrip() + suffix
