"""A copy that could not be put together is ordered again by the person, or by staff; no other copy is (Art. 12(3))."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from dsar import casework
from dsar.access import ATTEMPTS, build_package
from dsar.desk import steps_for
from dsar.models import Package, SubjectRequest
from dsar.next_step import next_step
from dsar.ordering import order_again, order_again_by_staff
from dsar.queries import events_of
from dsar.refusals import TooManyAttempts, WrongStage
from dsar.steps import Step
from dsar.terms import PackageState, Stage
from tests.dsar.conftest import NOW, File
from tests.dsar.test_case_page import at, shown
from tests.people import log_in
from vault.keys import has_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def failed(case: SubjectRequest) -> SubjectRequest:
    Package.objects.filter(request=case).update(state=PackageState.FAILED, attempts=ATTEMPTS)
    return SubjectRequest.objects.get(pk=case.pk)


@pytest.mark.clause("Q16.1")
def test_a_person_orders_a_failed_copy_again_and_gets_it(client: Client, file: File, person: User) -> None:
    case = failed(file())
    log_in(client, person)
    address = reverse("privacy:request-copy-again", args=[case.number])
    assert address in client.get(reverse("privacy:request-detail", args=[case.number])).content.decode()
    assert client.post(address).status_code == 302
    assert events_of(case).filter(action="copy_ordered_again", actor_kind="person").exists()
    assert build_package(case.pk, now=NOW) is not None
    case.refresh_from_db()
    assert (case.stage, case.package.state) == (Stage.ANSWERED, PackageState.READY)


def test_the_same_without_an_account_and_without_a_cookie() -> None:
    (case,) = shown()
    failed(case)
    browser = Client(enforce_csrf_checks=True)
    assert at(case, "case-copy-again") in browser.get(at(case)).content.decode()
    assert browser.post(at(case, "case-copy-again")).status_code == 302
    assert Package.objects.get(request=case).state == PackageState.QUEUED
    assert not browser.cookies


def test_nobody_orders_again_what_has_not_failed(client: Client, file: File, person: User, officer: User) -> None:
    case = file()
    with pytest.raises(WrongStage):
        order_again(case, now=NOW)
    with pytest.raises(WrongStage):
        order_again_by_staff(case.pk, step=Step(by=officer, reason="the disk is back", now=NOW))
    log_in(client, officer)
    assert client.post(reverse("privacy:request-copy-again", args=[failed(case).number])).status_code == 404
    assert Package.objects.get(request=case).state == PackageState.FAILED


def test_ordering_again_has_an_end_for_one_day(file: File) -> None:
    case = file()
    for _turn in range(3):
        order_again(failed(case), now=NOW)
    with pytest.raises(TooManyAttempts):
        order_again(failed(case), now=NOW)


def test_staff_are_told_and_order_it_again(file: File, officer: User) -> None:
    case = file()
    assert "copy-again" not in steps_for(case)
    case = failed(case)
    assert next_step(case, steps_for(case), me=officer.pk).steps == ("copy-again",)
    order_again_by_staff(case.pk, step=Step(by=officer, reason="the disk is back", now=NOW))
    assert Package.objects.get(request=case).attempts == 0


@pytest.mark.clause("Q16.1")
def test_a_copy_that_was_found_wanting_is_put_together_anew_by_staff_only(file: File, officer: User) -> None:
    case = file()
    assert build_package(case.pk, now=NOW) is not None
    step = Step(by=officer, reason="one table was missing", now=NOW)
    with pytest.raises(WrongStage):
        order_again_by_staff(case.pk, step=step)
    case = casework.reopen(case.pk, step=step)
    with pytest.raises(WrongStage):
        order_again(case, now=NOW)
    old = Package.objects.get(request=case)
    assert next_step(case, steps_for(case), me=officer.pk).steps == ("copy-again", "answer")
    order_again_by_staff(case.pk, step=step)
    assert not has_key(old.key_owner)
    assert build_package(case.pk, now=NOW) is not None
    new = Package.objects.get(request=case)
    assert (new.state, new.downloads, new.pk != old.pk) == (PackageState.READY, 0, True)
