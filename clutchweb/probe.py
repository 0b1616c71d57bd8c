"""`python -m clutchweb.probe`: whether the server of this container can serve."""

import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from clutchweb import env

WAIT_S = 4


def is_ready(port: int) -> bool:
    opener = build_opener(ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=WAIT_S):
            return True
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_ready(env.number("PORT", 8760)) else 1)
