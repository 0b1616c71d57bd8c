"""What rows keep as an id, written as a name: ids are other ones in another installation."""

from collections.abc import Sequence
from uuid import UUID

from orchestrator.models import ApiToken, Budget, Team, User

Scope = Budget.Scope
NAMED = (Scope.TEAM, Scope.USER, Scope.TOKEN)
# A number with more of them is no id that a database keeps.
MOST_DIGITS = 19


def name_of(scope: str, scope_id: str) -> str | None:
    """None for whom there is no more."""
    if scope not in NAMED:
        return scope_id
    if scope == Scope.TOKEN:
        return _token_name(scope_id)
    if not (scope_id.isascii() and scope_id.isdigit() and len(scope_id) < MOST_DIGITS):
        return None
    rows = {
        Scope.TEAM: Team.objects.values_list("pk", "name"),
        Scope.USER: User.objects.values_list("pk", "username"),
    }
    found = rows[Scope(scope)].filter(pk=int(scope_id)).first()
    return found[1] if found is not None else None


def id_of(scope: str, name: str) -> str:
    """Raises `ValueError` where nobody has the name."""
    if scope not in NAMED:
        return name
    found = _ids(scope, name)
    if len(found) != 1:
        many = f"{len(found)} of them are" if found else "there is no"
        raise ValueError(f"{many} {scope} named {name!r}{_advice(scope, found)}")
    return str(found[0])


def _ids(scope: str, name: str) -> Sequence[object]:
    if scope == Scope.TEAM:
        return list(Team.objects.filter(name=name).values_list("pk", flat=True))
    if scope == Scope.USER:
        return list(User.objects.filter(username=name).values_list("pk", flat=True))
    person, _, title = name.partition("/")
    live = ApiToken.objects.filter(revoked_at=None, user__username=person)
    by_name = list(live.filter(name=title).values_list("pk", flat=True))
    return by_name or list(live.filter(public_id=title).values_list("pk", flat=True))


def _advice(scope: str, found: Sequence[object]) -> str:
    if scope != Scope.TOKEN:
        return ""
    if found:
        return "; name the one meant by the signs after clk_"
    return '; a token is written as "person/name", and has to be made first'


def _token_name(pk: str) -> str | None:
    """By its name, or by its public id where the person has two of that name."""
    try:
        live = ApiToken.objects.filter(pk=UUID(pk), revoked_at=None)
    except ValueError:
        return None
    token = live.select_related("user").first()
    if token is None:
        return None
    same = ApiToken.objects.filter(user=token.user, name=token.name, revoked_at=None)
    is_clear = same.count() == 1 and token.name
    return f"{token.user.username}/{token.name if is_clear else token.public_id}"
