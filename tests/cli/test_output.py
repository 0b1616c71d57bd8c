"""What is printed may come from a model, a provider or a stranger: it must stay text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.cli import output


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext", "plain\n\ttext"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]52;c;ZXZpbA==\x07clipboard", "clipboard"),
        ("\x1b]8;;http://evil.example\x1b\\link", "link"),
        ("over\rwritten\x08", "overwritten"),
        ("\x9b2Jgone", "2Jgone"),
        ("Grüße, 世界 🚗", "Grüße, 世界 🚗"),
    ],
)
def test_control_characters_are_taken_out(text: str, shown: str) -> None:
    assert output.safe(text) == shown


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    left = {char for char in output.safe(text) if ord(char) < 32 or 127 <= ord(char) < 160}
    assert left <= {"\n", "\t"}


def test_square_brackets_in_a_table_are_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name",), [("[bold]a[/bold] :smile:",), (None,)])
    assert "[bold]a[/bold] :smile:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("nano", "currency", "shown"),
    [(None, "usd", "unknown"), (0, "usd", "$0.0000"), (2 * 10**9, "demo", "$2.00 demo")],
)
def test_money_is_shown_with_its_currency(nano: int | None, currency: str, shown: str) -> None:
    assert output.dollars(nano, currency) == shown
