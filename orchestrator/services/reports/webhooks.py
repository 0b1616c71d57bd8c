"""A report in the form that the server behind an address takes."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from orchestrator.services import outbound
from orchestrator.services.reports.refusals import ReportRefused

DISCORD = ("discord.com", "discordapp.com")
SLACK = ("hooks.slack.com",)
DISCORD_CHARS = 2000


def check(address: str) -> None:
    """What can be said of an address without asking anybody."""
    try:
        outbound.check(address)
    except outbound.AddressRefused as refused:
        raise ReportRefused(str(refused)) from None


def send(address: str, text: str, document: Mapping[str, Any]) -> None:
    """Raises `ReportRefused` where it was not taken."""
    try:
        outbound.post(address, _body(urlsplit(address).hostname or "", text, document))
    except (outbound.AddressRefused, outbound.NotTaken) as refused:
        raise ReportRefused(str(refused)) from None


def _body(host: str, text: str, document: Mapping[str, Any]) -> dict[str, Any]:
    if host in SLACK:
        return {"text": text}
    if host in DISCORD:
        return {"content": text[:DISCORD_CHARS]}
    return {"text": text, "report": dict(document)}
