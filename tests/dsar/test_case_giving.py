"""What a request without an account gives: copy and erasure, each for a fresh code (security D3-D8, P3, F32)."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit import trail
from audit.trail import Actor
from datamap.terms import Right
from dsar.access import build_package, take_download
from dsar.cases import case_key
from dsar.caution import TOLD_TO_THE_OLD_ADDRESS, latest_change, older_addresses
from dsar.challenges import new_challenge
from dsar.erasure import confirm_erasure, copy_before, preview_of_case, run_erasure
from dsar.filing import file_several
from dsar.models import Package, SubjectRequest
from dsar.queries import events_of
from dsar.refusals import StoppedFromOlderAddress, WaitsForSafety
from dsar.steps import Step
from dsar.stopping import release
from dsar.terms import DOWNLOAD_LIMIT, ChallengePurpose, Stage
from mailing.composing import Letter
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from mailing.services import send_rendered
from retention.models import ErasureReceipt
from tests.dsar.test_case_page import ADDRESS, at, filed, mailed_code, shown
from tests.letters import last_message
from tests.people import PASSWORD, log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


def built(case: SubjectRequest) -> Package:
    package = build_package(case.pk, now=timezone.now())
    assert package is not None
    package.refresh_from_db()
    return package


def ask_code(client: Client, case: SubjectRequest, purpose: str, *, address: str = ADDRESS) -> str:
    assert client.post(at(case, "case-code"), {"purpose": purpose}).status_code == 302
    return mailed_code(address)


def confirmation(client: Client, case: SubjectRequest, code: str, **more: str) -> dict[str, str]:
    plan = client.get(at(case, "case-erasure")).context["shown"].plan.digest
    return {"plan": plan, "confirm": "on", "code": code, **more}


@pytest.mark.requirement("D5", "D8")
@pytest.mark.clause("Q4.2")
def test_the_copy_comes_for_a_fresh_code_and_only_for_that(client: Client) -> None:
    (case,) = shown(Right.ACCESS)
    package = built(case)
    used = mailed_code()
    assert at(case, "case-package") in client.get(at(case)).content.decode()
    assert client.post(at(case, "case-package"), {"code": used}).status_code == 400
    code = ask_code(client, case, "download")
    assert client.get(at(case, "case-package")).status_code == 200
    answer = client.post(at(case, "case-package"), {"code": code})
    assert answer.getvalue()[:2] == b"PK"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.post(at(case, "case-package"), {"code": code}).status_code == 400
    package.refresh_from_db()
    assert package.downloads == 1
    assert events_of(case).filter(action="copy_downloaded").count() == 1


@pytest.mark.requirement("D3", "D4")
def test_an_old_copy_and_a_used_up_one_are_not_given(client: Client) -> None:
    (case,) = shown(Right.ACCESS)
    built(case)
    code = ask_code(client, case, "download")
    Package.objects.update(downloads=DOWNLOAD_LIMIT)
    assert not client.post(at(case, "case-package"), {"code": code}).content.startswith(b"PK")
    Package.objects.update(downloads=0, link_ends_at=timezone.now())
    page = client.post(at(case, "case-package"), {"code": code})
    assert (page.status_code, reverse("privacy:request-new") in page.content.decode()) == (200, True)


@pytest.mark.requirement("F32")
def test_a_download_that_is_cut_off_counts_for_nothing(client: Client) -> None:
    (case,) = shown(Right.ACCESS)
    package = built(case)
    frames = take_download(package, now=timezone.now())
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    package.refresh_from_db()
    assert package.downloads == 0
    assert [event.action for event in events_of(case)][-2:] == ["copy_downloaded", "download_cut"]


def test_before_the_code_there_is_no_copy_and_no_plan(client: Client) -> None:
    access, erasure = filed(Right.ACCESS, Right.ERASURE)
    assert client.get(at(access, "case-package")).status_code == 404
    refused = client.get(at(erasure, "case-erasure"))
    assert (refused.status_code, "shown" in refused.context) == (409, False)


@pytest.mark.clause("Q18.3", "Q4.2")
def test_access_comes_before_erasure_and_the_receipt_after(client: Client) -> None:
    access, erasure = shown(Right.ACCESS, Right.ERASURE)
    assert preview_of_case(erasure, now=timezone.now()).copy_is_under_way
    package = built(access)
    code = ask_code(client, erasure, "erasure")
    assert client.post(at(erasure, "case-erasure"), confirmation(client, erasure, code)).status_code == 409
    b"".join(take_download(package, now=timezone.now()))
    wrong = client.post(at(erasure, "case-erasure"), confirmation(client, erasure, "AAAAA-AAAAA"))
    assert wrong.status_code == 400
    answer = client.post(at(erasure, "case-erasure"), confirmation(client, erasure, code))
    assert answer.headers["Location"].startswith("/privacy/receipts/")
    assert run_erasure(erasure.pk, now=timezone.now()) is not None
    erasure.refresh_from_db()
    assert (erasure.stage, erasure.email) == (Stage.ANSWERED, "")
    assert ErasureReceipt.objects.filter(case_number=erasure.number).exists()
    assert client.get(answer.headers["Location"]).status_code == 200
    assert client.get(at(erasure)).status_code == 200


@pytest.mark.requirement("E1")
def test_a_plan_that_was_not_shown_wastes_no_code(client: Client) -> None:
    (case,) = shown(Right.ERASURE)
    code = ask_code(client, case, "erasure")
    assert client.post(at(case, "case-erasure"), confirmation(client, case, code, plan="0" * 64)).status_code == 409
    assert client.post(at(case, "case-erasure"), confirmation(client, case, code)).status_code == 302
    again = client.post(at(case, "case-erasure"), {"plan": "0" * 64, "confirm": "on", "code": code})
    assert again.status_code == 409


def test_a_strangers_request_for_the_same_address_holds_no_erasure_up(client: Client) -> None:
    (erasure,) = shown(Right.ERASURE)
    filed(Right.ACCESS)
    assert copy_before(erasure) is None


@pytest.mark.clause("Q4.3")
def test_the_other_requests_of_an_erased_account_stay_reachable_by_their_link(client: Client, person: User) -> None:
    erasure, complaint = file_several(person, [Right.ERASURE, Right.COMPLAINT], text="", now=timezone.now()).opened
    client.force_login(person)
    digest = preview_of_case(erasure, now=timezone.now()).plan.digest
    confirm_erasure(user=person, plan_digest=digest, objection_to_archive=False, waive_copy=False, now=timezone.now())
    run_erasure(erasure.pk, now=timezone.now())
    assert not User.objects.filter(pk=person.pk).exists()
    letter = open_letter(OutgoingMessage.objects.get(forget_after_delivery=True)).text
    assert complaint.number in letter
    address = reverse("privacy:case", args=[case_key(complaint)])
    assert address in letter
    page = Client().get(address)
    assert (page.status_code, complaint.number in page.content.decode()) == (200, True)


@pytest.mark.requirement("D7")
def test_a_second_factor_is_not_passed_by_through_the_mailbox(client: Client, person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=True)
    access, erasure = shown(Right.ACCESS, Right.ERASURE, address=person.email)
    assert access.user == person
    built(access)
    Authenticator.objects.create(user=person, type="totp", data={})
    assert client.post(at(access, "case-code"), {"purpose": "download"}).status_code == 409
    code = new_challenge(access, ChallengePurpose.DOWNLOAD, now=timezone.now())
    page = client.post(at(access, "case-package"), {"code": code})
    assert reverse("privacy:package-download", args=[access.number]) in page.content.decode()
    client.post(at(erasure, "case-erasure"), confirmation(client, erasure, "AAAAA-AAAAA", waive_copy="on"))
    erasure.refresh_from_db()
    assert erasure.stage == Stage.OPEN


def change_password(user: User) -> None:
    browser = Client()
    log_in(browser, user)
    prove_again(browser)
    words = {"oldpassword": PASSWORD, "password1": "Zala-niedre-88", "password2": "Zala-niedre-88"}
    assert browser.post(reverse("account_change_password"), words).status_code == 302


@pytest.mark.requirement("I7")
def test_after_a_change_of_password_delivery_waits_72_hours_and_the_address_is_told(
    client: Client, person: User
) -> None:
    (case,) = file_several(person, [Right.ACCESS], text="", now=timezone.now()).opened
    package = built(case)
    change_password(person)
    person.refresh_from_db()
    client.force_login(person)
    address = reverse("privacy:package-download", args=[case.number])
    client.post(reverse("account_reauthenticate"), {"password": "Zala-niedre-88"})
    assert client.post(address).status_code == 409
    assert client.post(address).status_code == 409
    letters = [open_letter(item) for item in OutgoingMessage.objects.filter(to_address=person.email)]
    assert sum("/privacy/stop/" in letter.text for letter in letters) == 1
    package.refresh_from_db()
    assert package.downloads == 0
    with time_machine.travel(timezone.now() + timedelta(hours=72, seconds=1)):
        assert b"".join(take_download(package, now=timezone.now()))[:2] == b"PK"


def stop_link(address: str) -> str:
    for item in OutgoingMessage.objects.filter(to_address=address).order_by("-created_at"):
        if found := re.search(r"/privacy/stop/[\w-]{43}/", open_letter(item).text):
            return found[0]
    raise AssertionError(address)


@pytest.mark.requirement("I7")
def test_an_older_address_stops_the_erasure_until_staff_release_it(client: Client, person: User, officer: User) -> None:
    now = timezone.now()
    trail.record("account.email_changed", actor=Actor.of(person), subject=person.pk, now=now)
    send_rendered(
        Letter("x", "x"),
        to="old@example.lv",
        language="lv",
        purpose="REGISTRATION",
        now=now,
        user_id=person.pk,
        template=TOLD_TO_THE_OLD_ADDRESS,
    )
    (case,) = file_several(person, [Right.ERASURE], text="", now=now).opened
    digest = preview_of_case(case, now=now).plan.digest

    def confirm(hours: int) -> None:
        confirm_erasure(
            user=person,
            plan_digest=digest,
            objection_to_archive=False,
            waive_copy=False,
            now=now + timedelta(hours=hours),
        )

    with pytest.raises(WaitsForSafety):
        confirm(0)
    link = stop_link("old@example.lv")
    assert client.get(link).status_code == 200
    with pytest.raises(WaitsForSafety):
        confirm(71)
    assert client.post(link, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert [client.post(link).status_code, client.post(link).status_code] == [200, 200]
    with pytest.raises(StoppedFromOlderAddress):
        confirm(73)
    case.refresh_from_db()
    assert case.stage == Stage.OPEN
    assert events_of(case).filter(action="caution_stopped").count() == 1
    release(case.pk, step=Step(officer, "she came to the office", now + timedelta(hours=74)))
    confirm(75)
    case.refresh_from_db()
    assert case.stage == Stage.EXECUTING


@pytest.mark.requirement("I7")
def test_a_change_that_is_eight_days_old_holds_nothing_up(person: User) -> None:
    now = timezone.now()
    trail.record("account.password_changed", actor=Actor.of(person), subject=person.pk, now=now - timedelta(days=8))
    trail.record(
        "account.details_changed", actor=Actor.of(person), subject=person.pk, details={"fields": "street"}, now=now
    )
    assert latest_change(person.pk, now=now) is None
    trail.record(
        "account.details_changed",
        actor=Actor.of(person),
        subject=person.pk,
        details={"fields": "street,phone"},
        now=now,
    )
    assert latest_change(person.pk, now=now) == now


@pytest.mark.requirement("I7")
def test_the_address_that_was_left_is_known_for_the_seven_days(client: Client, person: User) -> None:
    (case,) = file_several(person, [Right.ERASURE], text="", now=timezone.now()).opened
    log_in(client, person)
    prove_again(client)
    client.post(reverse("account_email"), {"email": "jauna@example.lv", "action_add": ""})
    letter = open_letter(last_message(to_address="jauna@example.lv")).text
    link = re.search(r"/accounts/confirm-email/[^/\s]+/", letter)
    assert link
    client.post(link[0])
    person.refresh_from_db()
    now = timezone.now()
    assert person.email == "jauna@example.lv"
    assert latest_change(person.pk, now=now) is not None
    assert older_addresses(case, now=now) == {"anna@example.lv", "jauna@example.lv"}
    assert older_addresses(case, now=now + timedelta(days=8)) == {"jauna@example.lv"}
