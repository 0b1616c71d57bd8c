"""`clutch team`: teams and who is in them, as the owner of this installation."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestrator.cli import exits, output, session, wishes

if TYPE_CHECKING:
    from orchestrator.models import Membership, Team

app = typer.Typer(no_args_is_help=True, add_completion=False)
apps = {"team": app}

Name = Annotated[str, typer.Argument(help="The team's name.")]
Person = Annotated[str, typer.Argument(help="The name that the person signs in with.")]


@app.command("list")
def list_teams(as_json: wishes.Json = False) -> None:
    """Teams and how many are in them."""
    session.ready()
    from django.db.models import Count

    from orchestrator.models import Team

    found = Team.objects.annotate(count=Count("memberships")).order_by("name")
    rows = [{"id": each.pk, "name": each.name, "members": each.count} for each in found]
    if as_json:
        output.write_json(rows)
    elif rows:
        output.table(("team", "members"), ((row["name"], row["members"]) for row in rows))
    else:
        output.line('There is no team yet. Make one: clutch team create "NAME"')


@app.command()
def create(name: Name, as_json: wishes.Json = False) -> None:
    """Make a team; you are its owner."""
    session.ready()
    from orchestrator.services.people import signin, teams

    try:
        made = teams.create(signin.ensure_owner(), name)
    except ValueError as refused:
        exits.leave(exits.USAGE, str(refused))
    text = f"The team {made.name} is made. What you do counts for it now."
    output.result(text, {"id": made.pk, "name": made.name}, as_json=as_json)


@app.command()
def rename(
    name: Name,
    new_name: Annotated[str, typer.Argument(help="Its new name.")],
    as_json: wishes.Json = False,
) -> None:
    """Give a team another name."""
    session.ready()
    from orchestrator.services.people import teams

    team = _team(name)
    try:
        teams.rename(team, new_name)
    except ValueError as refused:
        exits.leave(exits.USAGE, str(refused))
    text = f"The team is called {team.name} now."
    output.result(text, {"id": team.pk, "name": team.name}, as_json=as_json)


@app.command()
def members(name: Name, as_json: wishes.Json = False) -> None:
    """Who is in a team, and as what."""
    session.ready()
    from orchestrator.services.people import teams

    rows = [_row(held) for held in teams.members(_team(name))]
    if as_json:
        output.write_json(rows)
    else:
        output.table(("person", "role", "since"), (tuple(row.values())[:3] for row in rows))


def _row(held: "Membership") -> dict[str, Any]:
    return {
        "person": held.user.username,
        "role": held.role,
        "since": held.created_at.date(),
        "is_active": held.user.is_active,
    }


@app.command()
def invite(
    name: Name,
    role: Annotated[str, typer.Option("--role", help="owner, admin, member or viewer.")] = "member",
    uses: Annotated[int, typer.Option("--uses", help="Good for so many people.")] = 1,
    days: Annotated[int, typer.Option("--days", help="Good for so many days.")] = 7,
    email: Annotated[str, typer.Option("--email", help="Send the link there, too.")] = "",
    as_json: wishes.Json = False,
) -> None:
    """Make a link into a team and print it, once."""
    session.ready()
    from orchestrator.services.people import invitations, signin
    from orchestrator.services.people.invitations import Wish

    owner = signin.ensure_owner()
    wish = Wish(role, uses, days, email)
    try:
        made = invitations.make(_team(name), "owner", owner, wish, _address())
    except ValueError as refused:
        exits.leave(exits.USAGE, str(refused))
    mailed, told = invitations.deliver(made, owner.username)
    if as_json:
        ends = made.invitation.expires_at
        output.write_json(
            {"url": made.url, "role": role, "uses": uses, "ends_at": ends, "is_mailed": mailed}
        )
    else:
        output.line(made.url)
        output.note(f"It is not shown again. {told}".strip())


@app.command("role")
def set_role(
    name: Name,
    person: Person,
    role: Annotated[str, typer.Argument(help="owner, admin, member or viewer.")],
    as_json: wishes.Json = False,
) -> None:
    """Give a member another role."""
    session.ready()
    from orchestrator.cli.users import find
    from orchestrator.services.people import teams

    try:
        before = teams.set_role(_team(name), "owner", find(person).pk, role)
    except ValueError as refused:
        exits.leave(exits.USAGE, str(refused))
    text = f"{person} is {role} of {name} now."
    output.result(text, {"person": person, "role": role, "before": before}, as_json=as_json)


@app.command()
def remove(name: Name, person: Person, as_json: wishes.Json = False) -> None:
    """Take somebody out of a team; their tokens for it end."""
    session.ready()
    from orchestrator.cli.users import find
    from orchestrator.services.people import teams

    try:
        before = teams.remove(_team(name), "owner", find(person).pk)
    except ValueError as refused:
        exits.leave(exits.USAGE, str(refused))
    text = f"{person} is not in {name} any more."
    output.result(text, {"person": person, "role": None, "before": before}, as_json=as_json)


def _team(name: str) -> "Team":
    from orchestrator.models import Team

    found = Team.objects.filter(name__iexact=" ".join(name.split())).first()
    if found is None:
        exits.leave(exits.USAGE, f"There is no team {name!r}.", "See: clutch team list")
    return found


def _address() -> str:
    from django.conf import settings

    from orchestrator.cli import server

    running = server.running()
    near = running.url if running else f"http://127.0.0.1:{settings.PORT}"
    return settings.PUBLIC_URL or near
