"""The portal as a person and as a stranger meets it (Q1.2; security D2-D5, I1, P3)."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from datamap.catalogue import catalogue, period
from datamap.registry import registry
from datamap.terms import Right
from dsar.access import build_package
from dsar.models import Package, SubjectRequest
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from tests.dsar.conftest import NOW, File
from tests.letters import last_message
from tests.people import PASSWORD, log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def anna(client: Client, person: User) -> Client:
    """Anna's browser, which gave her password again a moment ago."""
    log_in(client, person)
    prove_again(client)
    return client


@pytest.fixture
def stale(person: User) -> Client:
    """Anna's browser, whose proof of identity is too old."""
    browser = Client()
    browser.force_login(person)
    return browser


@pytest.fixture
def fresh(package: Package) -> Package:
    """A copy that is ready by the clock on the wall too."""
    now = timezone.now()
    Package.objects.update(
        built_at=now, link_ends_at=period("DOWNLOAD_LINK").ends_at(now), ends_at=period("PACKAGE").ends_at(now)
    )
    package.refresh_from_db()
    return package


def download_address(package: Package) -> str:
    return reverse("privacy:package-download", args=[package.request.number])


@pytest.mark.clause("Q1.2")
@pytest.mark.parametrize("role", ["anonymous", "person"])
def test_one_page_leads_to_every_control(client: Client, role: str, person: User) -> None:
    if role == "person":
        client.force_login(person)
    page = client.get(reverse("privacy:portal")).content.decode()
    new = reverse("privacy:request-new")
    rights = [Right.ACCESS, Right.RECTIFICATION, Right.OBJECTION, Right.RESTRICTION, Right.PORTABILITY, Right.COMPLAINT]
    wanted = [f"{new}?right={right}" for right in rights]
    wanted += [reverse(name) for name in ("consent:consents", "cookies:settings", "account", "account-delete")]
    assert [address for address in wanted if f'href="{address}"' not in page] == []


def test_the_portal_counts_what_is_held(anna: Client) -> None:
    page = anna.get(reverse("privacy:portal")).content.decode()
    with translation.override("lv"):
        assert f'<li>{registry().holding("accounts.User").label} <span class="muted whole">(1)</span>' in page


@pytest.mark.clause("Q0.2", "Q19.1")
def test_the_notice_names_every_purpose_and_holding(client: Client) -> None:
    page = client.get(reverse("privacy:notice")).content.decode()
    site = catalogue()
    assert site.controller.name in page
    assert site.controller.address in page
    assert site.authority.address in page
    assert page.count("<section") >= len(site.purposes)


@pytest.mark.clause("Q7.15")
def test_the_notice_leads_from_the_visit_log_to_the_cookies(client: Client) -> None:
    page = client.get(reverse("privacy:notice")).content.decode()
    assert str(registry().holding("visits.Visit").label) in page
    assert f'<a href="{reverse("cookies:settings")}">' in page.partition("<main")[2].partition("</main>")[0]
    assert client.get(reverse("cookies:settings")).status_code == 200


def test_filing_a_copy_shows_its_progress(anna: Client, person: User) -> None:
    answer = anna.post(reverse("privacy:request-new"), {"right": "access"}, follow=True)
    page = answer.content.decode()
    assert '<meta http-equiv="refresh"' in page
    assert "<progress" in page
    case = SubjectRequest.objects.get()
    assert (case.right, case.stage, case.channel) == ("access", "open", "portal_auth")


@pytest.mark.requirement("I1")
@pytest.mark.parametrize("right", ["access", "erasure"])
def test_a_stale_session_files_nothing_before_the_password(stale: Client, right: str) -> None:
    answer = stale.post(reverse("privacy:request-new"), {"right": right})
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not SubjectRequest.objects.exists()


def test_what_was_posted_before_the_password_is_filed_after_it(stale: Client) -> None:
    wanted = stale.post(reverse("privacy:request-new"), {"right": "access"}).headers["Location"]
    stale.post(wanted, {"password": PASSWORD})
    assert SubjectRequest.objects.get().right == "access"


def test_other_rights_need_no_password_again(stale: Client) -> None:
    stale.post(reverse("privacy:request-new"), {"right": "objection", "text": "No visit statistics, please."})
    assert SubjectRequest.objects.get().text == "No visit statistics, please."


def test_a_second_copy_leads_to_the_first_with_a_sentence(anna: Client) -> None:
    for _ in range(2):
        answer = anna.post(reverse("privacy:request-new"), {"right": "access"}, follow=True)
    number = SubjectRequest.objects.get().number
    assert answer.redirect_chain[-1][0] == reverse("privacy:request-detail", args=[number])


@pytest.mark.parametrize("right", ["", "everything", "ACCESS"])
def test_a_right_that_does_not_exist_is_refused_with_a_sentence(anna: Client, right: str) -> None:
    answer = anna.post(reverse("privacy:request-new"), {"right": right})
    assert answer.status_code == 400
    assert b'class="error-summary"' in answer.content


def test_a_text_without_end_is_refused(anna: Client) -> None:
    answer = anna.post(reverse("privacy:request-new"), {"right": "objection", "text": "x" * 10_001})
    assert (answer.status_code, SubjectRequest.objects.count()) == (400, 0)


def test_a_body_over_the_limit_is_refused_with_a_page(anna: Client) -> None:
    answer = anna.post(reverse("privacy:request-new"), {"right": "objection", "text": "x" * 3_000_000})
    assert answer.status_code in {400, 413}
    assert "Traceback" not in answer.content.decode()
    assert not SubjectRequest.objects.exists()


@pytest.mark.clause("Q16.9", "Q16.11")
def test_the_acknowledgement_names_number_due_date_and_authority(file: File, person: User) -> None:
    person.language = "en"
    person.save()
    case = file(Right.OBJECTION)
    letter = open_letter(OutgoingMessage.objects.get())
    for words in (case.number, "22 December 2026", "Elijas iela 17", "dvi.gov.lv", "One month later"):
        assert words in letter.text


@pytest.mark.requirement("D6")
def test_the_mail_about_a_copy_carries_neither_copy_nor_secret(package: Package) -> None:
    letter = open_letter(last_message())
    for secret in (package.file_name, str(package.pk), str(package.key_owner)):
        assert secret not in letter.text + letter.html
    assert reverse("privacy:request-detail", args=[package.request.number]) in letter.text


@pytest.mark.requirement("D2")
@pytest.mark.parametrize("name", ["request-detail", "package-download"])
def test_somebody_elses_request_does_not_exist(client: Client, fresh: Package, other_person: User, name: str) -> None:
    log_in(client, other_person)
    address = reverse(f"privacy:{name}", args=[fresh.request.number])
    headers = {"Range": "bytes=0-10", "If-None-Match": "*"}
    assert [client.get(address).status_code, client.head(address).status_code] == [404, 404]
    assert client.get(address, headers=headers).status_code == 404
    assert client.post(reverse("privacy:package-download", args=[fresh.request.number])).status_code == 404
    assert client.post(reverse("privacy:request-withdraw", args=[fresh.request.number])).status_code == 404
    fresh.refresh_from_db()
    assert fresh.downloads == 0


@pytest.mark.requirement("D2")
@pytest.mark.parametrize("name", ["request-detail", "package-download"])
def test_a_stranger_is_sent_to_the_log_in(client: Client, fresh: Package, name: str) -> None:
    address = reverse(f"privacy:{name}", args=[fresh.request.number])
    assert client.get(address).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.requirement("D2")
def test_a_stale_session_must_prove_itself_before_the_download(stale: Client, fresh: Package) -> None:
    answer = stale.post(download_address(fresh))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    fresh.refresh_from_db()
    assert fresh.downloads == 0


def test_looking_at_the_download_page_uses_nothing_up(anna: Client, fresh: Package) -> None:
    assert anna.get(download_address(fresh)).status_code == 200
    fresh.refresh_from_db()
    assert fresh.downloads == 0


@pytest.mark.requirement("D5", "D8")
def test_a_download_is_an_inert_attachment_that_nobody_keeps(anna: Client, fresh: Package) -> None:
    answer = anna.post(download_address(fresh))
    body = answer.getvalue()
    assert body[:2] == b"PK"
    assert int(answer.headers["Content-Length"]) == len(body) == fresh.size
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{fresh.request.number}.zip"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.requirement("D4")
def test_the_fourth_download_says_how_to_get_a_new_copy(anna: Client, fresh: Package) -> None:
    for _ in range(3):
        anna.post(download_address(fresh)).getvalue()
    answer = anna.post(download_address(fresh))
    assert answer.status_code == 410
    assert reverse("privacy:request-new") in answer.content.decode()


@pytest.mark.requirement("D7")
def test_after_the_log_out_nothing_opens(anna: Client, fresh: Package) -> None:
    anna.post(reverse("account_logout"))
    assert anna.post(download_address(fresh)).status_code == 403


@pytest.mark.requirement("P3")
def test_withdrawing_twice_answers_calmly(anna: Client, file: File) -> None:
    case = file(Right.OBJECTION)
    address = reverse("privacy:request-withdraw", args=[case.number])
    assert [anna.post(address).status_code, anna.post(address).status_code] == [302, 302]
    case.refresh_from_db()
    assert case.stage == Stage.WITHDRAWN


@pytest.mark.requirement("P3")
def test_withdrawing_an_answered_request_changes_nothing(anna: Client, package: Package) -> None:
    number = package.request.number
    assert anna.post(reverse("privacy:request-withdraw", args=[number]), follow=True).status_code == 200
    assert SubjectRequest.objects.get().stage == Stage.ANSWERED


@pytest.mark.parametrize("cases", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(
    stale: Client, file: File, cases: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(cases):
        file(Right.OBJECTION)
    with django_assert_max_num_queries(12):
        page = stale.get(reverse("privacy:request-list")).content.decode()
    assert page.count("QP-2026-") >= cases


@pytest.mark.parametrize("number", ["QP-2026-000000-AA", "x", "0" * 300, str(UUID(int=0))])
def test_a_number_that_nobody_has_is_not_found(anna: Client, number: str) -> None:
    assert anna.get(reverse("privacy:request-detail", args=[number])).status_code == 404


def test_a_finished_copy_is_announced_on_its_page(anna: Client, file: File) -> None:
    case = file()
    build_package(case.pk, now=NOW)
    page = anna.get(reverse("privacy:request-detail", args=[case.number])).content.decode()
    assert reverse("privacy:package-download", args=[case.number]) in page
    assert '<meta http-equiv="refresh"' not in page


def test_proving_again_opens_the_deletion_page(stale: Client) -> None:
    assert stale.get(reverse("account-delete")).status_code == 302
    prove_again(stale)
    assert stale.get(reverse("account-delete")).status_code == 200
