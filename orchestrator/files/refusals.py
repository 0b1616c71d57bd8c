"""Why a file is not taken, in one sentence for the person who attached it."""


class FileRefused(ValueError):
    """Its message says what is wrong and what to do next; it never quotes the file."""


def megabytes(size: int) -> str:
    """One decimal, rounded up, so that what is above a limit never reads as the limit itself."""
    tenths = -(-size * 10 // (1024 * 1024))
    return f"{tenths // 10}.{tenths % 10} MB" if tenths % 10 else f"{tenths // 10} MB"
