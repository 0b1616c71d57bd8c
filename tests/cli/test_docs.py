"""The page about the command: complete, and every example of it that needs no key runs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from orchestrator.cli.main import COMMANDS, OPTIONS_OF_ROOT, app
from tests.cli.conftest import Clutch

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text()
# Other names of a group whose commands are told of once.
ALIASES = {"models", "verify"}


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    subcommands = getattr(command, "commands", None)
    if not subcommands:
        yield path, command
        return
    for name, subcommand in subcommands.items():
        yield from leaves(subcommand, (*path, name))


def all_leaves() -> list[tuple[tuple[str, ...], Any]]:
    root: Any = typer.main.get_command(app)
    return [leaf for name in COMMANDS for leaf in leaves(root.get_command(None, name), (name,))]


LEAVES = all_leaves()
NAMES = [" ".join(path) for path, _ in LEAVES]


@pytest.mark.parametrize("leaf", LEAVES, ids=NAMES)
def test_every_command_can_answer_in_json(leaf: tuple[tuple[str, ...], Any]) -> None:
    assert "--json" in {option for parameter in leaf[1].params for option in parameter.opts}


@pytest.mark.parametrize("leaf", LEAVES, ids=NAMES)
def test_every_command_and_option_says_what_it_is(leaf: tuple[tuple[str, ...], Any]) -> None:
    _, command = leaf
    assert command.help
    for parameter in command.params:
        is_option = any(name.startswith("-") for name in parameter.opts)
        assert not is_option or parameter.help, f"{leaf[0]} {parameter.opts}"


@pytest.mark.parametrize("name", [name for name in NAMES if name.split()[0] not in ALIASES])
def test_every_command_is_on_the_page(name: str) -> None:
    assert re.search(rf"^\$ clutch {name}\b|`clutch {name}`", PAGE, re.MULTILINE)


def test_the_page_names_no_command_that_is_not_there() -> None:
    shown = re.findall(r"clutch (\S+)", "\n".join(re.findall(r"^\$ .*", PAGE, re.MULTILINE)))
    assert shown
    assert {name for name in shown if name[0] not in "\"'#"} <= {*COMMANDS, *OPTIONS_OF_ROOT}


def test_the_examples_without_a_key_run(
    clutch: Clutch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of them write files
    blocks = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    examples = re.findall(r"^\$ clutch (.*)$", "".join(blocks), re.MULTILINE)
    assert len(examples) > 30
    for example in examples:
        done = clutch(*shlex.split(example))
        assert done.status == 0, f"{example}: {done.err}"
        assert done.out.strip(), example
