"""A newcomer: clone, `make run`, sign in by the printed link, ask, read, stop."""

import os
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.process.chatting import ask, open_chat, wait_for_end
from tests.process.served import LINK, ROOT, ServedHome, browser_page

pytestmark = [pytest.mark.process, pytest.mark.browser]


def test_from_a_clean_clone_to_an_answer(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    home = ServedHome(tmp_path)
    # Installing needs what this machine's package clients are set up with; state stays private.
    environment = {**os.environ, **home.environment, "HOME": os.environ["HOME"]}
    for name in ("MAKEFLAGS", "MAKELEVEL", "CLUTCH_BARE"):
        environment.pop(name, None)
    with subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        home.process = process
        try:
            printed = process.stdout.readline() if process.stdout else ""
            link = LINK.search(printed)
            assert link, printed
            with browser_page() as page:
                home.link = link[0]
                open_chat(page, home)
                page.locator("#composer-text").fill("Explain why the sky is blue")
                expect(page.locator("#chip")).to_contain_text("Standard task")
                answer = ask(page, "Explain why the sky is blue")
                expect(answer).to_contain_text("canned demo answer", timeout=20_000)
                wait_for_end(answer)
        finally:
            home.stop()
    assert (tmp_path / ".clutch" / "clutch.db").exists()
    changed = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert changed.stdout == ""
