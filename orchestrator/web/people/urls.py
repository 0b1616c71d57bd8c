"""Addresses of teams, people, accounts and the audit log."""

from django.urls import path

from orchestrator.web.people import (
    audit_log,
    codes,
    directory,
    inviting,
    members,
    open_id,
    own,
    second_factor,
    teams,
)

urlpatterns = [
    path("teams/", teams.team_list, name="teams"),
    path("teams/switch/", teams.switch, name="switch-team"),
    path("teams/view-as/end/", teams.end_viewing, name="end-viewing"),
    path("teams/<int:pk>/", teams.team, name="team"),
    path("teams/<int:pk>/rename/", teams.rename, name="rename-team"),
    path("teams/<int:pk>/leave/", teams.leave, name="leave-team"),
    path("teams/<int:pk>/hand-over/", teams.hand_over, name="hand-over-team"),
    path("teams/<int:pk>/view-as/", teams.view_as, name="view-as"),
    path("teams/<int:pk>/invite/", inviting.invite, name="invite"),
    path(
        "teams/<int:pk>/invitations/<uuid:invitation>/revoke/",
        inviting.revoke,
        name="revoke-invitation",
    ),
    path("teams/<int:pk>/members/<int:user_pk>/role/", members.set_role, name="set-role"),
    path("teams/<int:pk>/members/<int:user_pk>/remove/", members.remove, name="remove-member"),
    path("teams/<int:pk>/members/restore/", members.restore, name="restore-member"),
    path("join/<str:token>/", inviting.join, name="join"),
    path("people/", directory.people, name="people"),
    path("people/<int:pk>/deactivate/", directory.deactivate, name="deactivate"),
    path("people/<int:pk>/activate/", directory.activate, name="activate"),
    path("people/<int:pk>/link/", directory.make_link, name="sign-in-link"),
    path("audit/", audit_log.log, name="audit"),
    path("audit/export/", audit_log.export, name="export-audit"),
    path("account/", own.account, name="account"),
    path("account/name/", own.set_name, name="set-own-name"),
    path("account/password/", own.set_password, name="set-password"),
    path("account/sessions/end-others/", own.end_other_sessions, name="end-other-sessions"),
    path("account/sessions/<int:pk>/end/", own.end_session, name="end-session"),
    path("account/second-factor/", second_factor.set_up, name="second-factor"),
    path("account/second-factor/off/", second_factor.turn_off, name="second-factor-off"),
    path("account/second-factor/codes/", second_factor.new_codes, name="new-recovery-codes"),
    path("account/identities/<int:pk>/remove/", own.remove_identity, name="remove-identity"),
    path("sign-in/code/", codes.enter_code, name="sign-in-code"),
    path("sign-in/provider/", open_id.begin, name="openid"),
    path("sign-in/provider/back/", open_id.come_back, name="openid-back"),
]
