"""One web process of several: takes connections from a socket that it was given."""

import asyncio
import os
import socket
import sys
from contextlib import suppress

import django


def main(descriptor: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    django.setup()
    from orchestrator.cli import server

    bound = socket.socket(fileno=descriptor)
    with suppress(KeyboardInterrupt):
        asyncio.run(server.serve_pages(bound, _say_ready))


def _say_ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
