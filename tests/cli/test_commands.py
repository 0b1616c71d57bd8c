"""Every command through its front door: what it prints, and with which status it ends."""

import io
import json
from pathlib import Path

import pytest

from orchestrator.cli.main import COMMANDS
from orchestrator.models import ApiToken, Budget, Leg, Outcome, Rule, Trip
from orchestrator.services.setup import vault
from tests.cli.conftest import Clutch

READING = [
    ("route", "Explain recursion"),
    ("gears", "list"),
    ("gears", "show", "demo-1"),
    ("providers", "list"),
    ("roads", "list"),
    ("rules", "list"),
    ("stats",),
    ("keys", "list"),
    ("tokens", "list"),
    ("budget", "show"),
    ("config", "get"),
    ("config", "export"),
    ("doctor", "--invariants"),
    ("status",),
    ("version",),
]


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_commands_print_one_json_document(clutch: Clutch, words: tuple[str, ...]) -> None:
    done = clutch(*words, "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out) is not None


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_reading_commands_print_something_for_a_person(
    clutch: Clutch, words: tuple[str, ...]
) -> None:
    done = clutch(*words)
    assert done.status == 0, done.err
    assert done.out.strip()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(clutch: Clutch, name: str) -> None:
    done = clutch(name, "--help")
    assert done.status == 0
    assert "Usage" in done.out


def test_a_bare_text_is_driven_and_its_cost_is_told(clutch: Clutch) -> None:
    done = clutch("Explain quantum computing")
    assert done.status == 0
    assert "canned demo answer" in done.out
    assert "demo" in done.err.splitlines()[-1]
    assert Trip.objects.get().state == "done"


def test_a_driven_task_as_one_document(clutch: Clutch) -> None:
    document = json.loads(clutch("run", "Explain recursion", "--json").out)
    assert document["state"] == "done"
    assert document["gear"] == "demo-3"
    assert document["cost_nano"] == sum(leg["cost_nano"] for leg in document["legs"]) > 0


def test_a_driven_task_as_a_line_per_event(clutch: Clutch) -> None:
    lines = clutch("run", "Hello", "--stream").out.splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert (kinds[0], kinds[-1]) == ("routed", "trip_finished")


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("run", "   "), 2, "empty"),
        (("run", "Hello", "--gear", "demo-9"), 2, "Did you mean demo-"),
        (("run", "Hello", "--road", "dirt"), 2, "Did you mean dirt-road"),
        (("run", "Hello", "--pattern", "zigzag"), 2, "single"),
        (("run", "Hello", "--policy", "cheap"), 2, "balanced"),
        (("run", "Hello", "--profile", "nobody"), 2, "nobody"),
        (("run", "Hello", "--gear", "claude-opus"), 1, "ANTHROPIC_API_KEY"),
        (("run", "Hello", "--throttle", "300"), 2, "100"),
        (("run", "Hello", "--file", "/no/such/file"), 2, "Cannot read"),
        (("run", "/demo auth", "--gear", "demo-1"), 1, ""),
        (("sttus",), 2, "clutch status"),
        (("rate", "last", "good"), 1, "Nothing was driven"),
        (("replay", "not-an-id"), 2, "not the id"),
        (("keys", "remove", "NOBODYS_KEY"), 2, "NOBODYS_KEY"),
        (("gears", "show", "demo-9"), 2, "Did you mean"),
        (("config", "set", "exploration_rate", "7"), 2, "0.5"),
        (("config", "set", "exploratin_rate", "0.1"), 2, "exploration_rate"),
        (("budget", "set", "NaN"), 2, "NaN"),
        (("budget", "set", "-1"), 2, ""),
        (("budget", "set", "1", "--scope", "user", "--id", "Zoe"), 2, "no user named 'Zoe'"),
        (("budget", "remove", "--scope", "token", "--id", "a/b"), 2, "made first"),
        (("serve", "--host", "0.0.0.0"), 2, "--public"),
        (("link",), 1, "No server"),
        (("gears", "discover"), 2, "See: clutch gears discover --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_goes_wrong_is_told_on_standard_error(
    clutch: Clutch, words: tuple[str, ...], status: int, told: str
) -> None:
    done = clutch(*words)
    assert (done.status, told in done.err) == (status, True), done.err
    assert done.err.strip()


def test_a_used_up_budget_refuses_with_its_own_status(clutch: Clutch) -> None:
    for period in ("day", "month"):
        assert clutch("budget", "set", "0.000001", "--demo", "--period", period).status == 0
    done = clutch("Hello")
    assert done.status == 3
    assert "budget" in done.err.lower()
    assert not Leg.objects.exists()
    clutch("budget", "grant", "5", "--demo")
    clutch("budget", "grant", "5", "--demo", "--period", "month")
    assert clutch("Hello").status == 0


def test_the_last_trip_shows_its_receipt_and_calls(clutch: Clutch) -> None:
    clutch("Explain recursion")
    assert "demo-3" in clutch("last").out
    document = json.loads(clutch("last", "--json").out)
    assert document["receipt"]["gear"] == document["legs"][0]["gear"] == "demo-3"
    assert "The same decision" in clutch("replay", "last").out


def test_ratings_and_corrections_are_remembered(clutch: Clutch) -> None:
    clutch("Explain recursion")
    assert clutch("rate", "last", "too-slow", "--note", "took ages").status == 0
    assert Outcome.objects.get().kind == "too_slow"
    assert clutch("reroute", "last", "--gear", "demo-2").status == 0
    assert Outcome.objects.get().kind == "corrected"
    assert json.loads(clutch("last", "--json").out)["gear"] == "demo-2"


def test_three_equal_corrections_suggest_a_rule(clutch: Clutch) -> None:
    for _ in range(3):
        clutch("Explain recursion")
        told = clutch("reroute", "last", "--gear", "demo-2").err
    assert "clutch rules add country-road-demo-2" in told
    assert clutch("rules", "add", "mine", "--road", "country-road", "--gear", "demo-2").status == 0
    assert json.loads(clutch("route", "Explain recursion", "--json").out)["gear"] == "demo-2"
    assert "roads: country-road" in clutch("rules", "list").out
    clutch("rules", "remove", "mine")
    assert not Rule.objects.exists()


def test_what_is_piped_in_must_be_text(clutch: Clutch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\xff\xfeb")))
    done = clutch("route", "-")
    assert (done.status, "not UTF-8" in done.err) == (2, True)


def test_a_key_is_kept_sealed_and_never_shown(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch, settings: object, tmp_path: Path
) -> None:
    settings.CLUTCH_HOME = tmp_path  # type: ignore[attr-defined]
    secret = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz"
    monkeypatch.setattr("sys.stdin", io.StringIO(secret + "\n"))
    done = clutch("keys", "set", "--no-test")
    assert (done.status, "ANTHROPIC_API_KEY is kept" in done.out) == (0, True), done.err
    listed = clutch("keys", "list", "--json").out
    assert secret not in done.out + done.err + listed + vault.store_path().read_text()
    row = next(row for row in json.loads(listed) if row["name"] == "ANTHROPIC_API_KEY")
    assert (row["source"], row["last4"]) == ("store", "wxyz")
    assert json.loads(clutch("route", "Explain recursion", "--json").out)["gear"] == "claude-sonnet"
    assert clutch("keys", "remove", "ANTHROPIC_API_KEY").status == 0


def test_a_damaged_store_of_keys_is_told_once(
    clutch: Clutch, settings: object, tmp_path: Path
) -> None:
    settings.CLUTCH_HOME = tmp_path  # type: ignore[attr-defined]
    vault.store_path().write_text("{not json")
    listed, checked = clutch("keys", "list"), clutch("doctor")
    assert listed.err.count("is damaged") == checked.out.count("is damaged") == 1
    assert "is damaged" not in listed.out


def test_a_key_given_as_an_argument_is_refused_unsaid(clutch: Clutch) -> None:
    done = clutch("keys", "set", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz")
    assert done.status == 2
    assert "sk-ant" not in done.out + done.err
    assert "history" in done.err


def test_a_key_that_can_be_of_several_is_shown_to_none_of_them(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-0123456789abcdef\n"))
    done = clutch("keys", "set")
    assert (done.status, done.out) == (2, "")
    assert "OPENAI_API_KEY, DEEPSEEK_API_KEY, MOONSHOT_API_KEY" in done.err
    assert "--try-each" in done.err


def test_a_token_is_printed_once_and_ends_when_revoked(clutch: Clutch) -> None:
    made = json.loads(clutch("tokens", "create", "--name", "editor", "--json").out)
    assert made["token"].startswith("clk_")
    token = ApiToken.objects.get()
    assert made["token"] not in clutch("tokens", "list").out
    assert clutch("tokens", "revoke", token.public_id).status == 0
    assert clutch("tokens", "revoke", token.public_id).status == 2


def test_a_gear_without_a_price_is_not_chosen_until_it_has_one(clutch: Clutch) -> None:
    added = clutch("gears", "add", "mine", "--provider", "openrouter", "--model", "a/unheard-of")
    assert "price is unknown" in added.err
    assert clutch("gears", "price", "mine", "0.5", "1.5").status == 0
    shown = json.loads(clutch("gears", "show", "mine", "--json").out)
    assert shown["prices"]["base"]["input"] == 500_000_000
    assert clutch("gears", "disable", "mine").status == 0
    assert json.loads(clutch("gears", "show", "mine", "--json").out)["state"] == "off"


def test_the_configuration_goes_round_unchanged(clutch: Clutch, tmp_path: Path) -> None:
    file = tmp_path / "clutch.toml"
    file.write_text(clutch("config", "export").out)
    done = json.loads(clutch("config", "import", file, "--yes", "--json").out)
    assert (done["created"], done["changed"]) == ([], [])
    assert done["unchanged"] > 40


def test_a_wrong_configuration_changes_nothing(clutch: Clutch, tmp_path: Path) -> None:
    file = tmp_path / "clutch.toml"
    file.write_text(
        '[[gears]]\nname = "good"\nprovider = "demo"\nmodel_id = "demo-1"\nlevel = 1\n'
        '[[gears]]\nname = "bad"\nprovider = "nobody"\nmodel_id = "x"\nlevel = 9\n'
        '[[budgets]]\nscope = "global"\nperiod = "day"\nlimit_usd = "NaN"\n'
    )
    done = clutch("config", "import", file, "--yes")
    assert done.status == 2
    assert "line 7" in done.err
    assert "nobody" in done.err
    assert "NaN" in done.err
    assert clutch("gears", "show", "good").status == 2
    assert Budget.objects.get(scope="global", period="day", currency="usd").limit_nano == 2 * 10**9


def test_a_dry_run_of_an_import_writes_nothing(clutch: Clutch, tmp_path: Path) -> None:
    file = tmp_path / "clutch.toml"
    file.write_text('[options]\npolicy = "premium"\n')
    assert "options policy" in clutch("config", "import", file, "--dry-run").out
    assert clutch("config", "get", "policy").out.strip() == "balanced"


def test_the_doctor_drives_a_demo_trip(clutch: Clutch) -> None:
    done = clutch("doctor", "--json")
    findings = {row["subject"]: row for row in json.loads(done.out)["findings"]}
    assert findings["demo trip"]["is_well"]
    assert findings["database"]["is_well"]


def test_control_characters_of_a_model_do_not_reach_the_terminal(clutch: Clutch) -> None:
    done = clutch("run", "\x1b]52;c;ZXZpbA==\x07 clipboard \x1b[2J")
    assert "\x1b" not in done.out


def test_an_import_asks_first_and_where_nobody_can_answer_it_changes_nothing(
    clutch: Clutch, tmp_path: Path
) -> None:
    file = tmp_path / "clutch.toml"
    file.write_text('[options]\npolicy = "premium"\n')
    done = clutch("config", "import", file)
    assert (done.status, "--yes" in done.err) == (2, True)
    assert clutch("config", "get", "policy").out == "balanced\n"
    assert "policy: balanced → premium" in clutch("config", "import", file, "--yes").out
    assert clutch("config", "get", "policy").out == "premium\n"


def test_the_status_shows_the_money_that_answers_cost_now(
    clutch: Clutch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "demo dollars" in clutch("status").out
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz")
    shown = clutch("status").out
    assert "budget: " in shown
    assert "demo dollars" not in shown
