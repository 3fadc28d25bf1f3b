"""Copies under faults: never a partial one, never one of a worker whose lease is over, never of somebody erased."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from accounts.models import User
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.access import ATTEMPTS, copies_to_build, take_download
from dsar.deadlines import Channel
from dsar.erasure import confirm_erasure
from dsar.models import Package, SubjectRequest
from dsar.queries import is_downloadable
from dsar.refusals import CopyUnderWay
from dsar.services import file_request
from dsar.terms import PackageState, Stage
from retention.erasure import plan_erasure
from tests.faults.conftest import Victims, register, sealed_files, thinned
from tests.retention.conftest import NOW

READING = ("SELECT", "EXPLAIN", "SAVEPOINT", "RELEASE", "SET")
"""Steps that leave nothing behind: to die there is to die at the next one."""

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def order(user: User) -> SubjectRequest:
    return file_request(user=user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=NOW)


def is_whole(package: Package) -> bool:
    """The file opens to its end and every part of it is there."""
    content = b"".join(take_download(package, now=NOW))
    return ZipFile(BytesIO(content)).testzip() is None


def the_package(case: SubjectRequest) -> Package:
    return Package.objects.get(request=case)


def lease_is_over(case: SubjectRequest) -> None:
    Package.objects.filter(request=case).update(leased_until=NOW - timedelta(seconds=1))


@pytest.mark.requirement("F5")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"largest_file": 300}, id="the-disk-ends-in-the-file"),
        pytest.param({"how": "full", "at": "open sealed"}, id="no-room-for-a-file"),
        pytest.param({"how": "full", "at": "fsync"}, id="the-disk-refuses-the-sync"),
        pytest.param({"how": "full", "at": "os.rename sealed"}, id="no-room-for-the-name"),
    ],
)
def test_a_full_disk_leaves_no_partial_copy_and_the_request_is_tried_again(
    victims: Victims, fault: dict[str, Any]
) -> None:
    case = order(register(1))
    failed = victims.run("build", case.pk, **fault)
    assert "OSError" in failed.error
    package = the_package(case)
    assert (package.state, package.file_name, is_downloadable(package, now=NOW)) == (PackageState.QUEUED, "", False)
    assert (sealed_files(), copies_to_build(NOW)) == ([], [case.pk])
    assert victims.run("build", case.pk).value == PackageState.READY
    assert is_whole(the_package(case))


@pytest.mark.requirement("F1", "F4")
def test_killed_at_every_step_a_builder_leaves_a_copy_that_is_whole_or_none(victims: Victims) -> None:
    steps = victims.run("build", order(register(0)).pk).steps
    changing = [number for number, step in enumerate(steps, 1) if not step.startswith(READING)]
    assert len(changing) > 20
    for number in thinned(changing, steps):
        case = order(register(number))
        assert victims.run("build", case.pk, how="kill", at=number).ended == "killed"
        assert the_package(case).state in {PackageState.QUEUED, PackageState.BUILDING}
        assert SubjectRequest.objects.get(pk=case.pk).stage == Stage.OPEN
        lease_is_over(case)
        assert copies_to_build(NOW) == [case.pk]
        assert victims.run("build", case.pk).value == PackageState.READY
        assert is_whole(the_package(case))


@pytest.mark.requirement("E6")
def test_a_copy_that_kills_its_builder_each_time_is_left_to_staff(victims: Victims) -> None:
    case = order(register(1))
    for _attempt in range(ATTEMPTS):
        victims.run("build", case.pk, how="kill", at="fsync")
        lease_is_over(case)
    assert victims.run("build", case.pk).value is None
    assert the_package(case).state == PackageState.FAILED
    assert SubjectRequest.objects.get(pk=case.pk).stage == Stage.OPEN


@pytest.mark.requirement("F22")
@pytest.mark.parametrize("step", ["open sealed", "fsync", "os.rename sealed"])
def test_a_builder_that_wakes_after_its_lease_is_refused_and_its_file_goes(victims: Victims, step: str) -> None:
    case = order(register(1))
    zombie = victims.start("build", case.pk, how="stop", at=step)
    assert victims.wait(zombie).ended == "stopped"
    lease_is_over(case)
    assert victims.run("build", case.pk).value == PackageState.READY
    package = the_package(case)
    victims.go_on(zombie)
    ending = victims.wait(zombie)
    assert (ending.value, ending.error) == (None, "")
    package.refresh_from_db()
    assert sealed_files() == [package.file_name]
    assert is_whole(package)


@pytest.mark.requirement("F29")
def test_an_erasure_waits_for_the_copy_that_is_being_built(victims: Victims) -> None:
    user = register(1)
    case = order(user)
    builder = victims.start("build", case.pk, how="stop", at="fsync")
    victims.wait(builder)
    digest = plan_erasure(subject_of_user(user), now=NOW, archive=True).digest
    with pytest.raises(CopyUnderWay):
        confirm_erasure(user=user, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW)
    victims.go_on(builder)
    assert victims.wait(builder).value == PackageState.READY
    assert is_whole(the_package(case))


@pytest.mark.requirement("F29")
@pytest.mark.parametrize("step", ["open sealed", "fsync", "os.rename sealed", "FOR UPDATE"])
def test_a_copy_ordered_after_the_confirmation_is_whole_or_gone_when_the_erasure_comes(
    victims: Victims, step: str
) -> None:
    user = register(1)
    digest = plan_erasure(subject_of_user(user), now=NOW, archive=True).digest
    erasure = confirm_erasure(user=user, plan_digest=digest, objection_to_archive=False, waive_copy=True, now=NOW).case
    case = order(user)
    builder = victims.start("build", case.pk, how="stop", at=step)
    assert victims.wait(builder).ended == "stopped"
    erased = victims.start("erase", erasure.pk)
    if step != "FOR UPDATE":
        assert victims.wait(erased).value == "done"
    victims.go_on(builder)
    victims.wait(builder)
    if step == "FOR UPDATE":
        victims.wait(erased)
    victims.run("erase", erasure.pk)
    assert not User.objects.filter(pk=user.pk).exists()
    assert not Package.objects.exists()
    assert sealed_files() == []
    assert SubjectRequest.objects.get(pk=case.pk).email == ""
    assert SubjectRequest.objects.get(pk=erasure.pk).stage == Stage.ANSWERED
