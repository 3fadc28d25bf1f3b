"""Who has no account files every right from one form, and the page says the same to everybody (Q4.2; security I2)."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from datamap.terms import Right
from dsar.models import Intake, Representative, SubjectRequest, VisitorNumber
from dsar.terms import Stage
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention.models import AttemptCount
from tests.people import log_in, prove_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]

FORM = reverse("privacy:request-new")
SENT = reverse("privacy:request-sent")
ADDRESS = "liga@example.lv"


def filled(*rights: str, email: str = ADDRESS, **more: str) -> dict[str, Any]:
    return {"email": email, "right": rights or ["access"], "language": "lv", **more}


def _headers(answer: Any) -> list[tuple[str, str]]:
    """All but the moment at which the page stops being fresh."""
    return sorted(item for item in answer.headers.items() if item[0] != "Expires")


@pytest.mark.clause("Q4.2")
def test_one_form_opens_a_linked_request_for_each_right_and_writes_one_letter(client: Client) -> None:
    answer = client.post(FORM, filled("erasure", "access", "marketing_objection", text="Lūdzu."))
    assert (answer.status_code, answer.headers["Location"]) == (302, SENT)
    assert client.get(SENT).status_code == 200
    cases = SubjectRequest.objects.order_by("number")
    assert [case.right for case in cases] == ["access", "erasure", "marketing_objection"]
    assert {case.intake_id for case in cases} == {Intake.objects.get().pk}
    assert {case.text for case in cases} == {"Lūdzu."}
    letter = open_letter(OutgoingMessage.objects.get(to_address=ADDRESS, subject__icontains="saņēmām")).text
    assert [case.number in letter for case in cases] == [True, True, False]  # the last was done at once and said so


@pytest.mark.clause("Q4.2")
def test_the_form_needs_and_sets_no_cookie(client: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(FORM)
    assert "csrfmiddlewaretoken" not in page.content.decode()
    assert browser.post(FORM, filled()).status_code == 302
    assert not browser.cookies
    assert SubjectRequest.objects.count() == 1


@pytest.mark.parametrize(
    "header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_form_on_another_site_files_nothing(client: Client, header: dict[str, str]) -> None:
    answer = client.post(FORM, filled(), headers=header)
    assert (answer.status_code, SubjectRequest.objects.count()) == (403, 0)
    assert client.post(FORM, filled(), headers={"Sec-Fetch-Site": "same-origin"}).status_code == 302


def test_the_form_of_who_is_logged_in_keeps_its_token(person: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    assert browser.post(FORM, {"right": "objection"}).status_code == 403
    assert "csrfmiddlewaretoken" in browser.get(FORM).content.decode()
    assert not SubjectRequest.objects.exists()


@pytest.mark.requirement("I2")
def test_known_and_unknown_addresses_get_the_same_page_for_the_same_work(client: Client, person: User) -> None:
    # What is read once for a process is read now.
    client.post(FORM, filled("access", "marketing_objection", email="first@example.lv"), follow=True)
    pairs = [(person.email, "nobody-at-all@example.lv")] + [
        (
            User.objects.create_user(f"known{n}@example.lv", given_name="K", family_name="N").email,
            f"other{n}@example.lv",
        )
        for n in range(30)
    ]
    for number, (known, unknown) in enumerate(pairs):
        seen = []
        AttemptCount.objects.all().delete()
        connection.queries_log.clear()
        for email in (known, unknown):
            with CaptureQueriesContext(connection) as queries:
                answer = client.post(FORM, filled("access", "marketing_objection", email=email), follow=True)
            statements = [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:60] for query in queries]
            seen.append((answer.redirect_chain, answer.content.decode(), _headers(answer), statements))
        for of_known, of_unknown in zip(*seen, strict=True):
            assert of_known == of_unknown, number
    tables = " ".join(query["sql"] for query in queries)
    assert "accounts_user" not in tables
    assert "account_emailaddress" not in tables


def test_the_same_form_twice_is_one_message(client: Client) -> None:
    once = re.search(r'name="once" value="([^"]+)"', client.get(FORM).content.decode())
    assert once
    for _ in range(2):
        client.post(FORM, filled("objection", once=once[1]))
    client.post(FORM, filled("objection", once=once[1], email="cita@example.lv"))
    assert sorted(SubjectRequest.objects.values_list("email", flat=True)) == ["cita@example.lv", ADDRESS]


@pytest.mark.requirement("I4")
def test_a_network_files_thirty_forms_an_hour_and_what_is_filed_stays(client: Client) -> None:
    for number in range(30):
        assert client.post(FORM, filled("objection", email=f"a{number}@example.lv")).status_code == 302
    refused = client.post(FORM, filled("objection", email="late@example.lv"))
    assert refused.status_code == 429
    assert 'role="alert"' in refused.content.decode()
    assert "mailto:" in refused.content.decode() or "@" in refused.content.decode()
    assert SubjectRequest.objects.count() == 30
    assert (
        client.post(FORM, filled("objection", email="late@example.lv"), REMOTE_ADDR="198.51.100.1").status_code == 302
    )


def test_many_forms_from_one_address_leave_one_copy_and_few_letters(client: Client) -> None:
    for number in range(60):
        client.post(FORM, filled("access"), REMOTE_ADDR=f"203.0.{number}.1")
    assert SubjectRequest.objects.get().stage == Stage.IDENTITY_PENDING
    assert OutgoingMessage.objects.filter(to_address=ADDRESS).count() == 10


def test_what_takes_effect_at_once_fills_no_mailbox_either(client: Client) -> None:
    for number in range(15):
        client.post(FORM, filled("marketing_objection"), REMOTE_ADDR=f"203.0.{number}.1")
    assert SubjectRequest.objects.filter(stage=Stage.ANSWERED).count() == 15
    assert 0 < OutgoingMessage.objects.filter(to_address=ADDRESS).count() <= 10


@pytest.mark.requirement("I11")
def test_who_acts_for_somebody_is_recorded_with_each_request(client: Client) -> None:
    missing = client.post(FORM, filled("access", acts_for="on"))
    assert missing.status_code == 400
    assert not SubjectRequest.objects.exists()
    client.post(FORM, filled("access", "erasure", acts_for="on", name="Anda \u202eLiepa\n", capacity="lawyer"))
    assert {(item.name, item.kind) for item in Representative.objects.all()} == {("Anda Liepa", "lawyer")}
    assert Representative.objects.count() == 2


def test_who_is_logged_in_can_file_for_somebody_else(client: Client, person: User) -> None:
    client.force_login(person)
    page = client.get(f"{FORM}?for=other").content.decode()
    assert 'name="email"' in page
    assert client.post(f"{FORM}?for=other", filled("access")).status_code == 302
    assert SubjectRequest.objects.get().user is None


@pytest.mark.clause("Q4.6")
def test_a_visitor_names_the_receipt_number_of_her_cookie_choice(client: Client) -> None:
    receipt = str(uuid4())
    client.post(FORM, filled("access", numbers=f" {receipt} "))
    assert VisitorNumber.objects.get().numbers == receipt
    assert client.post(FORM, filled("access", numbers="' OR 1=1")).status_code == 400


def test_the_letter_speaks_the_language_of_the_form(client: Client) -> None:
    client.post(FORM, filled("access") | {"language": "en"})
    assert "We received your request" in open_letter(OutgoingMessage.objects.get()).text


def test_the_language_in_the_address_is_kept(client: Client) -> None:
    assert client.post(f"{FORM}?lang=ru", filled()).headers["Location"] == f"{SENT}?lang=ru"


def test_who_is_logged_in_files_several_rights_with_one_receipt(client: Client, person: User) -> None:
    log_in(client, person)
    prove_again(client)
    before = OutgoingMessage.objects.count()
    answer = client.post(FORM, {"right": ["erasure", "access", "restriction"]}, follow=True)
    cases = SubjectRequest.objects.order_by("number")
    assert [case.right for case in cases] == ["access", "erasure", "restriction"]
    assert len({case.intake_id for case in cases}) == len({case.received_at for case in cases}) == 1
    assert OutgoingMessage.objects.count() == before + 1
    page = answer.content.decode()
    assert all(case.number in page for case in cases)


def test_what_runs_already_is_named_and_the_rest_is_filed(client: Client, person: User) -> None:
    log_in(client, person)
    prove_again(client)
    client.post(FORM, {"right": "access"})
    client.post(FORM, {"right": ["access", "objection"]})
    assert sorted(SubjectRequest.objects.values_list("right", flat=True)) == ["access", "objection"]
    client.post(FORM, {"right": "access"})
    assert Intake.objects.count() == 2


@pytest.mark.parametrize("right", Right.values)
def test_every_right_can_be_asked_for_without_an_account(client: Client, right: str) -> None:
    assert client.post(FORM, filled(right)).status_code == 302
    assert SubjectRequest.objects.get().right == right
