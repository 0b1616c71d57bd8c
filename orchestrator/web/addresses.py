"""The address under which people reach this installation."""

from django.conf import settings
from django.http import HttpRequest


def base(request: HttpRequest) -> str:
    """Without a slash at its end."""
    return (settings.PUBLIC_URL or request.build_absolute_uri("/")).rstrip("/")
