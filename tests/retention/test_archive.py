"""Six years, sealed, for disputes only (policy clause 10)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import call_command

from accounts.models import Profile, User
from datamap.registry import registry
from datamap.trace import Subject
from retention import archive
from retention.models import ArchiveRecord, ErasureReceipt
from retention.sweeps import sweep, sweep_all
from tests.retention.conftest import NOW
from vault.keys import has_key, unseal

Erase = Callable[..., ErasureReceipt]


def opened(record: ArchiveRecord) -> dict[str, object]:
    """What only the vault can read; the site itself has no function for it."""
    content: dict[str, object] = json.loads(
        unseal(record.id, bytes(record.sealed), context=archive.seal_context(record))
    )
    return content


@pytest.mark.clause("Q10.4", "Q10.6")
def test_the_archive_holds_the_whitelist_and_nothing_else(anna: Subject, person: User, erase: Erase) -> None:
    erase(anna)
    content = opened(ArchiveRecord.objects.get())
    assert content == {
        "account_id": str(person.id),
        "deleted_at": "2026-11-22T12:00:00Z",
        "tables": {
            "accounts.User": [
                {
                    "id": str(person.id),
                    "email": "anna@example.lv",
                    "given_name": "Anna",
                    "family_name": "Bērziņa",
                    "date_joined": person.date_joined.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                }
            ]
        },
    }


@pytest.mark.clause("Q10.2", "Q10.6")
def test_what_she_added_of_her_own_will_is_not_in_the_archive(anna: Subject, erase: Erase) -> None:
    assert Profile.objects.get().phone == "+371 20000001"
    erase(anna)
    assert "20000001" not in json.dumps(opened(ArchiveRecord.objects.get()))
    assert "Kanārija" not in json.dumps(opened(ArchiveRecord.objects.get()), ensure_ascii=False)


@pytest.mark.clause("Q10.5")
def test_an_objection_in_the_dialogue_leaves_no_record(anna: Subject, erase: Erase) -> None:
    receipt = erase(anna, objection=True)
    assert not ArchiveRecord.objects.exists()
    assert receipt.document["objected_to_archive"] is True


@pytest.mark.clause("Q10.5")
def test_an_objection_years_later_destroys_row_and_key_at_once(anna: Subject, janis: Subject, erase: Erase) -> None:
    erase(anna)
    erase(janis, case="Q-2")
    (hers,) = ArchiveRecord.objects.filter(email_token=archive.email_token("anna@example.lv"))
    assert archive.erase_on_objection(" Anna@Example.lv ", now=NOW + timedelta(days=1000)) == 1
    assert ArchiveRecord.objects.count() == 1
    assert not has_key(hers.id)


@pytest.mark.clause("Q10.4")
@pytest.mark.requirement("R2")
def test_at_six_years_row_and_key_are_gone_and_not_before(anna: Subject, erase: Erase) -> None:
    erase(anna)
    record = ArchiveRecord.objects.get()
    end = datetime(2032, 11, 22, 12, tzinfo=UTC)
    holding = registry().holding(ArchiveRecord)
    assert sweep(holding, now=end - timedelta(microseconds=1), apply=True).deleted == 0
    assert has_key(record.id)
    assert sweep(holding, now=end, apply=True).deleted == 1
    assert not has_key(record.id)
    assert not ArchiveRecord.objects.exists()


@pytest.mark.clause("Q10.4")
def test_every_sweep_looks_at_the_archive_too(anna: Subject, erase: Erase) -> None:
    erase(anna)
    sweep_all(now=datetime(2033, 1, 1, tzinfo=UTC), apply=True)
    assert not ArchiveRecord.objects.exists()


@pytest.mark.clause("Q10.7")
def test_the_admin_does_not_know_the_archive(anna: Subject, erase: Erase) -> None:
    assert ArchiveRecord not in admin.site._registry
    erase(anna)
    assert "anna" not in str(ArchiveRecord.objects.get()).lower()


@pytest.mark.clause("Q10.7")
def test_the_bytes_in_the_database_say_nothing(anna: Subject, erase: Erase) -> None:
    erase(anna)
    assert b"anna" not in bytes(ArchiveRecord.objects.get().sealed).lower()


@pytest.mark.requirement("R8")
def test_the_command_is_dry_unless_told(anna: Subject, erase: Erase) -> None:
    erase(anna)
    ArchiveRecord.objects.update(created_at=datetime(2019, 1, 1, tzinfo=UTC), ends_at=datetime(2025, 1, 1, tzinfo=UTC))
    out = StringIO()
    call_command("archive", "--json", stdout=out)
    call_command("archive", "--apply", "--json", stdout=out)
    assert out.getvalue() == '{"due": 1, "deleted": 0, "kept": 1}\n{"due": 1, "deleted": 1, "kept": 0}\n'
