"""`clutch user`: the people of this installation."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import User

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"user": app}

Person = Annotated[str, typer.Argument(help="The name that the person signs in with.")]


@app.command("list")
def list_users(as_json: wishes.Json = False) -> None:
    """Everybody, with their teams and when they last signed in."""
    session.ready()
    from orchestrator.models import User

    found = User.objects.order_by("username").prefetch_related("memberships__team")
    rows = [_row(user) for user in found]
    if as_json:
        output.write_json(rows)
        return
    output.table(
        ("person", "teams", "last sign-in", "state"),
        (
            (
                row["person"],
                ", ".join(f"{each['team']} ({each['role']})" for each in row["teams"]),
                row["last_sign_in_at"],
                "active" if row["is_active"] else "deactivated",
            )
            for row in rows
        ),
    )


def _row(user: "User") -> dict[str, Any]:
    return {
        "person": user.username,
        "is_owner": user.is_owner,
        "is_active": user.is_active,
        "last_sign_in_at": user.last_login,
        "teams": [{"team": held.team.name, "role": held.role} for held in user.memberships.all()],
    }


@app.command()
def deactivate(person: Person, as_json: wishes.Json = False) -> None:
    """End somebody's sessions and API tokens at once; chats and costs stay."""
    session.ready()
    from orchestrator.services.people import accounts, signin

    user = find(person)
    if why_not := accounts.why_not_deactivate(signin.ensure_owner(), user):
        exits.leave(exits.USAGE, why_not)
    try:
        accounts.deactivate(user)
    except accounts.AccountRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    text = f"{person} is deactivated: sessions and API tokens ended."
    output.result(text, {"person": person, "is_active": False}, as_json=as_json)


@app.command()
def activate(person: Person, as_json: wishes.Json = False) -> None:
    """Let somebody sign in again; revoked tokens stay so."""
    session.ready()
    from orchestrator.services.people import accounts

    accounts.reactivate(find(person))
    text = f"{person} may sign in again."
    output.result(text, {"person": person, "is_active": True}, as_json=as_json)


@app.command()
def password(person: Person, as_json: wishes.Json = False) -> None:
    """Set a password, asked for here or read from standard input; every session ends."""
    session.ready()
    from orchestrator.services.people import accounts, sessions

    user = find(person)
    try:
        accounts.set_password(user, _asked())
    except accounts.AccountRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    sessions.end_all(user)
    text = f"{person} has a new password, and every session ended."
    output.result(text, {"person": person, "is_set": True}, as_json=as_json)


def _asked() -> str:
    """Never an argument: those stand in the shell's history and the list of processes."""
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def find(name: str) -> "User":
    from orchestrator.models import User

    found = User.objects.filter(username__iexact=name.strip()).first()
    if found is None:
        exits.leave(exits.USAGE, f"There is nobody named {name!r}.", "See: clutch user list")
    return found
