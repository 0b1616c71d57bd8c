"""The HTML of a finished answer: made once by each edition of the renderer, kept with it."""

from orchestrator.markdown import edition
from orchestrator.markdown.rendering import render
from orchestrator.models import Message


def html_of(message: Message) -> str:
    """What a person wrote is shown as it is, so only answers are rendered."""
    if message.role != Message.Role.ASSISTANT or not message.text:
        return ""
    if not message.html or message.html_edition != edition.current():
        message.html = render(message.text, prefix=f"m{message.pk.hex[-8:]}-")
        message.html_edition = edition.current()
        # only if the text is still the one that was rendered
        Message.objects.filter(pk=message.pk, text=message.text).update(
            html=message.html, html_edition=message.html_edition
        )
    return message.html
