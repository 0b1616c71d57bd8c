"""Teams, what belongs to people, and where they are told, as parts of the configuration text."""

import tomllib

import pytest
from pytest_django import Settings

from orchestrator.models import (
    AlertChannel,
    ApiToken,
    AuditEntry,
    Budget,
    Membership,
    ReportDigest,
    SavedReport,
    Team,
    User,
)
from orchestrator.services.alerts import channels
from orchestrator.services.setup import transfer
from orchestrator.services.setup.transfer import InvalidDocument
from orchestrator.services.upkeep import startup

pytestmark = pytest.mark.django_db
BLUE = '[[teams]]\nname = "Blue"\nmembers = { ada = "owner", bob = "viewer" }\n'
SAVED = '[[saved_reports]]\nname = "Mine"\nuser = "bob"\nquestion = '


@pytest.fixture(autouse=True)
def people() -> None:
    startup.prepare()
    for name in ("ada", "bob", "eve"):
        User.objects.create(username=name)
    User.objects.create(username="gone", is_active=False)


def roles() -> dict[str, str]:
    return dict(Membership.objects.values_list("user__username", "role"))


def test_a_team_is_made_with_its_members_and_changed_to_what_the_text_says() -> None:
    transfer.import_document(BLUE)
    assert roles() == {"ada": "owner", "bob": "viewer"}
    assert User.objects.get(username="bob").current_team == Team.objects.get()
    changes = transfer.import_document(
        '[[teams]]\nname = "Blue"\nmembers = { ada = "admin", eve = "owner" }\n'
    )
    assert changes.document()["differences"]["teams Blue"] == [
        "members ada: owner → admin",
        "members bob: viewer → none",
        "members eve: none → owner",
    ]
    assert roles() == {"ada": "admin", "eve": "owner"}
    told = AuditEntry.objects.values_list("what", flat=True)
    assert {"Team created", "bob joined", "bob left", "Role of ada"} <= set(told)


def test_a_team_without_members_in_the_text_keeps_them() -> None:
    transfer.import_document(BLUE)
    assert transfer.import_document('[[teams]]\nname = "Blue"\n').is_empty
    assert roles() == {"ada": "owner", "bob": "viewer"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BLUE.replace("bob", "zoe"), "nobody named 'zoe'"),
        (BLUE.replace("owner", "admin"), "needs an owner"),
        (BLUE.replace("ada", "gone"), "owner who can sign in"),
        ('[[teams]]\nname = "Blue"\n', "needs an owner"),
        (BLUE.replace("viewer", "boss"), "'bob' is one of"),
        (BLUE + BLUE, "line 2: teams Blue: is there twice"),
        (BLUE + BLUE.replace("Blue", "blue"), "There is a team named 'blue' already"),
        (BLUE.replace("Blue", " Blue"), "spaces"),
        (BLUE.replace("Blue", "\\u202eBlue"), "one line of printable"),
        ('[[teams]]\nname = "Blue"\nmembers = ["ada"]\n', "table of names and roles"),
        ('[[budgets]]\nscope = "team"\nscope_id = "1"\nlimit_usd = "1"\n', "no team named '1'"),
        ('[[budgets]]\nscope = "user"\nscope_id = "zoe"\nlimit_usd = "1"\n', "no user named 'zoe'"),
        ('[[budgets]]\nscope = "token"\nscope_id = "bob/x"\nlimit_usd = "1"\n', "made first"),
        (SAVED.replace("bob", "zoe") + "{}\n", "no user named 'zoe'"),
        (SAVED + '{ scope = "all" }\n', "bob may not see 'all'"),
        (SAVED + '{ scope = "team:Red" }\n', "no team named 'Red'"),
        (SAVED + '{ group = "moon" }\n', "'moon' is no group"),
        (SAVED + '{ prompt = [{ name = "x" }] }\n', "no prompt named 'x'"),
        (SAVED + "{ gear = 3 }\n", "gear is a text or a list"),
        (SAVED + '"all"\n', "question is a table"),
        ('[[alert_mails]]\nuser = "bob"\nemail = "x"\n', "not an e-mail"),
        ('[[alert_mails]]\nuser = "bob"\n', "email is a text"),
        ('[[alert_mails]]\nuser = "bob"\nemail = "a@b.org"\nkind = "x"\n', "'kind' is unknown"),
        (
            '[[report_digests]]\nuser = "bob"\nscope = "all"\nemail = "b@example.org"\n',
            "bob may not see 'all'",
        ),
        ('[[profiles]]\nname = "p"\ndefault_for_people = ["zoe"]\n', "no user named 'zoe'"),
        (
            '[[profiles]]\nname = "p"\nuser = "ada"\ndefault_for_people = ["bob"]\n',
            "bob cannot use this profile",
        ),
        ('[[profiles]]\nname = "p"\nshared_from = "ada"\n', "'ada' has no profile named 'p'"),
        ('[[prompts]]\nname = "p"\ntext = "x"\nstarred_by = ["zoe"]\n', "no user named 'zoe'"),
        ('[[personal_rules]]\nname = "r"\nwhen = {}\nthen = {}\n', "binds one person"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_applied(text: str, reason: str) -> None:
    before = transfer.export_document()
    with pytest.raises(InvalidDocument) as invalid:
        transfer.import_document(text + '[options]\npolicy = "premium"\n')
    assert reason in str(invalid.value)
    assert transfer.export_document() == before


def test_budgets_follow_their_owner_by_name() -> None:
    transfer.import_document(BLUE)
    bob = User.objects.get(username="bob")
    tokens = [ApiToken.objects.create(name="ci", public_id=each, user=bob) for each in "xy"]
    text = '[[budgets]]\nscope = "{}"\nscope_id = "{}"\nlimit_usd = "3"\n'
    transfer.import_document(text.format("team", "Blue") + text.format("user", "bob"))
    with pytest.raises(InvalidDocument, match="2 of them are token"):
        transfer.import_document(text.format("token", "bob/ci"))
    transfer.import_document(text.format("token", "bob/y"))
    kept = Budget.objects.exclude(scope="global").values_list("scope", "scope_id")
    team = Team.objects.get()
    wanted = {("team", team.pk), ("user", bob.pk), ("token", tokens[1].pk)}
    assert set(kept) == {(scope, str(pk)) for scope, pk in wanted}


def test_web_addresses_stay_and_mail_addresses_come_along(settings: Settings) -> None:
    bob = User.objects.get(username="bob")
    settings.OUTBOUND_ALLOWED = frozenset({"203.0.113.9"})
    channels.add(bob, "webhook", "https://203.0.113.9/secret-path")
    channels.restore_mail(bob, "bob@example.org")
    webhook = {"channel": "webhook", "address": "https://203.0.113.9/secret-path"}
    ReportDigest.objects.create(user=bob, scope="mine", due_at=bob.date_joined, **webhook)
    text = transfer.export_document()
    assert "secret-path" not in text
    assert "web addresses that alerts and digests are sent to" in text.split("format")[0]
    document = tomllib.loads(text)
    assert document["alert_mails"] == [{"user": "bob", "email": "bob@example.org"}]
    assert "report_digests" not in document
    AlertChannel.objects.all().delete()
    transfer.import_document(text)
    assert channels.address_of(AlertChannel.objects.get()) == "bob@example.org"


def test_a_report_that_its_owner_may_not_ask_any_more_is_left_out() -> None:
    transfer.import_document(BLUE)
    transfer.import_document(SAVED + '{ scope = "team:Blue", group = "gear" }\n')
    assert "saved_reports" in tomllib.loads(transfer.export_document())
    Membership.objects.filter(user__username="bob").delete()
    assert SavedReport.objects.exists()
    assert "saved_reports" not in tomllib.loads(transfer.export_document())


@pytest.mark.parametrize(
    "owner", ["nobody", "9" * 60, "\u0663", "", "00000000-0000-0000-0000-000000000000"]
)
def test_budgets_of_whom_nobody_knows_are_left_out(owner: str) -> None:
    before = transfer.export_document()
    for scope in ("team", "user", "token"):
        Budget.objects.create(scope=scope, scope_id=owner, period="day", limit_nano=5)
    assert transfer.export_document() == before
