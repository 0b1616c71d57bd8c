"""Private installations for tests that start real processes: a home, a database, an environment."""

import os
import shutil
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PROCESS_S = 120


@dataclass(frozen=True, slots=True)
class Installation:
    """An empty `database_url` means SQLite in the home."""

    home: Path
    database_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CLUTCH_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "CLUTCH_TEST": "1",
            "DJANGO_SETTINGS_MODULE": "clutchweb.settings",
        }

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments to its end; its output, or an error with all it said."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PROCESS_S,
        )
        if done.returncode:
            raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start Python with pipes; whoever starts it ends it."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=self.environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated installation that is never used itself, only copied: migrating takes seconds."""

    original: Installation

    @classmethod
    def migrated(cls, home: Path, database_url: str) -> "Template":
        original = Installation(home, database_url)
        original.run("manage.py", "migrate", "--verbosity", "0", "--skip-checks")
        return cls(original)

    def copy(self, home: Path) -> Installation:
        shutil.copytree(self.original.home, home)
        url = self.original.database_url
        if not url:
            return Installation(home)
        server, _, source = url.rpartition("/")
        name = f"copy_{uuid.uuid4().hex}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return Installation(home, f"{server}/{name}")
