"""Where a key comes from, and where it may never go."""

from pathlib import Path

import pytest
from pytest_django import Settings

from orchestrator.models import Provider
from orchestrator.services.setup import credentials, seeds
from orchestrator.services.setup.credentials import KeyRefused, Source

pytestmark = pytest.mark.django_db
NAME = "ANTHROPIC_API_KEY"
STORED, EXPORTED, FILED = (f"sk-ant-api03-{word}-0123456789" for word in ("store", "env", "file"))


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.CLUTCH_HOME = tmp_path
    monkeypatch.setenv("HOME", str(tmp_path))
    for preset in credentials.presets().values():
        for name in (preset.name, *preset.aliases):
            monkeypatch.delenv(name, raising=False)
    seeds.ensure_defaults()
    return tmp_path


def anthropic() -> Provider:
    return Provider.objects.get(name="anthropic")


def file_key(home: Path, mode: int = 0o600) -> Path:
    folder = home / ".credentials"
    folder.mkdir()
    file = folder / NAME.lower()
    file.write_text(FILED + "\n")
    file.chmod(mode)
    return file


def test_environment_before_store_before_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert credentials.secret_for(anthropic()) == ""
    assert NAME in credentials.why_missing(anthropic())
    file_key(home)
    assert credentials.secret_for(anthropic()) == FILED
    credentials.set_key(NAME, STORED)
    assert credentials.secret_for(anthropic()) == STORED
    monkeypatch.setenv(NAME, EXPORTED)
    assert credentials.secret_for(anthropic()) == EXPORTED
    known = next(known for known in credentials.list_keys() if known.name == NAME)
    assert (known.source, known.last4) == (Source.ENVIRONMENT, "6789")


def test_an_alias_is_taken_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "AIza-0123456789")
    google = Provider.objects.get(name="google")
    assert credentials.secret_for(google) == "AIza-0123456789"


def test_a_file_that_others_can_read_is_refused(home: Path) -> None:
    file = file_key(home, 0o644)
    assert credentials.secret_for(anthropic()) == ""
    assert f"chmod 600 {file}" in credentials.why_missing(anthropic())


@pytest.mark.parametrize("source", ["environment", "store"])
def test_a_key_never_goes_to_another_origin(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if source == "environment":
        monkeypatch.setenv(NAME, EXPORTED)
    else:
        credentials.set_key(NAME, STORED)
    Provider.objects.filter(name="anthropic").update(base_url="https://evil.example/v1")
    assert credentials.secret_for(anthropic()) == ""
    assert "clutch providers trust anthropic" in credentials.why_missing(anthropic())
    credentials.trust(anthropic())
    assert credentials.secret_for(anthropic()) != ""


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/v1/x", "https://api.example.com"),
        ("http://127.0.0.1:4000/v1", "http://127.0.0.1:4000"),
        ("", ""),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str) -> None:
    assert credentials.origin_of(url) == origin


@pytest.mark.parametrize(
    "pasted", ["", "   ", "two words", "tab\there", "sk-ünicode", "x" * 5000, "sk-ant-oat01-abc"]
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(pasted: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        credentials.clean(pasted)
    assert not pasted.strip() or pasted.strip() not in str(refused.value)


def test_spaces_and_quotes_around_a_key_fall_off() -> None:
    assert credentials.clean(f' "{STORED}"\n') == STORED


@pytest.mark.parametrize(
    ("pasted", "names"),
    [
        (" sk-ant-api03-x", ("ANTHROPIC_API_KEY",)),
        ("sk-proj-x", ("OPENAI_API_KEY",)),
        ("sk-0123abcd", ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "MOONSHOT_API_KEY")),
        ("hello", ()),
    ],
)
def test_the_longest_signs_tell_whose_a_key_can_be(pasted: str, names: tuple[str, ...]) -> None:
    assert credentials.owners(pasted) == names


@pytest.mark.parametrize(
    ("pasted", "why"),
    [("", "empty"), ("x" * 5_000, "longer"), ("a b", "space"), ("ключ", "signs")],
)
def test_what_is_no_key_is_refused_with_the_reason(pasted: str, why: str) -> None:
    with pytest.raises(KeyRefused, match=why):
        credentials.clean(pasted)


def test_it_is_known_where_a_key_would_go() -> None:
    Provider.objects.filter(name="kimi").update(base_url="https://api.moonshot.cn/v1")
    assert credentials.destinations(["MOONSHOT_API_KEY", "OPENAI_API_KEY"]) == (
        "api.openai.com",
        "api.moonshot.cn",
    )


def test_a_sign_in_token_of_a_program_is_not_used_as_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "sk-ant-oat01-0123456789")
    assert "claude-code" in credentials.why_missing(anthropic())


def test_a_key_for_nobody_is_refused() -> None:
    with pytest.raises(KeyRefused):
        credentials.set_key("NOBODYS_KEY", STORED)


def test_a_damaged_store_keeps_no_key_of_the_environment_from_working(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "credentials.json").write_text("{not json")
    assert "damaged" in credentials.why_missing(anthropic())
    file_key(home)
    assert credentials.secret_for(anthropic()) == ""
    monkeypatch.setenv(NAME, EXPORTED)
    assert credentials.secret_for(anthropic()) == EXPORTED
    assert credentials.why_missing(anthropic()) == ""
