"""Public ids: random enough not to be guessed, ordered by time so that logs page by key."""

import uuid

from uuid_utils.compat import uuid7


def new_id() -> uuid.UUID:
    return uuid7()
