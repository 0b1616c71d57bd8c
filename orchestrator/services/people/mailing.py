"""Whether e-mail can be sent from here."""

from django.conf import settings


def is_set_up() -> bool:
    return bool(settings.EMAIL_HOST)
