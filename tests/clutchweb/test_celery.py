"""The queue of a single machine."""

import logging

import pytest

from clutchweb.celery import app


def test_the_queue_in_memory_needs_no_host_and_warns_of_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING), app.connection_for_write() as connection:
        known = connection.info()
    assert known["transport"] == "memory"
    assert caplog.records == []
