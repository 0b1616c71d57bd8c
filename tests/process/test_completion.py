"""The tab key: commands, options and names in four shells, at once and without a complaint."""

import resource
import subprocess
from pathlib import Path

import pytest

from orchestrator.cli import completions
from orchestrator.models import Gear, Profile, Prompt, Provider, Road, Rule
from tests.installations import Template
from tests.process.served import CLUTCH, ServedHome

pytestmark = pytest.mark.process
MOST_CPU_S = 0.5


@pytest.fixture
def used(home: ServedHome, sqlite_template: Template) -> ServedHome:
    sqlite_template.copy(home.folder / ".clutch")
    home.clutch("rules", "add", "mine", "--road", "rally", "--gear", "demo-1", check=True)
    return home


def asked(home: ServedHome, **variables: str) -> list[str]:
    done = subprocess.run(
        [CLUTCH],
        env={**home.environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.split("\n")


def tabbed(home: ServedHome, *words: str) -> list[str]:
    """What bash is told when the last word is not finished; it joins words by line ends."""
    given = ["clutch", *words]
    told = asked(
        home,
        _CLUTCH_COMPLETE="complete_bash",
        COMP_WORDS="\n".join(given),
        COMP_CWORD=str(len(given) - 1),
    )
    return [line for line in told if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("ro",), {"route", "roads"}),
        (("roads", "sh"), {"show"}),
        (("help", "ver"), {"verify", "version"}),
        (("gears", "test", "--"), {"--json", "--help"}),
        (("run", "--gear", "demo-"), {f"demo-{level}" for level in range(1, 6)}),
        (("'Explain recursion'", "--gear", "demo-1"), {"demo-1"}),
        (("Explain", "recursion", "--thr"), {"--throttle"}),
        (("--gear", "demo-1", "--roa"), {"--road"}),
        (("--gea",), {"--gear"}),
        (("--install",), {"--install-completion"}),
        (("run", "--road", "country"), {"country-road"}),
        (("route", "x", "--profile", "bal"), {"balanced"}),
        (("route", "x", "--policy", "p"), {"premium"}),
        (("run", "--pattern", "si"), {"single"}),
        (("gears", "show", "claude-h"), {"claude-haiku"}),
        (("roads", "show", "ral"), {"rally"}),
        (("rules", "remove", ""), {"mine"}),
        (("providers", "check", "anth"), {"anthropic"}),
        (("Explai",), set()),
        (("'half a qu",), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bash_is_told_what_may_follow(
    used: ServedHome, words: tuple[str, ...], expected: set[str]
) -> None:
    assert set(tabbed(used, *words)) == expected


def test_bash_itself_completes(used: ServedHome) -> None:
    script = (
        'eval "$(_CLUTCH_COMPLETE=source_bash clutch)"; '
        "COMP_WORDS=(clutch run --gear demo-); COMP_CWORD=3; _clutch_completion clutch; "
        'printf "%s\\n" "${COMPREPLY[@]}"; complete -p clutch'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**used.environment, "PATH": f"{CLUTCH.parent}:{used.environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    *names, installed = done.stdout.splitlines()
    assert names == [f"demo-{level}" for level in range(1, 6)]
    assert installed == "complete -o default -F _clutch_completion clutch"


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"_CLUTCH_COMPLETE": "complete_zsh"}, "_arguments '*: :((\"demo-2\"))'"),
        (
            {"_CLUTCH_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
            "demo-2",
        ),
        (
            {
                "_CLUTCH_COMPLETE": "complete_powershell",
                "_TYPER_COMPLETE_WORD_TO_COMPLETE": "demo-2",
            },
            "demo-2::: ",
        ),
    ],
    ids=["zsh", "fish", "powershell"],
)
def test_other_shells_are_told_in_their_way(
    used: ServedHome, variables: dict[str, str], line: str
) -> None:
    told = asked(used, _TYPER_COMPLETE_ARGS="clutch gears show demo-2", **variables)
    assert told[0] == line


@pytest.mark.parametrize(
    ("shell", "start"),
    [
        ("bash", "_clutch_completion() {"),
        ("zsh", "#compdef clutch"),
        ("fish", "complete --command clutch"),
        ("powershell", "Import-Module PSReadLine"),
    ],
)
def test_every_shell_has_its_script(home: ServedHome, shell: str, start: str) -> None:
    told = "\n".join(asked(home, _CLUTCH_COMPLETE=f"source_{shell}"))
    assert told.strip().startswith(start)
    assert not (home.folder / ".clutch").exists()


@pytest.mark.parametrize("content", [None, b"", b"no database" * 500])
def test_without_a_usable_database_there_are_no_names_and_no_complaint(
    home: ServedHome, content: bytes | None
) -> None:
    file = home.folder / ".clutch" / "clutch.db"
    if content is not None:
        file.parent.mkdir()
        file.write_bytes(content)
    assert tabbed(home, "run", "--gear", "de") == []
    assert file.exists() == (content is not None)
    assert content is None or file.read_bytes() == content


@pytest.mark.parametrize(
    "address", ["postgres://me@127.0.0.1:1/clutch", "nonsense", "sqlite:///{file}"]
)
def test_the_database_is_looked_for_where_it_is(used: ServedHome, address: str) -> None:
    file = used.folder / ".clutch" / "clutch.db"
    used.extra["DATABASE_URL"] = address.format(file=file)
    used.extra["CLUTCH_HOME"] = str(used.folder / "elsewhere")
    expected = ["demo-1"] if address.startswith("sqlite") else []
    assert tabbed(used, "run", "--gear", "demo-1") == expected


def test_a_person_does_not_wait_for_it(used: ServedHome) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tabbed(used, "run", "--gear", "de")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < MOST_CPU_S


def test_the_tables_are_those_of_the_models() -> None:
    models = {"gears": Gear, "roads": Road, "rules": Rule, "providers": Provider}
    tables = {name: model._meta.db_table for name, model in models.items()}
    tables |= {"profiles": Profile._meta.db_table, "prompts": Prompt._meta.db_table}
    assert tables == completions.TABLES


def test_a_wrong_word_in_the_script_s_place_is_refused(home: ServedHome, tmp_path: Path) -> None:
    home.extra["_CLUTCH_COMPLETE"] = "complete_csh"
    done = home.clutch()
    assert done.returncode == 1
    assert "not supported" in done.stderr
