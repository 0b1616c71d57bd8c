"""The `clutch` command. Commands are imported when they are called: a dry run must start fast."""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from orchestrator.cli import exits

# name -> (module, what it does); the order is the order of the help page.
COMMANDS = {
    "serve": ("serve", "Start the local web application."),
    "link": ("serve", "Print a new one-time sign-in link."),
    "route": ("route", "Say which gear a task would get and why; nothing is sent."),
    "run": ("run", 'Drive a task and stream the answer. `clutch "TEXT"` does the same.'),
    "chat": ("chat", "Talk to and fro, with history."),
    "gears": ("gears", "List, add, test and change gears (choosable models)."),
    "models": ("gears", "The same as gears."),
    "providers": ("providers", "List and check providers."),
    "roads": ("roads", "List roads (task classes)."),
    "rules": ("roads", "List, add and remove rules."),
    "stats": ("history", "What was spent on what."),
    "last": ("history", "The last trip: its receipt and calls."),
    "replay": ("history", "Decide a trip again with today's gears."),
    "rate": ("history", "Say how good an answer was."),
    "reroute": ("history", "Drive a trip again with another gear, and remember the correction."),
    "keys": ("keys", "Set, list, test and remove provider keys."),
    "tokens": ("tokens", "Make, list and revoke API tokens."),
    "budget": ("budget", "Show, set and grant budgets."),
    "config": ("config", "Get and set options; export and import the configuration."),
    "doctor": ("doctor", "Check the installation from end to end."),
    "verify": ("doctor", "The same as doctor."),
    "status": ("doctor", "Server, gauge and providers at a glance."),
    "version": ("doctor", "Print the version."),
}
SERVING = ("serve", "-h", "--help")
OPTIONS_OF_ROOT = ("--help", "-h", "--version", "--install-completion", "--show-completion")


class LazyGroup(TyperGroup):
    """Knows every command's name and one line of help; imports one only to run it."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"orchestrator.cli.{COMMANDS[cmd_name][0]}")
        command = typer.main.get_command(module.apps[cmd_name])
        command.name, command.help = cmd_name, COMMANDS[cmd_name][1]
        return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Drive each task to the cheapest model that does it well, and see why."""
    if version or context.invoked_subcommand is None:
        name = "version" if version else "serve"
        import_module(f"orchestrator.cli.{COMMANDS[name][0]}").run_bare(name)


def words_for(arguments: list[str]) -> list[str]:
    """A bare text is a task to run; a single word near a command is a slip that must not cost."""
    if not arguments or arguments[0] in COMMANDS or arguments[0] in OPTIONS_OF_ROOT:
        return arguments
    plain = [word for word in arguments if not word.startswith("-")]
    if plain and " " not in plain[0].strip() and len(plain) == 1:
        near = get_close_matches(plain[0], COMMANDS, n=1, cutoff=0.6)
        if near:
            exits.leave(
                exits.USAGE,
                f"There is no command {plain[0]!r}. Did you mean: clutch {near[0]}?\n"
                f'To ask it as a task: clutch run "{plain[0]}"',
            )
    return ["run", *arguments]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    with exits.guarded("--json" in sys.argv):
        words = words_for(sys.argv[1:])
        if words and words[0] not in SERVING:
            os.environ["CLUTCH_BARE"] = "1"
        app(words, prog_name="clutch", standalone_mode=False)
