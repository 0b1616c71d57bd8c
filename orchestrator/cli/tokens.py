"""`clutch tokens`: keys for programs that use Clutch Web."""

from typing import Annotated

import typer

from orchestrator.cli import exits, output, session, wishes

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"tokens": app}


@app.command()
def create(
    name: Annotated[str, typer.Option("--name", help="What it is for.")],
    days: Annotated[int | None, typer.Option("--days", min=1, help="Good for so long.")] = None,
    as_json: wishes.Json = False,
) -> None:
    """Make a token and print it, once."""
    session.ready()
    from datetime import timedelta

    from django.utils import timezone

    from orchestrator.services.people import signin, tokens

    expires_at = timezone.now() + timedelta(days=days) if days else None
    try:
        made = tokens.create(signin.ensure_owner(), name, expires_at=expires_at)
    except tokens.TokenRefused as refused:
        exits.leave(exits.USAGE, str(refused))
    if as_json:
        output.write_json({"name": name, "token": made.value, "expires_at": expires_at})
    else:
        output.line(made.value)
        output.note("It is not shown again. Use it as the API key of your program.")


@app.command("list")
def list_tokens(as_json: wishes.Json = False) -> None:
    """Tokens and when they were last used."""
    session.ready()
    from orchestrator.services.people import signin, tokens

    rows = [
        {
            "id": token.public_id,
            "name": token.name,
            "scopes": token.scopes,
            "created_at": token.created_at,
            "last_used_at": token.last_used_at,
            "expires_at": token.expires_at,
            "is_revoked": token.revoked_at is not None,
        }
        for token in tokens.of(signin.ensure_owner())
    ]
    if as_json:
        output.write_json(rows)
    else:
        output.table(
            ("id", "name", "last used", "ends", "state"),
            (
                (
                    r["id"],
                    r["name"],
                    r["last_used_at"],
                    r["expires_at"],
                    "revoked" if r["is_revoked"] else "good",
                )
                for r in rows
            ),
        )


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="The id in the list.")],
    as_json: wishes.Json = False,
) -> None:
    """End a token at once."""
    session.ready()
    from django.utils import timezone

    from orchestrator.services.people import signin, tokens

    if not tokens.revoke(signin.ensure_owner(), token_id, timezone.now()):
        exits.leave(
            exits.USAGE, f"There is no token {token_id!r} in use.", "See: clutch tokens list"
        )
    output.result(
        f"Token {token_id} no longer works.",
        {"id": token_id, "is_revoked": True},
        as_json=as_json,
    )
