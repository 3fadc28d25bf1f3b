"""`verify_chains` says which row is broken and fails; it also fails where a guard is off."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from audit.ledger import ledgers
from audit.models import Entry
from tests.database import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q15.6")]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_chains", *arguments, stdout=out)
    return out.getvalue()


def test_whole_chains_pass_and_every_ledger_is_named(entries: list[Entry]) -> None:
    assert "audit.Entry: 6 rows, whole." in run().splitlines()
    found = json.loads(run("--json"))
    assert {line["ledger"] for line in found} == {model._meta.label for model in ledgers()}


def test_a_broken_row_is_named_and_fails_the_command(entries: list[Entry]) -> None:
    with as_owner():
        Entry.objects.filter(pk=entries[1].pk).update(action="edited")
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("verify_chains", "--json", stdout=out)
    line = next(line for line in json.loads(out.getvalue()) if line["ledger"] == "audit.Entry")
    assert (line["ok"], line["rows"], line["broken_at"]) == (False, 1, entries[1].pk)


def test_a_guard_that_is_off_fails_the_command(
    entries: list[Entry], owner: Callable[[], AbstractContextManager[None]]
) -> None:
    with owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_append_only")
    with pytest.raises(SystemExit, match="1"):
        run()
