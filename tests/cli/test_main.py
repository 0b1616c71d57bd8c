"""Which words are a command, which a task, and which a slip of the finger."""

import pytest

from orchestrator.cli import exits
from orchestrator.cli.main import words_for


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["serve"]),
        (["stats", "--days", "7"], ["stats", "--days", "7"]),
        (["Explain recursion"], ["run", "Explain recursion"]),
        (["explain", "the", "rout"], ["run", "explain", "the", "rout"]),
        (["--gear", "demo-1", "hello there"], ["run", "--gear", "demo-1", "hello there"]),
        (["-"], ["run", "-"]),
        ([""], ["run", ""]),
        (["hello"], ["run", "hello"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["help"], ["--help"]),
        (["help", "gears"], ["gears", "--help"]),
    ],
)
def test_words_that_are_no_command_are_a_task(arguments: list[str], words: list[str]) -> None:
    assert words_for(arguments) == words


@pytest.mark.parametrize(
    ("word", "command"),
    [("rot", "route"), ("gear", "gears"), ("stat", "stats"), ("docter", "doctor"), ("key", "keys")],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_word_near_a_command_is_never_sent(word: str, command: str, options: list[str]) -> None:
    with pytest.raises(exits.Ended) as ended:
        words_for([word, *options])
    assert ended.value.status == exits.USAGE
    assert f"clutch {command}?" in ended.value.message
    assert f'clutch run "{word}"' in ended.value.next_step
