"""The `clutch` command. Commands are imported when they are called: a dry run must start fast."""

import gc
import os
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from clutchweb import home
from orchestrator.cli import exits

# name -> (module, what it does); the order is the order of the help page.
COMMANDS = {
    "serve": ("serve", "Start the local web application."),
    "scaled": ("scaled", "Start everything a large installation has, on this computer."),
    "link": ("serve", "Print a new one-time sign-in link."),
    "worker": ("workers", "Drive the trips that pages of other processes began."),
    "sweeper": ("workers", "Settle what crashes leave behind, beside the servers that do it too."),
    "route": ("route", "Say which gear a task would get and why; nothing is sent."),
    "run": ("run", 'Drive a task and stream the answer. `clutch "TEXT"` does the same.'),
    "plan": ("plan", "Say what a task would cost as a convoy, team or swarm."),
    "swarm": ("swarm", "Do the same for every item of a file."),
    "runs": ("runs", "List, watch, pause and resume runs of several calls."),
    "chat": ("chat", "Talk to and fro, with history."),
    "chats": ("chats", "List, export and import chats."),
    "prompt": ("prompts", "Keep, fill, compare and test prompts."),
    "gears": ("gears", "List, add, test and change gears (choosable models)."),
    "models": ("gears", "The same as gears."),
    "providers": ("providers", "List and check providers."),
    "roads": ("roads", "List roads (task classes)."),
    "fleet": ("fleet", "Draft, publish, replay and roll back gears and roads."),
    "rules": ("roads", "List, add and remove rules."),
    "report": ("reports", "What was spent on what, compared, filtered, as a file."),
    "trips": ("reports", "The log of trips, newest first."),
    "stats": ("history", "What was spent on what."),
    "last": ("history", "The last trip: its receipt and calls."),
    "replay": ("history", "Decide a trip again with today's gears."),
    "rate": ("history", "Say how good an answer was."),
    "reroute": ("history", "Drive a trip again with another gear, and remember the correction."),
    "keys": ("keys", "Set, list, test and remove provider keys."),
    "tokens": ("tokens", "Make, list and revoke API tokens."),
    "team": ("teams", "Make teams, invite people, set roles."),
    "user": ("users", "List people, deactivate them, set passwords."),
    "budget": ("budget", "List, set, grant and lend budgets; forecast and alerts."),
    "profile": ("profiles", "List, set, use, export and import profiles."),
    "config": ("config", "Get and set options; export and import the configuration."),
    "move": ("move", "Copy this installation from SQLite into an empty PostgreSQL."),
    "doctor": ("doctor", "Check the installation from end to end."),
    "verify": ("doctor", "The same as doctor."),
    "status": ("doctor", "Server, gauge and providers at a glance."),
    "version": ("doctor", "Print the version."),
}
# Where the servers of `clutch scaled` leave how to reach their database.
ADDRESSES = "scaled/addresses.json"
SERVING = ("serve", "worker", "sweeper", "move", "-h", "--help")
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

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """What the tab key asks about: behind a bare text it completes what `run` takes."""
        if args and extra.get("resilient_parsing"):
            if args[0] == "help":
                args = args[1:]
            elif args[0] not in (*COMMANDS, *OPTIONS_OF_ROOT):
                args = ["run", *args]
        return super().make_context(info_name, args, parent, **extra)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            found += self.get_command(ctx, "run").shell_complete(ctx, incomplete)
        return found

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # Typer would end with 1; whoever read has simply seen enough
            exits.silence()


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """Drive each task to the cheapest model that does it well, and see why."""
    if version:
        import_module("orchestrator.cli.doctor").version(as_json=False)


def words_for(arguments: list[str]) -> list[str]:
    """A bare text is a task to run; a single word near a command is a slip that must not cost."""
    if not arguments:
        return ["serve"]
    if arguments[0] == "help":
        return [*arguments[1:2], "--help"]
    if arguments[0] in COMMANDS or arguments[0] in OPTIONS_OF_ROOT:
        return arguments
    plain = [word for word in arguments if not word.startswith("-")]
    if len(plain) == 1 and (near := _command_near(plain[0].strip())):
        exits.leave(
            exits.USAGE,
            f"Did you mean: clutch {near}?",
            f'To ask it as a task: clutch run "{plain[0]}"',
        )
    return ["run", *arguments]


def _command_near(word: str) -> str:
    near = [] if " " in word else get_close_matches(word, COMMANDS, n=1, cutoff=0.6)
    return near[0] if near else ""


def command() -> None:
    """Ends with SystemExit, whose code is the status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")
    with exits.guarded("--json" in sys.argv):
        words = words_for(sys.argv[1:])
        _join_scaled()
        if words[0] not in SERVING:
            os.environ["CLUTCH_BARE"] = "1"
            os.environ.setdefault("CLUTCH_LOG_LEVEL", "error")
        if status := app(words, prog_name="clutch", standalone_mode=False):
            exits.leave(status)


def _join_scaled() -> None:
    """While the scaled servers of this home run, every command works with what they work with."""
    if (home.place() / ADDRESSES).exists():
        os.environ.update(import_module("orchestrator.cli.topology.folders").running_addresses())


def main() -> None:
    gc.disable()  # collecting while thousands of modules load costs a fifth of the start
    try:
        command()
    except SystemExit as ended:
        exits.end_process(ended)


if __name__ == "__main__":
    main()
