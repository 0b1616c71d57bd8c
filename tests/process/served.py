"""A real home in a directory of its own: a server process, its page, its command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.servers import find, free_port

CLUTCH = Path(sys.executable).parent / "clutch"
ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"http://127\.0\.0\.1:\d+/sign-in/\S+")
START_S = 60
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class ServedHome:
    """`extra` are environment variables beyond a clean set."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ("serve", "--no-browser")
    # What runs the words in place of `clutch`, for servers that are to go wrong.
    program: tuple[str, ...] = (str(CLUTCH),)
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[str] | None" = None
    link: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.folder),
            "CLUTCH_HOME": str(self.folder / ".clutch"),
            "PORT": str(self.port),
            "CLUTCH_TEST": "1",
            **self.extra,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when the sign-in link was printed, which happens when the server answers."""
        with (self.folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                [*self.program, *self.words],
                env=self.environment,
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        lines = []
        for line in self.process.stdout or ():
            lines.append(line)
            if found := LINK.search(line):
                self.link = found[0]
                return
        raise RuntimeError("".join(lines) + (self.folder / "server.log").read_text())

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """As a power cut would: no handler runs."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self._reap()

    def end(self) -> None:
        """As a service manager would; it may take its time."""
        if self.process is not None:
            self.process.terminate()

    def stop(self) -> int:
        """As Ctrl-C or a service manager would."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.end()
        return self.wait()

    def wait(self) -> int:
        """Until it has ended by itself."""
        return self._reap()

    def _reap(self) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        try:
            status = process.wait(timeout=START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        if process.stdout is not None:
            process.stdout.close()
        return status

    def new_link(self) -> str:
        """A link signs in once, so every browser gets one of its own."""
        found = LINK.search(self.clutch("link", check=True).stdout)
        if found is None:
            raise RuntimeError("clutch link printed no link")
        return found[0]

    def clutch(self, *words: str, **options: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [CLUTCH, *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=START_S,
            **{"check": False, **options},
        )

    def clutch_json(self, *words: str) -> Any:
        done = self.clutch(*words, "--json")
        if done.returncode:
            raise RuntimeError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


@contextmanager
def browser_page(tolerates: tuple[str, ...] = (), **options: Any) -> Iterator[Page]:
    """A page of a real Chromium whose every console error fails the test, but for those that
    a test brings about on purpose, such as a server that is gone."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find("chromium")), args=CHROMIUM_FLAGS
        )
        context = browser.new_context(**options)
        context.on(
            "console", lambda line: complaints.append(line.text) if line.type == "error" else None
        )
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        yield context.new_page()
        browser.close()
    unexpected = [text for text in complaints if not any(word in text for word in tolerates)]
    if unexpected:
        raise AssertionError(unexpected)
