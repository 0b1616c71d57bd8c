"""Which addresses may become links, and how bare addresses and images become them."""

import re
from urllib.parse import urlsplit

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

MAX_URL_CHARS = 2_000
FOOTNOTE_PREFIX = "#fn"
# Headings have no names here, so that only the words of such a link are shown.
OWN_PAGE = "#"

# A host starts right after the two slashes, so that no browser can find another one later.
_ALLOWED = re.compile(r"(?:https?://[^\s/\\?#@:]|mailto:[^\s/\\?#@:]+@)[^\s\\]*")
_BARE = re.compile(r"(?<![A-Za-z0-9+.:/\-])(?:https?://|mailto:)[^\s<>\"`|\\]+")
_TRAILING = "?!.,:;*_~'\"[]"


def is_allowed(url: str) -> bool:
    """Claims nothing about the page behind it, only that a browser can do no more than open it."""
    if len(url) > MAX_URL_CHARS or not _ALLOWED.fullmatch(url):
        return False
    return url.startswith("mailto:") or host(url) != ""


def host(url: str) -> str:
    """The host that a browser would call; empty if the address hides it behind a user name."""
    try:
        parts = urlsplit(url)
        return "" if "@" in parts.netloc else parts.hostname or ""
    except ValueError:
        return ""


def name_image(alt: str, url: str) -> str:
    alt = " ".join(alt.split())
    return f"Image: {alt} ({host(url)})" if alt else f"Image ({host(url)})"


def finish_links(state: StateCore) -> None:
    """Drops links that lead nowhere allowed and links what is written as a bare address."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = _finish(block.children, state)


def _finish(tokens: list[Token], state: StateCore) -> list[Token]:
    finished: list[Token] = []
    open_links: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            open_links.append(is_allowed(str(token.attrs.get("href", ""))))
            token.hidden = not open_links[-1]
        elif token.type == "link_close":
            token.hidden = not open_links.pop()
        elif token.type == "image":
            token.meta["is_linked"] = any(open_links)
        elif token.type == "text" and not open_links:
            finished.extend(_link_bare(token, state))
            continue
        finished.append(token)
    return finished


def _link_bare(token: Token, state: StateCore) -> list[Token]:
    pieces: list[Token] = []
    done = 0
    for match in _BARE.finditer(token.content):
        shown = _trim(match.group())
        url = state.md.normalizeLink(shown)
        if not is_allowed(url):
            continue
        pieces.append(_text(token.content[done : match.start()], token.level))
        pieces.extend(_anchor(url, shown, token.level))
        done = match.start() + len(shown)
    if not pieces:
        return [token]
    return [*pieces, _text(token.content[done:], token.level)]


def _trim(url: str) -> str:
    """Leaves out punctuation that ends the sentence, and brackets opened before the address."""
    surplus = url.count(")") - url.count("(")
    end = len(url)
    while end and (url[end - 1] in _TRAILING or (url[end - 1] == ")" and surplus > 0)):
        surplus -= url[end - 1] == ")"
        end -= 1
    return url[:end]


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)


def _anchor(url: str, shown: str, level: int) -> list[Token]:
    return [
        Token("link_open", "a", 1, attrs={"href": url}, level=level),
        _text(shown, level + 1),
        Token("link_close", "a", -1, level=level),
    ]
