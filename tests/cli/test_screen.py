"""What stands at the terminal while something is driven."""

from typing import Any

import pytest

from orchestrator.cli.screen import Screen


def told(*events: tuple[str, dict[str, Any]]) -> None:
    screen = Screen("text")
    for kind, payload in events:
        screen.show(kind, payload)


def test_what_is_told_of_a_step_begins_on_a_line_of_its_own(
    capfd: pytest.CaptureFixture[str],
) -> None:
    step = {"path": "2", "name": "merge", "state": "done", "gear": "demo-4", "error": ""}
    told(("text", {"text": "| a | b |"}), ("step_moved", step), ("text", {"text": "more\n"}))
    captured = capfd.readouterr()
    assert captured.out == "| a | b |\nmore\n"
    assert captured.err == "✓ merge · demo-4\n"
