"""What a new chat begins with: a text from another page, kept in the session on its way.

An address would hold neither a long text nor a private one.
"""

from typing import TypedDict

from django.http import HttpRequest

KEY = "begin_chat_with"


class Begun(TypedDict):
    text: str
    prompt_version: int | None


def put(request: HttpRequest, text: str, prompt_version: int | None) -> None:
    request.session[KEY] = Begun(text=text, prompt_version=prompt_version)


def take(request: HttpRequest) -> Begun | None:
    """Once: the page that shows it keeps it from then on, as a draft."""
    begun: Begun | None = request.session.pop(KEY, None)
    return begun
