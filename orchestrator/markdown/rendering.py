"""A whole answer as HTML that is safe to put into a page."""

import re
from html import escape

from orchestrator.markdown import grammar, notes, sanitizer

# Longer answers are shown as they were written: reading them would take seconds.
MAX_CHARS = 400_000

_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")


def render(text: str, prefix: str = "") -> str:
    """`prefix` keeps the footnotes of several answers on one page apart."""
    text = _UNPRINTABLE.sub("\ufffd", text)
    if len(text) > MAX_CHARS:
        return f'<pre tabindex="0">{escape(text)}</pre>\n'
    env = {notes.PREFIX: notes.clean_prefix(prefix)}
    return sanitizer.clean(grammar.load().render(text, env))
