"""A pytest plugin, loaded before Django reads its settings: tests have a home of their own."""

import os
import shutil
import tempfile

import hypothesis

HOME = tempfile.mkdtemp(prefix="clutch-tests-")
os.environ["CLUTCH_HOME"] = HOME
os.environ["CLUTCH_TEST"] = "1"
for name in ("DATABASE_URL", "REDIS_URL", "CLUTCH_SECRET_KEY", "PORT", "HOST"):
    os.environ.pop(name, None)


# How long an example takes says something about the machine, nothing about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)
