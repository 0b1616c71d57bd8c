"""What a role may do, without any look at the database."""

from orchestrator.models import Membership

Role = Membership.Role
RANKS = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2, Role.OWNER: 3}
MANAGERS = (Role.ADMIN.value, Role.OWNER.value)
MEANINGS = {
    Role.OWNER: "everything, also making and removing owners",
    Role.ADMIN: "members, invitations and the audit log",
    Role.MEMBER: "chats, prompts and models, within the budget",
    Role.VIEWER: "looks, changes nothing and spends nothing",
}


def may_manage(role: str) -> bool:
    """Members, invitations, the team's audit log."""
    return role in MANAGERS


def may_give(own: str, given: str) -> bool:
    """Nobody gives a role, or touches somebody of a role, that is above their own."""
    return may_manage(own) and given in RANKS and RANKS[Role(given)] <= RANKS[Role(own)]


def may_edit(role: str) -> bool:
    return role != Role.VIEWER
