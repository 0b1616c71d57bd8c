"""The configuration as one document: round, whole, or not at all."""

import tomllib

import pytest

from orchestrator.models import Budget, Gear, Profile, Provider, Rule, User
from orchestrator.services.money import budgets, changes
from orchestrator.services.setup import options, transfer
from orchestrator.services.setup.transfer import InvalidDocument
from orchestrator.services.upkeep import startup

pytestmark = pytest.mark.django_db
RULE = """
[[rules]]
name = "poems"
when = { keywords = ["poem"] }
then = { use_gear = "demo-4" }
"""


@pytest.fixture(autouse=True)
def shipped() -> None:
    startup.prepare()


def apply(text: str, *, dry_run: bool = False) -> transfer.Changes:
    return transfer.import_document(text, dry_run=dry_run)


def test_an_export_holds_everything_but_secrets() -> None:
    document = tomllib.loads(transfer.export_document())
    groups = {"providers", "gears", "roads", "profiles", "budgets", "options"}
    assert groups <= set(document)
    assert len(document["gears"]) == Gear.objects.count()
    assert "sk-" not in transfer.export_document()


def test_importing_an_export_changes_nothing() -> None:
    before = transfer.export_document()
    changes = apply(before)
    assert (changes.created, changes.changed) == ([], [])
    assert transfer.export_document() == before


def test_an_import_makes_and_changes_rows() -> None:
    text = RULE + '[options]\npolicy = "premium"\n[[roads]]\nname = "rally"\nthrottle = 10\n'
    changes = apply(text)
    assert changes.created == ["rules poems"]
    assert set(changes.changed) == {"options policy", "roads rally"}
    assert Rule.objects.get().then == {"use_gear": "demo-4"}
    assert options.get("policy") == "premium"
    assert apply(text).changed == []


def test_a_dry_run_tells_the_same_and_writes_nothing() -> None:
    changes = apply(RULE, dry_run=True)
    assert changes.created == ["rules poems"]
    assert not Rule.objects.exists()


def test_a_budget_goes_to_the_running_period_too() -> None:
    apply('[[budgets]]\nscope = "road"\nscope_id = "rally"\nperiod = "day"\nlimit_usd = "0.50"\n')
    assert Budget.objects.get(scope="road").limit_nano == 500_000_000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[gears]\n", "line 1"),
        ("format = 2\n", "format"),
        ("[garage]\n", "no such section"),
        ('gears = "many"\n', "[[gears]]"),
        ("[[gears]]\nlevel = 1\n", "needs a name"),
        ('[[gears]]\nname = "Bad Name"\nprovider = "demo"\nmodel_id = "x"\nlevel = 1\n', "line 2"),
        ('[[gears]]\nname = "g"\nprovider = "nobody"\nmodel_id = "x"\nlevel = 1\n', "nobody"),
        ('[[gears]]\nname = "g"\nprovider = "demo"\nmodel_id = "x"\nlevel = 9\n', "level"),
        ('[[gears]]\nname = "demo-1"\ncolour = "red"\n', "'colour' is unknown"),
        ('[[gears]]\nname = "demo-1"\n[[gears]]\nname = "demo-1"\n', "twice"),
        ('[[rules]]\nname = "r"\nwhen = {}\nthen = { use_gear = "demo-1" }\n', "at least one"),
        ('[[rules]]\nname = "r"\nwhen = { moon = 1 }\nthen = { use_gear = "demo-1" }\n', "moon"),
        ('[[rules]]\nname = "r"\nwhen = { keywords = ["x"] }\nthen = { use_gear = "no" }\n', "no"),
        ('[[budgets]]\nscope = "moon"\nlimit_usd = "1"\n', "moon"),
        ('[[budgets]]\nscope = "global"\nlimit_usd = "-1"\n', "-1"),
        ('[[budgets]]\nscope = "global"\nlimit_usd = nan\n', "text"),
        ("[options]\nexploration_rate = 7.0\n", "0.5"),
        ('[options]\npolicies = "x"\n', "policy"),
        ("format = true\n", "format"),
        ("x = " + "[" * 5000, "nested too deeply"),
        ("#" * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
        ('[[gears]]\nname = "demo-1"\nlevel = 2.5\n', "level is a whole number"),
        ('[[gears]]\nname = "demo-1"\nis_enabled = "yes"\n', "is_enabled is true or false"),
        ('[[gears]]\nname = "demo-1"\ntokens_per_s = nan\n', "tokens_per_s is a number"),
        ('[[gears]]\nname = "demo-1"\ntokens_per_s = inf\n', "tokens_per_s is a number"),
        ('[[gears]]\nname = "demo-1"\ntitle = "a\\r\\nb"\n', "one line"),
        ('[[gears]]\nname = "demo-1\\n"\nprovider = "demo"\n', "one line"),
        ('[[gears]]\nname = "demo-1"\ncapabilities = "tools"\n', "list of texts"),
        ('[[gears]]\nname = "demo-1"\ncapabilities = ["juggle"]\n', "no ability"),
        ('[[gears]]\nname = "demo-1"\nreasoning = { style = "odd" }\n', "reasoning"),
        ('[[gears]]\nname = "demo-1"\nprices = { base = { input = -1 } }\n', "nano-dollars"),
        ('[[gears]]\nname = "demo-1"\nprice_source = "manual"\nprices = "none"\n', "no prices"),
        ('[[gears]]\nname = "demo-1"\ncontext_window = 0\n', "at least 1"),
        ('[[roads]]\nname = "rally"\ntriggers = { en = "word" }\n', "list of texts"),
        ('[[roads]]\nname = "rally"\nmin_confidence = 2.0\n', "min_confidence"),
        ('[[providers]]\nname = "demo"\nkind = "carrier pigeon"\n', "no kind"),
        ('[[rules]]\nname = "r"\nwhen = 1\nthen = 2\n', "tables"),
        ('[[rules]]\nname = "r"\nends_at = "soon"\n', "ends_at is a moment"),
        ('[[profiles]]\nname = "p"\nmax_level = 9\n', "from 1 to 5"),
        ('[[profiles]]\nname = "p"\nallowed_gears = ["nobody"]\n', "nobody"),
        ('[[profiles]]\nname = "p"\nuser = "nobody"\n', "no user named"),
        ('[[prompts]]\nname = "p"\ntext = " "\n', "empty"),
        ('[[prompts]]\nname = "p"\ntext = 5\n', "text is a text"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_applied(text: str, reason: str) -> None:
    before = transfer.export_document()
    with pytest.raises(InvalidDocument) as invalid:
        apply(text if text.startswith("format") else f"{text}")
    assert reason in str(invalid.value)
    assert transfer.export_document() == before


def test_all_faults_are_told_at_once() -> None:
    text = '[[gears]]\nname = "a"\nprovider = "nobody"\n[options]\nexploration_rate = 7.0\n'
    with pytest.raises(InvalidDocument) as invalid:
        apply(RULE + text)
    assert "nobody" in str(invalid.value)
    assert "0.5" in str(invalid.value)
    assert not Rule.objects.exists()


def test_a_provider_that_is_switched_off_takes_its_gears_along() -> None:
    apply('[[providers]]\nname = "demo"\nis_enabled = false\n')
    assert not Provider.objects.get(name="demo").is_enabled


def test_budgets_that_were_removed_or_follow_from_others_are_not_exported() -> None:
    Budget.objects.all().delete()
    owner = User.objects.get(is_owner=True)
    budgets.set_limit("user", str(owner.pk), "month", 5)  # with days that only count
    budgets.set_limit("user", "999999", "month", 5)  # of nobody any more
    budgets.set_limit("profile", "1.1", "day", 5)
    budgets.remove(budgets.set_limit("user", "2", "day", 5), changes.NOBODY)
    found = tomllib.loads(transfer.export_document())["budgets"]
    assert [(each["scope"], each["scope_id"], each["period"]) for each in found] == [
        ("user", owner.username, "month")
    ]


def test_every_field_of_a_profile_goes_there_and_back() -> None:
    changed = Profile.objects.get(name="economy")
    changed.policy, changed.default_tags, changed.budget_share = "35", ["cheap"], 40
    changed.save()
    text = transfer.export_document()
    Profile.objects.update(policy="balanced", default_tags=[], budget_share=None)
    transfer.import_document(text)
    again = Profile.objects.get(name="economy")
    assert (again.policy, again.default_tags, again.budget_share) == ("35", ["cheap"], 40)
    with pytest.raises(InvalidDocument, match="policy is one of"):
        transfer.import_document(text.replace('"35"', '"best"'))
