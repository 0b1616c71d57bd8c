"""What docker-compose.yml and the Dockerfile promise, read from the files themselves."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "sweeper")
SECRETS = {"CLUTCH_SECRET_KEY", "CLUTCH_ENCRYPTION_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"}
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(:?[-?])?([^}]*)\}")
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
LAST_STAGE = DOCKERFILE[max(at for at, line in enumerate(DOCKERFILE) if line.startswith("FROM ")) :]


def texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


def instructions(lines: list[str], name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def test_the_topology_is_complete() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "redis"}


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_is_root_or_may_become_it(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] not in ("", "root", "0", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & set(service)


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_each_says_whether_it_is_well(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_no_secret_has_a_default_or_stands_in_the_file() -> None:
    found = [match for text in texts(COMPOSE) for match in VARIABLE.findall(text)]
    ways = {name: way for name, way, _ in found if name in SECRETS}
    assert ways == dict.fromkeys(SECRETS, ":?")
    named = [text for service in SERVICES.values() for text in texts(service["environment"])]
    assert not [text for text in named if "PASSWORD" in text and "${" not in text]


def test_every_variable_without_a_default_is_one_of_the_secrets() -> None:
    found = [match for text in texts(COMPOSE) for match in VARIABLE.findall(text)]
    assert {name for name, way, _ in found if way != ":-"} == SECRETS


def test_only_the_web_port_is_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["web"]
    assert [port.split(":")[0] for port in published["web"]] == ["127.0.0.1"]


def test_what_stores_has_no_way_out() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]


def test_volumes_are_named_and_declared() -> None:
    mounted = [mount for service in SERVICES.values() for mount in service.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounted} == set(COMPOSE["volumes"])


@pytest.mark.parametrize("name", ["web", "worker", "sweeper"])
def test_the_database_is_brought_up_to_date_once_before_it_is_used(name: str) -> None:
    needed = SERVICES[name]["depends_on"]
    assert needed["migrate"]["condition"] == "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert SERVICES["migrate"]["restart"] == "no"


def test_answers_get_time_to_end_before_a_container_is_killed() -> None:
    assert SERVICES["worker"]["stop_grace_period"] == "30s"
    assert int(SERVICES["worker"]["command"][-1]) < 30


def test_the_image_is_built_from_pinned_hashes_in_a_stage_of_its_own() -> None:
    assert len(instructions(DOCKERFILE, "FROM")) == 2
    installs = [line for line in instructions(DOCKERFILE, "RUN") if "pip install" in line]
    assert "--require-hashes" in installs[0]
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)


def test_the_image_runs_without_root_and_without_tools_to_build() -> None:
    user = instructions(LAST_STAGE, "USER")[-1]
    assert user == SERVICES["web"]["user"]
    runs = " ".join(instructions(LAST_STAGE, "RUN"))
    assert "pip install" not in runs
    assert not re.search(r"apt|gcc|build-essential", runs)
    assert re.search(r"pip uninstall .*\bpip\b", runs)
    assert "uninstall --yes hatchling editables" in " ".join(instructions(DOCKERFILE, "RUN"))
    assert instructions(LAST_STAGE, "HEALTHCHECK")


def test_every_file_that_the_image_copies_is_let_in_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copies = [line for line in instructions(DOCKERFILE, "COPY") if "--from" not in line]
    copied = {word for line in copies for word in line.split()[:-1]}
    assert "*" in ignored
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
