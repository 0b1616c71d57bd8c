"""What holds for every command-line tool, tried with a real process on a private PATH."""

import asyncio
import os
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from orchestrator.providers import errors
from orchestrator.providers.cli.subprocesses import Limits
from orchestrator.providers.registry import ADAPTERS as REGISTERED
from orchestrator.providers.registry import build
from orchestrator.providers.vocabulary import (
    DocumentPart,
    Finished,
    ImagePart,
    Message,
    TextDelta,
    ToolSpec,
)
from tests.providers import fakecli
from tests.providers.cli_cast import (
    ADAPTERS,
    FIRST_WORDS,
    GOOD_LINES,
    collect,
    provider,
    request,
    spoken,
)

pytestmark = pytest.mark.process
every_tool = pytest.mark.parametrize("name", ADAPTERS)
WAIT_S = 10


def only_call(folder: Path, name: str) -> Mapping[str, Any]:
    (call,) = fakecli.calls(folder, name)
    return call


def is_gone(path: object) -> bool:
    return not Path(str(path)).exists()


def is_reaped(pid: int) -> bool:
    """A zombie is still ours to wait for; a reaped child is not."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


@every_tool
async def test_a_normal_answer_ends_with_finished(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    events = await collect(provider(name, tmp_path))

    assert spoken(events) == "Hello."
    assert isinstance(events[-1], Finished)
    assert events[-1].model_id == "session"
    assert sum(isinstance(event, Finished) for event in events) == 1


@every_tool
async def test_the_prompt_goes_to_standard_input_only(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    await collect(provider(name, tmp_path), request("the-secret-plan", system="the-house-rules"))

    call = only_call(tmp_path, name)
    assert "the-secret-plan" in call["stdin"]
    assert "the-house-rules" in call["stdin"]
    rest = repr([call["argv"], call["env"], call["files"]])
    assert "the-secret-plan" not in rest
    assert "the-house-rules" not in rest


@every_tool
@pytest.mark.parametrize(
    "attack", ["; touch {}", "$(touch {})", "`touch {}`", "\ntouch {}\n", "\0{}"]
)
async def test_shell_metacharacters_do_nothing(name: str, attack: str, tmp_path: Path) -> None:
    loot = tmp_path / "loot"
    text = attack.format(loot)
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    await collect(provider(name, tmp_path), request(text))

    assert text in only_call(tmp_path, name)["stdin"]
    assert not loot.exists()


@every_tool
@pytest.mark.parametrize(
    "model_id", ["--settings={}", "-x", "a b", "a;b", "a\nb", "", "ä", "x" * 200, "a$(b)"]
)
async def test_an_odd_model_name_never_reaches_the_tool(
    name: str, model_id: str, tmp_path: Path
) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    with pytest.raises(errors.ModelNotFound):
        await collect(provider(name, tmp_path), request(model_id=model_id))

    assert fakecli.calls(tmp_path, name) == []


@every_tool
async def test_a_plain_model_name_follows_its_flag(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    await collect(provider(name, tmp_path), request(model_id="vendor/model-4.5:latest"))

    argv = only_call(tmp_path, name)["argv"]
    assert argv[argv.index("--model") + 1] == "vendor/model-4.5:latest"


@every_tool
async def test_the_environment_is_an_allow_list(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])
    leaks = {
        "DATABASE_URL": "canary",
        "CLUTCH_SECRET_KEY": "canary",
        "ANTHROPIC_API_KEY": "canary",
        "OPENAI_API_KEY": "canary",
        "GEMINI_API_KEY": "canary",
        "MOONSHOT_API_KEY": "canary",
        "HTTP_PROXY": "canary",
        "NODE_OPTIONS": "canary",
        "LD_PRELOAD": "canary",
    }

    await collect(provider(name, tmp_path, environ={**leaks, "LC_ALL": "C.UTF-8", "LANG": "de"}))

    environment = only_call(tmp_path, name)["env"]
    assert "canary" not in environment.values()
    assert environment["TERM"] == "dumb"
    assert environment["LC_ALL"] == "C.UTF-8"
    assert environment["LANG"] == "de"
    assert environment["HOME"] == str(tmp_path)


@pytest.mark.parametrize(
    ("name", "secret", "variable"),
    [
        ("claude", "sk-ant-oat01-abc", "CLAUDE_CODE_OAUTH_TOKEN"),
        ("claude", "sk-ant-api03-abc", "ANTHROPIC_API_KEY"),
        ("kimi", "sk-kimi", "KIMI_API_KEY"),
        ("codex", "sk-codex", "CODEX_API_KEY"),
        ("gemini", "AIza", "GEMINI_API_KEY"),
    ],
)
async def test_a_stored_secret_goes_into_the_tools_own_variable(
    name: str, secret: str, variable: str, tmp_path: Path
) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    await collect(provider(name, tmp_path, secret=secret))

    call = only_call(tmp_path, name)
    assert [key for key, value in call["env"].items() if value == secret] == [variable]
    assert secret not in repr(call["argv"])


@every_tool
async def test_the_folder_is_private_fresh_and_removed(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])
    adapter = provider(name, tmp_path)

    await collect(adapter)
    await collect(adapter)

    first, second = fakecli.calls(tmp_path, name)
    assert first["cwd"] != second["cwd"]
    assert first["cwd_mode"] == second["cwd_mode"] == 0o700
    assert first["files"] == adapter.tool.files
    assert is_gone(first["cwd"])
    assert is_gone(second["cwd"])


@every_tool
async def test_a_missing_tool_says_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.Unreachable, match=f"`{name}` is on the PATH"):
        await collect(provider(name, tmp_path))


async def test_a_configured_path_wins_over_the_search_path(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "other", lines=GOOD_LINES["claude"])
    options = {"path": str(tmp_path / "other")}

    events = await collect(provider("claude", tmp_path / "empty", options=options))

    assert spoken(events) == "Hello."


@pytest.mark.parametrize("path", ["claude", "./claude", "../claude"])
async def test_a_relative_path_is_refused(path: str, tmp_path: Path) -> None:
    with pytest.raises(errors.Unreachable, match="absolute"):
        await collect(provider("claude", tmp_path, options={"path": path}))


async def test_a_file_that_is_no_program_is_unreachable(tmp_path: Path) -> None:
    (tmp_path / "claude").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "claude").chmod(0o700)

    with pytest.raises(errors.Unreachable, match="could not be started"):
        await collect(provider("claude", tmp_path))


@every_tool
@pytest.mark.parametrize("mode", ["hang", "stubborn"])
@pytest.mark.parametrize("how", ["close", "cancel"])
async def test_the_whole_group_is_gone_after_a_stop(
    name: str, mode: str, how: str, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / f"{name}.alive")
    alive = os.fdopen(os.open(tmp_path / f"{name}.alive", os.O_RDONLY | os.O_NONBLOCK), "rb")
    fakecli.install(tmp_path, name, mode=mode, lines=FIRST_WORDS[name])
    seen = asyncio.Event()

    async def read_on() -> None:
        async with aclosing(provider(name, tmp_path).stream(request())) as events:
            async for event in events:
                assert isinstance(event, TextDelta)
                seen.set()
                if how == "close":
                    return

    reading = asyncio.create_task(read_on())
    await asyncio.wait_for(seen.wait(), WAIT_S)
    if how == "cancel":
        reading.cancel()
    await asyncio.wait({reading}, timeout=WAIT_S)

    assert reading.done()
    await everyone_has_let_go_of(alive)
    call = only_call(tmp_path, name)
    assert call["group"] == call["pid"]
    assert is_reaped(call["pid"])
    assert is_gone(call["cwd"])


async def everyone_has_let_go_of(pipe: Any) -> None:
    """A pipe ends when its last holder is dead: no process list, no guess, no sleep."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
    assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
    transport.close()


@every_tool
async def test_a_flood_of_lines_is_capped(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, mode="flood")
    limits = Limits(term_grace_s=0.2, stdout_bytes=100_000)

    with pytest.raises(errors.BadStream, match="more than 100000 bytes"):
        await collect(provider(name, tmp_path, limits=limits))

    assert is_gone(only_call(tmp_path, name)["cwd"])


async def test_the_caps_are_eight_mebibytes_and_one_a_line() -> None:
    assert Limits().stdout_bytes == 8 * 1024 * 1024
    assert Limits().line_bytes == 1024 * 1024


async def test_an_endless_line_is_capped(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", mode="endless-line")

    with pytest.raises(errors.BadStream, match="a line of more than"):
        await collect(provider("claude", tmp_path))


async def test_a_flood_of_errors_neither_blocks_nor_fills_the_message(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", mode="flood-errors", exit_code=1)

    with pytest.raises(errors.ServerFault) as caught:
        await collect(provider("claude", tmp_path))

    assert len(caught.value.message) <= 300
    assert "\x1b" not in caught.value.message
    assert "noise noise" in caught.value.message


@every_tool
async def test_silence_ends_the_tool(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, mode="hang")

    with pytest.raises(errors.TimedOut, match=r"sent nothing for 0\.05 s"):
        await collect(provider(name, tmp_path, options={"no_output_s": "0.05"}))


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf", "1e9"])
async def test_a_senseless_time_limit_is_refused(value: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", lines=GOOD_LINES["claude"])

    with pytest.raises(errors.BadRequest, match="no_output_s"):
        await collect(provider("claude", tmp_path, options={"no_output_s": value}))


@every_tool
@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        ({"stdout": "{{{ garbage\n[1]\n"}, errors.BadStream),
        ({"stdout": ""}, errors.BadStream),
        ({"stdout": "[" * 200_000 + "\n"}, errors.BadStream),
        ({"exit_code": 137}, errors.ServerFault),
        ({"exit_code": 75}, errors.Overloaded),
        ({"exit_code": 1, "stderr": "Not logged in"}, errors.AuthError),
        ({"exit_code": 1, "stdout": "LLM not set\n"}, errors.AuthError),
        ({"exit_code": 1, "stderr": "401 Unauthorized"}, errors.AuthError),
        ({"exit_code": 1, "stderr": "You hit your weekly limit, 429"}, errors.QuotaExhausted),
        ({"exit_code": 1, "stderr": "429 Too Many Requests"}, errors.RateLimited),
        ({"exit_code": 1, "stderr": "API is overloaded"}, errors.Overloaded),
        ({"exit_code": 1, "stderr": "model 'x' was not found"}, errors.ModelNotFound),
        ({"exit_code": 1, "stderr": "getaddrinfo ENOTFOUND api"}, errors.Unreachable),
        ({"exit_code": 1, "stderr": "Prompt is too long"}, errors.BadRequest),
    ],
)
async def test_every_bad_end_has_its_error(
    name: str, orders: dict[str, Any], expected: type[errors.ProviderError], tmp_path: Path
) -> None:
    fakecli.install(tmp_path, name, **orders)

    with pytest.raises(errors.ProviderError) as caught:
        await collect(provider(name, tmp_path))

    assert type(caught.value) is expected


@every_tool
async def test_not_signed_in_names_the_next_step(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, exit_code=1, stderr="Please log in")
    adapter = provider(name, tmp_path)

    with pytest.raises(errors.AuthError) as caught:
        await collect(adapter)

    assert adapter.tool.sign_in in caught.value.message


async def test_a_message_has_no_secret_and_no_control_characters(tmp_path: Path) -> None:
    fakecli.install(
        tmp_path,
        "claude",
        exit_code=1,
        stderr="\x1b[31mbad\x1b[0m \x1b]0;title\x07 key sk-ant-api03-abc\x00\r\nERROR fake",
    )

    with pytest.raises(errors.ServerFault) as caught:
        await collect(provider("claude", tmp_path, secret="sk-ant-api03-abc"))

    assert caught.value.message == (
        "Claude Code failed (exit code 1). It said: bad key [secret] ERROR fake"
    )


@every_tool
@pytest.mark.parametrize(
    "fields",
    [
        {"messages": (Message("user", (ImagePart("image/png", b""),)),)},
        {"messages": (Message("user", (DocumentPart("application/pdf", b""),)),)},
        {"tools": (ToolSpec("weather", "", {}),)},
        {"json_schema": {"type": "object"}},
    ],
)
async def test_what_a_tool_cannot_take_is_refused_in_words(
    name: str, fields: dict[str, Any], tmp_path: Path
) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    with pytest.raises(errors.BadRequest, match="choose another gear"):
        await collect(provider(name, tmp_path), request(**fields))

    assert fakecli.calls(tmp_path, name) == []


@every_tool
async def test_the_tool_offers_one_model_called_session(name: str, tmp_path: Path) -> None:
    (model,) = await provider(name, tmp_path).list_models()

    assert model.model_id == "session"
    assert model.context_window


@every_tool
async def test_check_asks_for_the_version_only(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, version="9.9.9")

    await provider(name, tmp_path).check()

    assert fakecli.calls(tmp_path, name) == []


@pytest.mark.parametrize("version", ["2.1.117 (Claude Code)", "1.0.0"])
async def test_check_refuses_an_unsafe_version(version: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, "claude", version=version)

    with pytest.raises(errors.Unreachable, match=r"Update it to 2\.1\.118 or newer"):
        await provider("claude", tmp_path).check()


async def test_check_reports_a_broken_tool(tmp_path: Path) -> None:
    fakecli.install(tmp_path, "codex", exit_code=3)

    with pytest.raises(errors.ServerFault, match="exit code 3"):
        await provider("codex", tmp_path).check()


async def test_check_does_not_wait_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.providers.cli.sessions.CHECK_S", 0.05)
    fakecli.install(tmp_path, "codex", mode="hang")

    with pytest.raises(errors.TimedOut):
        await provider("codex", tmp_path).check()


@every_tool
async def test_a_long_prompt_does_not_block_the_pipes(name: str, tmp_path: Path) -> None:
    fakecli.install(tmp_path, name, lines=GOOD_LINES[name])

    await collect(provider(name, tmp_path), request("word " * 400_000))

    assert str(only_call(tmp_path, name)["stdin"]).count("word") == 400_000


@every_tool
def test_the_registry_knows_the_tool(name: str, tmp_path: Path) -> None:
    spec = provider(name, tmp_path).spec

    assert isinstance(build(spec), ADAPTERS[name])
    assert f"{name}-cli" in REGISTERED
