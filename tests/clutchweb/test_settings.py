"""The settings pass Django's own deployment check, on loopback and behind HTTPS."""

from pathlib import Path

import pytest

from tests.installations import Installation


@pytest.mark.process
@pytest.mark.parametrize("url", ["", "https://drive.example"])
def test_the_deployment_check_finds_nothing(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUTCH_PUBLIC_URL", url)
    said = Installation(tmp_path).run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert "no issues" in said
