"""Every rule with a term has its alarm from the data: one old row turns `/readyz` red and names its rule (O3)."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.ledger import append
from consent.documents import Letter, record_letter
from consent.models import ConsentDocument, ConsentEvent
from consent.terms import ConsentState, Method
from datamap.catalogue import period
from datamap.declarations import Holding
from datamap.registry import model_of, registry
from marketplace.models import GoneFile
from newsletters.models import ListImport
from replay.journal import segments_of
from replay.models import JournalHead
from retention.models import SweepRun
from retention.queries import overdue_under
from retention.rules import swept_holdings
from retention.sweeps import sweep
from retention.tasks import purge
from tests.database import as_owner
from tests.keystone.planting import NOW, Planter
from tests.keystone.special import special_values
from tests.visits.conftest import hit
from visits import spool
from visits.hits import line_of
from visits.models import Visit
from visits.partitions import LOGS, ensure_days, existing_days, log_connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]
LONG_AGO = datetime(2018, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def directories(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.JOURNAL_DIR = tmp_path, tmp_path / "journal"
    for name in ("sealed", "backups"):
        (tmp_path / name).mkdir()


@pytest.fixture
def late(client: Client) -> Callable[[], list[str]]:
    """The rules that `/readyz` names, where that is red because of them."""

    def ask() -> list[str]:
        answer = client.get("/readyz")
        found: dict[str, Any] = answer.json()["checks"]["purge"]
        assert found["ok"] is not bool(found["overdue"])
        assert answer.status_code == 503 or found["ok"]
        return list(found["overdue"])

    return ask


BEFORE = LONG_AGO - timedelta(weeks=1)
AS_WELL: dict[str, dict[str, Any]] = {
    "outbox.Effect": {"state": "done"},
    "consent.ProofTerm": {"ended_at": BEFORE},
    "loyalty.PointsEntry": {"at": BEFORE},
    "retention.ArchiveRecord": {"created_at": BEFORE},
    "retention.LegalHold": {
        "release_proposed_by": uuid4(),
        "release_proposed_at": BEFORE,
        "released_by": uuid4(),
        "released_at": BEFORE,
    },
    "enquiries.Enquiry": {"state": "closed"},
    "enquiries.SupportContact": {"enquiry": None},
    "marketplace.Comment": {"state": "removed", "removed_at": BEFORE, "removed_for": "x"},
    "marketplace.Feedback": {"state": "removed", "removed_at": BEFORE, "removed_for": "x"},
    "marketplace.CommentNotice": {"state": "kept", "decided_at": BEFORE, "decision": "x"},
    "marketplace.Report": {"state": "kept", "decided_at": BEFORE, "decision": "x", "ground": "allowed"},
    "marketplace.Placement": {"chosen_at": BEFORE},
    "payments.Invoice": {"year": LONG_AGO.year},
    "payments.AccountingEntry": {"at": LONG_AGO.replace(year=2010)},
    "payments.EscrowDeal": {"proposed_at": LONG_AGO.replace(year=2010)},
    "payments.EscrowSide": {"proposed_at": LONG_AGO.replace(year=2010)},
    "dsar.SubjectRequest": {"stage": "answered", "identified_at": BEFORE, "closed_at": BEFORE},
}
"""What the constraints of a table ask of an old row besides."""


def plant_row(planter: Planter, holding: Holding) -> None:
    """A row as the keystone plants it, then as old as no rule allows."""
    for log in LOGS:
        ensure_days([NOW.date(), LONG_AGO.date()], log)
    if holding.model == "retention.LegalHold":
        planter.plant(registry().holding("accounts.LoginEvent"))  # what it holds
    planter.plant(holding)
    columns = {holding.ends or holding.clock: LONG_AGO} | AS_WELL.get(holding.model, {})
    with as_owner():
        model_of(holding)._base_manager.update(**columns)


def plant_event(_planter: Planter, _holding: Holding) -> None:
    refused = {"state": ConsentState.REFUSED, "method": Method.ACCOUNT, "place": "/", "language": "lv"}
    append(ConsentEvent(subject_token="t" * 64, at=LONG_AGO, purpose="LOYALTY", evidence={}, **refused))


def plant_document(planter: Planter, _holding: Holding) -> None:
    write_in(planter.planted.user)


def write_in(person: User) -> None:
    said = Letter(
        subject_id=person.pk,
        purpose="MARKETING_EMAIL",
        gives=False,
        method=Method.PAPER,
        language="lv",
        arrived_at=LONG_AGO,
        content=b"No.",
        shown_by="came by post",
    )
    record_letter(said, by=person, now=LONG_AGO)


def plant_account(_planter: Planter, _holding: Holding) -> None:
    user = User.objects.create_user(email="nobody@example.lv", password=None, date_joined=LONG_AGO)
    EmailAddress.objects.create(user=user, email=user.email, primary=True)


def plant_session(_planter: Planter, _holding: Holding) -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=LONG_AGO)


OWN_WAYS: dict[str, Callable[[Planter, Holding], None]] = {
    "consent.ConsentEvent": plant_event,
    "consent.ConsentDocument": plant_document,
    "accounts.User": plant_account,
    "sessions.Session": plant_session,
}


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("O3")
@pytest.mark.parametrize("holding", swept_holdings(), ids=lambda holding: holding.model)
def test_one_row_that_outlived_its_term_is_overdue_until_it_is_purged(holding: Holding, person: User) -> None:
    now = timezone.now()
    assert overdue_under(holding, now) is None
    OWN_WAYS.get(holding.model, plant_row)(Planter(person, 1, special_values()), holding)
    assert overdue_under(holding, now) is not None
    sweep(holding, now=now, apply=True)
    assert overdue_under(holding, now) is None


@pytest.mark.requirement("O3")
def test_what_is_overdue_turns_the_site_red_under_its_rule_also_while_beat_is_dead(
    person: User, late: Callable[[], list[str]]
) -> None:
    assert late() == []
    rules = [registry().holding(table) for table in ("accounts.LoginEvent", "visits.Visit", "consent.ConsentEvent")]
    for holding in rules:
        OWN_WAYS.get(holding.model, plant_row)(Planter(person, 1, special_values()), holding)
    assert sorted(late()) == sorted(holding.model for holding in rules)
    assert not SweepRun.objects.exists(), "no run was ever recorded: beat is dead"
    purge()
    assert late() == []


def plant_file(directory: Path) -> None:
    path = directory / "sealed" / os.urandom(32).hex()
    path.write_bytes(b"QLS1 noise")
    os.utime(path, (LONG_AGO.timestamp(), LONG_AGO.timestamp()))


def plant_backup(directory: Path) -> None:
    (directory / "backups" / "qlekta-20180601T120000Z.backup").write_bytes(b"")


def plant_journal(_directory: Path) -> None:
    files = segments_of(JournalHead.objects.first() or JournalHead.objects.create(journal=uuid4())).directory
    files.mkdir(parents=True)
    for day in ("2018-06-01", timezone.now().date().isoformat()):
        (files / f"{day}.jsonl").write_bytes(b"")


def plant_spool(_directory: Path) -> None:
    spool.append([line_of(hit(at=LONG_AGO))])


def plant_gone_photo(_directory: Path) -> None:
    GoneFile.objects.create(photo=uuid4(), gone_at=LONG_AGO)


def plant_list(_directory: Path) -> None:
    ListImport.objects.create(
        once="o", digest="d", file_name="f" * 64, check_only=True, lines_total=1, handed_in_at=LONG_AGO
    )


STORES: dict[str, Callable[[Path], None]] = {
    "listing_photos.left": plant_gone_photo,
    "old_lists": plant_list,
    "vault.sealed_files": plant_file,
    "replay.backups": plant_backup,
    "replay.journal": plant_journal,
    "visits.spool": plant_spool,
}
WITH_ITS_ROW = {"packages": "dsar.Package"}
"""Files that go with their row, so that the row's alarm is theirs; one without a row is `vault.sealed_files`."""


@pytest.mark.clause("Q5.11")
@pytest.mark.requirement("O3")
def test_what_outlived_its_term_outside_the_tables_turns_the_site_red_too(
    tmp_path: Path, late: Callable[[], list[str]]
) -> None:
    for plant in STORES.values():
        plant(tmp_path)
    assert set(STORES) <= set(late())
    purge()
    for backup in (tmp_path / "backups").iterdir():  # by the next `bin/backup`
        backup.unlink()
    assert late() == []


@pytest.mark.requirement("O3")
def test_no_place_with_a_term_is_without_an_alarm() -> None:
    with_term = {store.code for store in registry().stores if period(store.period).term is not None}
    assert with_term == STORES.keys() | WITH_ITS_ROW.keys()
    assert set(WITH_ITS_ROW.values()) <= {holding.model for holding in swept_holdings()}


@pytest.mark.requirement("O3")
def test_a_day_that_was_taken_off_and_never_dropped_is_seen(late: Callable[[], list[str]]) -> None:
    ensure_days([LONG_AGO.date()])
    Visit.objects.create(at=LONG_AGO, kind="page", platform="desktop", path="/", status=200, response_ms=1)
    (day,) = (item for item in existing_days(log_connection()) if item.day == LONG_AGO.date())
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE visits_visit DETACH PARTITION {day.table}")
    assert not Visit.objects.exists()
    assert late() == ["visits.Visit"]
    purge()
    assert late() == []


@pytest.mark.requirement("O3")
def test_a_document_goes_with_its_event_in_one_sweep_and_raises_no_alarm(
    person: User, late: Callable[[], list[str]]
) -> None:
    write_in(person)
    purge()
    assert not ConsentDocument.objects.exists()
    assert late() == []
