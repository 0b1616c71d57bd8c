"""The audit log is protected by the database itself, on both that are used."""

import json

import pytest

from tests.installations import Installation

pytestmark = pytest.mark.process
TRY = """
import django, json
django.setup()
from django.db import DatabaseError, transaction
from orchestrator.models import AuditEntry
from orchestrator.services.people import audit
audit.record(audit.Area.KEYS, "Key set")
said = []
for change in (lambda all: all.update(what="nothing"), lambda all: all.delete()):
    try:
        with transaction.atomic():
            change(AuditEntry.objects.all())
    except DatabaseError as error:
        said.append("never changed or deleted" in str(error))
print(json.dumps([*said, AuditEntry.objects.get().what]))
"""


def test_an_entry_stays_as_it_was_written(installation: Installation) -> None:
    assert json.loads(installation.run("-c", TRY)) == [True, True, "Key set"]
