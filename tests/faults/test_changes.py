"""What changes under the feet of a running case: the master key, the declarations, a file, the clocks of two days."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection
from pytest_django.fixtures import Settings

import accounts.privacy
from accounts.models import LoginEvent, Profile, User
from audit.models import Entry
from audit.trail import Actor, record
from datamap.catalogue import period
from datamap.declarations import Holding, Personal
from datamap.registry import registry
from datamap.terms import Right, keep
from datamap.trace import subject_of_user
from dsar.access import build_package, take_download
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure, run_erasure
from dsar.models import Package, SubjectRequest
from dsar.services import file_request
from dsar.terms import PackageState, Stage
from retention.erasure import plan_erasure
from retention.models import RunState
from retention.rules import due_rows
from tests.faults.conftest import Victims, register, sealed_files
from tests.faults.test_copies import is_whole, order, the_package
from tests.faults.test_erasure import Person, assert_exactly_once
from tests.faults.victim import NEXT_MASTER
from tests.retention.conftest import NOW
from vault.fields import UNREADABLE
from vault.models import DataKey
from vault.rotation import keys_due, rotate

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.requirement("F26", "C3")
@pytest.mark.parametrize("step", ['INSERT INTO "vault_datakey"', "fsync", "os.rename sealed"])
def test_a_master_key_rotated_while_a_file_is_being_sealed_loses_nothing(
    victims: Victims, settings: Settings, step: str
) -> None:
    old, case = settings.VAULT_MASTER_KEYS, order(register(1))
    worker = victims.start("build", case.pk, how="stop", at=step, key="next")
    assert victims.wait(worker).ended == "stopped"
    settings.VAULT_MASTER_KEYS = [NEXT_MASTER, *old]
    rotate(apply=True)
    victims.go_on(worker)
    assert victims.wait(worker).value == PackageState.READY
    # What the old process still wrapped with the old key is due once more, and then nothing is.
    rotate(apply=True)
    assert not keys_due().exists()
    settings.VAULT_MASTER_KEYS = [NEXT_MASTER]
    assert is_whole(the_package(case))


@pytest.mark.requirement("F26", "C3")
def test_a_master_key_rotated_in_the_middle_of_an_erasure_does_not_stop_it(
    victims: Victims, settings: Settings
) -> None:
    old, person = settings.VAULT_MASTER_KEYS, Person(1)
    worker = victims.start("erase", person.case.pk, how="stop", at='UPDATE "vault_datakey"', key="next")
    assert victims.wait(worker).ended == "stopped"
    settings.VAULT_MASTER_KEYS = [NEXT_MASTER, *old]
    live = DataKey.objects.filter(destroyed_at=None).count()
    rotate(apply=True)
    victims.go_on(worker)
    assert victims.wait(worker).value == RunState.DONE
    assert_exactly_once(person)
    rotate(apply=True)
    assert (keys_due().count(), DataKey.objects.filter(destroyed_at=None).count() < live) == (0, True)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Call it, and the site runs with declarations that keep the log-ins instead of deleting them."""

    def deploy() -> None:
        monkeypatch.setattr(accounts.privacy, "HOLDINGS", tuple(map(_kept, accounts.privacy.HOLDINGS)))
        registry.cache_clear()

    yield deploy
    monkeypatch.undo()
    registry.cache_clear()


def _kept(holding: Holding) -> Holding:
    if holding.model != "accounts.LoginEvent":
        return holding
    verdict = keep("an order of a court", act="GDPR Art. 17(3)(b)")
    fields = {
        name: Personal(item.category, on_erasure=verdict, label=item.label) for name, item in holding.personal.items()
    }
    return replace(holding, personal=fields)


@pytest.mark.requirement("F31", "E1")
@pytest.mark.clause("Q17.1")
def test_a_plan_that_a_deployment_changed_is_refused_and_confirmed_anew(deployed: Any, victims: Victims) -> None:
    person = Person(1)
    before = plan_erasure(person.subject, now=NOW, archive=True)
    deployed()
    after = plan_erasure(person.subject, now=NOW, archive=True)
    assert [line.table for line in after.kept if line.table == "accounts.LoginEvent"]
    assert after.digest != before.digest
    assert run_erasure(person.case.pk, now=NOW) is None
    assert not person.is_gone
    assert SubjectRequest.objects.get(pk=person.case.pk).stage == Stage.OPEN


@pytest.mark.requirement("F30")
def test_a_copy_whose_file_is_gone_uses_up_no_download_and_stops_no_erasure(victims: Victims) -> None:
    person = Person(1)
    package = Package.objects.get()
    for name in sealed_files():
        (Path(settings.VAR_DIR) / "sealed" / name).unlink()
    with pytest.raises(FileNotFoundError):
        take_download(package, now=NOW)
    package.refresh_from_db()
    assert package.downloads == 0
    assert victims.run("erase", person.case.pk).value == RunState.DONE
    assert_exactly_once(person)
    assert victims.run("erase", person.case.pk).error == ""
    assert_exactly_once(person)


@pytest.mark.requirement("F30")
def test_what_does_not_open_is_named_in_the_copy_and_erased_all_the_same(victims: Victims) -> None:
    user = register(1)
    Profile.objects.update_or_create(user=user, defaults={"phone": "+371 20000001"})
    altered = Profile._meta.get_field("phone").column
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE accounts_profile SET {altered} = set_byte({altered}, 20, (get_byte({altered}, 20) + 1) % 256)"
        )
    case = file_request(user=user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=NOW)
    build_package(case.pk, now=NOW)
    with ZipFile(BytesIO(b"".join(take_download(the_package(case), now=NOW)))) as archive:
        text = "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    assert str(UNREADABLE) in text
    digest = plan_erasure(subject_of_user(user), now=NOW, archive=True).digest
    erasure = confirm_erasure(user=user, plan_digest=digest, objection_to_archive=True, waive_copy=True, now=NOW)
    assert victims.run("erase", erasure.case.pk).value == RunState.DONE


DAYS = (datetime(2027, 3, 28, tzinfo=UTC), datetime(2027, 10, 31, tzinfo=UTC), datetime(2028, 2, 28, tzinfo=UTC))


@pytest.mark.requirement("F21", "R1")
@pytest.mark.parametrize("day", [*DAYS, datetime(2027, 2, 28, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)])
def test_on_days_that_clocks_and_calendars_bend_sql_and_arithmetic_agree_on_every_hour(
    day: datetime, person: User
) -> None:
    hours = [timedelta(hours=number, minutes=offset) for number in range(-26, 51, 3) for offset in (0, 59)]
    three_years = [day.replace(year=day.year - 3, day=min(day.day, 28)) + step for step in hours]
    for at in three_years:
        record("viewed", actor=Actor.system("test"), now=at)
    LoginEvent.objects.bulk_create(
        LoginEvent(user=person, at=day - timedelta(weeks=20) + step, kind="login") for step in hours
    )
    for model, code in ((Entry, "AUDIT"), (LoginEvent, registry().holding(LoginEvent).period)):
        rows: list[Any] = list(model._base_manager.all())
        for step in range(27):
            now = day - timedelta(hours=2) + timedelta(hours=step)
            expected = {row.pk for row in rows if period(code).is_due(row.at, now=now)}
            found = set(due_rows(registry().holding(model), now=now).values_list("pk", flat=True))
            assert found == expected, f"{code} at {now}"
