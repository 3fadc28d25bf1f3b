"""The copy is built once, kept sealed, fetched at most three times, and gone on time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audit.trail import Actor
from datamap.registry import registry
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import build_package, copies_to_build, take_download
from dsar.cases import move
from dsar.models import Package, SubjectRequest
from dsar.queries import is_downloadable
from dsar.refusals import NoDownloadLeft
from dsar.sweeping import erase_packages, purge_cases, purge_packages
from dsar.terms import LEASE, PackageState, Stage
from tests.dsar.conftest import NOW, File
from vault.keys import has_key


def fetched(package: Package) -> ZipFile:
    return ZipFile(BytesIO(b"".join(take_download(package, now=NOW))))


def sealed_path(package: Package) -> Path:
    return Path(settings.VAR_DIR) / "sealed" / package.file_name


@pytest.mark.django_db
def test_building_answers_the_request_and_sets_its_ends(package: Package) -> None:
    case = package.request
    case.refresh_from_db()
    assert (case.stage, case.outcome, package.state) == (Stage.ANSWERED, "fulfilled", PackageState.READY)
    assert package.link_ends_at == NOW + timedelta(days=14)
    assert package.ends_at == NOW + timedelta(days=30)
    assert package.percent == 100


@pytest.mark.django_db
@pytest.mark.requirement("D1")
def test_the_file_is_sealed_outside_media_and_opens_for_its_reader_only(package: Package, person: User) -> None:
    raw = sealed_path(package).read_bytes()
    assert person.email.encode() not in raw
    assert not raw.startswith(b"PK")
    assert len(package.file_name) >= 43
    assert not sealed_path(package).is_relative_to(settings.MEDIA_ROOT)
    assert "anna@example.lv" in fetched(package).read("tables/accounts_user.csv").decode()


@pytest.mark.django_db
def test_building_twice_builds_once(package: Package) -> None:
    assert build_package(package.request_id, now=NOW) is None


@pytest.mark.django_db
def test_a_copy_in_work_is_left_alone_until_its_lease_is_over(file: File) -> None:
    case = file()
    Package.objects.update(state=PackageState.BUILDING, leased_until=NOW + LEASE)
    assert build_package(case.pk, now=NOW) is None
    assert copies_to_build(NOW) == []
    assert copies_to_build(NOW + LEASE) == [case.pk]
    assert build_package(case.pk, now=NOW + LEASE) is not None


@pytest.mark.django_db
def test_a_copy_of_a_withdrawn_request_is_not_built(file: File) -> None:
    case = file()
    move(case.pk, Stage.WITHDRAWN, action="withdrawn", actor=Actor.system("test"), now=NOW)
    assert build_package(case.pk, now=NOW) is None


@pytest.mark.django_db
@pytest.mark.requirement("D4")
def test_the_fourth_download_is_refused(package: Package) -> None:
    for _ in range(3):
        fetched(package)
    with pytest.raises(NoDownloadLeft):
        take_download(package, now=NOW)


@pytest.mark.django_db
def test_the_database_refuses_a_fourth_download_too(package: Package) -> None:
    with pytest.raises(IntegrityError, match="dsar_download_limit"), transaction.atomic():
        Package.objects.update(downloads=4)


@pytest.mark.django_db
@pytest.mark.requirement("D3")
def test_the_fourteenth_day_is_judged_at_reading(package: Package) -> None:
    end = NOW + timedelta(days=14)
    assert is_downloadable(package, now=end - timedelta(seconds=1))
    assert not is_downloadable(package, now=end)
    with pytest.raises(NoDownloadLeft):
        take_download(package, now=end)


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("D4")
def test_fifty_downloads_at_once_get_three(package: Package) -> None:
    def attempt(_number: int) -> bool:
        try:
            return bool(list(take_download(Package.objects.get(pk=package.pk), now=NOW)))
        except NoDownloadLeft:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(attempt, range(50))) == 3
    package.refresh_from_db()
    assert package.downloads == 3


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_once_build_one_copy(file: File) -> None:
    case = file()

    def attempt(_number: int) -> bool:
        try:
            return build_package(case.pk, now=NOW) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(8))) == 1


@pytest.mark.django_db
@pytest.mark.requirement("D7")
def test_a_purge_takes_file_key_and_row(package: Package, django_capture_on_commit_callbacks: object) -> None:
    holding, path = registry().holding(Package), sealed_path(package)
    assert purge_packages(holding, now=NOW + timedelta(days=30), apply=False).due == 1
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        counts = purge_packages(holding, now=NOW + timedelta(days=30), apply=True)
    assert (counts.due, counts.deleted) == (1, 1)
    assert not path.exists()
    assert not has_key(package.key_owner)
    assert not Package.objects.exists()


@pytest.mark.django_db
def test_a_copy_stays_until_its_thirtieth_day(package: Package) -> None:
    counts = purge_packages(registry().holding(Package), now=NOW + timedelta(days=30, seconds=-1), apply=True)
    assert (counts.due, Package.objects.count()) == (0, 1)


@pytest.mark.django_db
def test_a_case_file_goes_after_three_years_with_its_key(file: File) -> None:
    case = file(Right.OBJECTION)
    actor = Actor.system("test")
    closed = move(case.pk, Stage.ANSWERED, action="answered", actor=actor, now=NOW, reason="done")
    assert closed.ends_at is not None
    holding = registry().holding(SubjectRequest)
    assert purge_cases(holding, now=closed.ends_at - timedelta(seconds=1), apply=True).deleted == 0
    assert purge_cases(holding, now=closed.ends_at, apply=True).deleted == 1
    assert not has_key(case.pk)


@pytest.mark.django_db
def test_an_erasure_takes_the_copies_of_that_person_only(file: File, person: User, other_person: User) -> None:
    for user in (person, other_person):
        assert build_package(file(user=user).pk, now=NOW)
    assert erase_packages(subject_of_user(person), now=NOW) == 1
    assert [item.request.user_id for item in Package.objects.select_related("request")] == [other_person.pk]
