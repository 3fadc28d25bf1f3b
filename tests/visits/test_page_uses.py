"""What a browser reports: only with consent, only what is listed, gone with the withdrawal (Q5.17, Q5.20; X12)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import User
from cookies.cookies import CONSENT_COOKIE
from datamap.registry import registry
from datamap.trace import Subject, rows_about
from tests.people import log_in
from visits import buffer
from visits.allowance import ALLOWANCE
from visits.buffer import BUFFER, Buffer, flush_now
from visits.figures import page_figures
from visits.middleware import REPORTS
from visits.models import PageUse, Visit
from visits.purging import purge_uses
from visits.reports import Reported
from visits.uses import Use

USE: dict[str, Any] = {
    "path": "/privacy/policy/",
    "time_zone": "Europe/Riga",
    "seconds": 42,
    "scroll": 80,
    "clicks": 3,
    "elements": ["policy", "anna@example.lv"],
    "exit": "link",
    "pdf_viewer": True,
}

pytestmark = [pytest.mark.clause("Q5.17"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def collecting(settings: Settings) -> None:
    settings.VISITS_BROWSER_SIDE = True
    ALLOWANCE.__init__()  # type: ignore[misc]


@pytest.fixture
def visitor(published_texts: None) -> Client:
    return Client(headers={"sec-fetch-site": "same-origin", "user-agent": "Firefox/140.0 (X11; Linux x86_64)"})


def choose(client: Client, choice: str) -> UUID | None:
    client.post("/cookies/choice/", {"choice": choice, "next": "/"})
    receipt = client.cookies[CONSENT_COOKIE].value.rpartition(".")[2]
    return UUID(hex=receipt) if len(receipt) == 32 else None


def report(client: Client, *uses: dict[str, Any], **headers: str) -> int:
    body = json.dumps(uses or [USE])
    return client.post(REPORTS, body, content_type="application/json", headers=headers).status_code


def stored() -> list[PageUse]:
    flush_now(now=timezone.now())
    return list(PageUse.objects.order_by("id"))


def purged() -> None:
    purge_uses(registry().holding(PageUse), now=timezone.now())


@pytest.mark.clause("X12", "Q5.14")
def test_with_consent_a_report_becomes_a_row_and_nothing_more(visitor: Client) -> None:
    choose(visitor, "accept")
    assert report(visitor) == 204
    (row,) = stored()
    assert (row.path, row.time_zone, row.seconds, row.scroll, row.clicks) == (
        "/privacy/policy/",
        "Europe/Riga",
        42,
        80,
        3,
    )
    assert (row.elements, row.exit, row.pdf_viewer, row.user_id) == ("policy", "link", True, None)
    listed = {"path", "time_zone", "seconds", "scroll", "clicks", "elements", "exit", "pdf_viewer"}
    assert {field.name for field in PageUse._meta.concrete_fields} == {"id", "at", "user_id", "receipt_token", *listed}
    assert not Visit.objects.filter(path=REPORTS).exists()


@pytest.mark.clause("Q7.12", "X12")
@pytest.mark.parametrize("choice", ["", "reject"])
def test_without_consent_nothing_is_kept_whoever_posts(visitor: Client, choice: str) -> None:
    if choice:
        choose(visitor, choice)
    assert report(visitor) == 204
    assert report(visitor, {"not": "even read"}) == 204
    assert stored() == []
    assert b"page-use.js" not in visitor.get("/").content
    choose(visitor, "accept")
    assert report(visitor) == 204
    assert len(stored()) == 1
    assert b"page-use.js" in visitor.get("/").content


def test_no_page_brings_the_script_where_the_site_does_not_collect(visitor: Client, settings: Settings) -> None:
    choose(visitor, "accept")
    settings.VISITS_BROWSER_SIDE = False
    assert b"page-use.js" not in visitor.get("/").content
    assert report(visitor) == 204
    assert stored() == []


@pytest.mark.clause("Q11.8")
def test_a_withdrawal_ends_it_at_once_also_for_what_is_on_its_way_and_what_lies_there(visitor: Client) -> None:
    choose(visitor, "accept")
    kept_cookie = visitor.cookies[CONSENT_COOKIE].value
    report(visitor)
    assert len(stored()) == 1
    report(visitor)
    choose(visitor, "reject")
    assert report(visitor) == 204
    visitor.cookies[CONSENT_COOKIE] = kept_cookie
    assert report(visitor) == 204
    assert len(stored()) == 1, "neither what waited nor what an old cookie claims"
    purged()
    assert stored() == []


def test_what_a_new_consent_allows_stays_when_the_purge_looks_at_the_old_withdrawal(visitor: Client) -> None:
    first = choose(visitor, "accept")
    kept_cookie = visitor.cookies[CONSENT_COOKIE].value
    report(visitor)
    assert len(stored()) == 1
    choose(visitor, "reject")
    visitor.cookies[CONSENT_COOKIE] = kept_cookie
    assert choose(visitor, "accept") == first
    report(visitor)
    assert len(stored()) == 2
    purged()
    assert len(stored()) == 1


def test_a_receipt_that_nobody_was_given_opens_nothing(visitor: Client) -> None:
    choose(visitor, "accept")
    visitor.cookies[CONSENT_COOKIE] = visitor.cookies[CONSENT_COOKIE].value.rpartition(".")[0] + f".{uuid4().hex}"
    assert report(visitor) == 204
    assert stored() == []


@pytest.mark.clause("Q5.20")
def test_an_answer_and_an_erasure_reach_it_by_account_and_by_receipt(visitor: Client, person: User) -> None:
    receipt = choose(visitor, "accept")
    report(visitor)
    log_in(visitor, person)
    report(visitor)
    assert [row.user_id for row in stored()] == [None, person.pk]
    holding = registry().holding(PageUse)
    assert rows_about(holding, Subject(visitors=frozenset({str(receipt)}))).count() == 2
    assert rows_about(holding, Subject(user_id=person.pk)).count() == 1
    assert not rows_about(holding, Subject(user_id=uuid4(), visitors=frozenset({str(uuid4())}))).exists()


def test_who_objected_to_the_log_is_left_out_here_too(
    visitor: Client, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(visitor, "accept")
    log_in(visitor, person)
    report(visitor)
    assert len(stored()) == 1
    monkeypatch.setattr("visits.objections.objectors_to", lambda _purpose: {person.pk})
    report(visitor)
    assert len(stored()) == 1


@pytest.mark.requirement("H4")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_no_other_site_can_report(visitor: Client, site: str) -> None:
    choose(visitor, "accept")
    assert report(visitor, **{"sec-fetch-site": site}) == 403
    assert report(visitor) == 204
    assert len(stored()) == 1


BAD = [
    b"\xff\xfe",
    b"{}",
    b"[]",
    b"[1]",
    b"[" * 4000,
    json.dumps([USE] * 21).encode(),
    json.dumps([{**USE, "text": "what she typed"}]).encode(),
    json.dumps([{name: USE[name] for name in USE if name != "exit"}]).encode(),
    *(
        json.dumps([{**USE, name: value}]).encode()
        for name, value in [
            ("seconds", "42"),
            ("seconds", -1),
            ("seconds", 4.2),
            ("seconds", True),
            ("seconds", 10**30),
            ("seconds", float("nan")),
            ("scroll", 101),
            ("clicks", None),
            ("elements", "policy"),
            ("elements", [["policy"]]),
            ("elements", ["policy"] * 21),
            ("exit", "explosion"),
            ("pdf_viewer", "yes"),
            ("path", 7),
            ("path", "/" * 3000),
            ("time_zone", ["Europe/Riga"]),
        ]
    ),
]


@pytest.mark.requirement("H5")
@pytest.mark.parametrize("body", BAD, ids=lambda body: body[:60].decode(errors="replace"))
def test_what_our_script_cannot_have_sent_is_refused_whole(visitor: Client, body: bytes) -> None:
    choose(visitor, "accept")
    assert visitor.post(REPORTS, body, content_type="application/json").status_code == 400
    assert stored() == []


@pytest.mark.requirement("H5")
def test_a_megabyte_is_not_even_read(visitor: Client) -> None:
    choose(visitor, "accept")
    giant = json.dumps([{**USE, "path": "x" * 2**20}])
    assert visitor.post(REPORTS, giant, content_type="application/json").status_code == 413
    assert visitor.post(REPORTS, {"path": "/"}).status_code == 415
    assert visitor.post(REPORTS, "[]", content_type="application/json", CONTENT_LENGTH="many").status_code == 413
    assert visitor.get(REPORTS).status_code == 405
    assert stored() == []


@pytest.mark.requirement("O6")
@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/privacy/receipts/Ab1c2/", "/privacy/receipts/[secret]/"),
        ("/accounts/confirm-email/MQ:1tVxyz:Qm9va2x5bi1icmlkZ2Ut/", "/accounts/confirm-email/[secret]/"),
        ("/privacy/?email=anna@example.lv", None),
        ("/admin/accounts/user/", None),
        ("/nowhere/anna@example.lv/", None),
        ("\ud800", None),
        ("%ff%fe", None),
    ],
)
def test_a_path_holds_no_secret_and_no_page_of_the_staff(visitor: Client, path: str, kept: str | None) -> None:
    choose(visitor, "accept")
    assert report(visitor, {**USE, "path": path}, USE) == 204
    assert [row.path for row in stored()] == [*([kept] if kept else []), "/privacy/policy/"]


def test_an_unknown_time_zone_is_none(visitor: Client) -> None:
    choose(visitor, "accept")
    report(visitor, {**USE, "time_zone": "Anna/Berzina"}, {**USE, "time_zone": "../../etc/passwd"}, USE)
    assert [row.time_zone for row in stored()] == ["", "", "Europe/Riga"]


def test_programs_agree_to_nothing(visitor: Client) -> None:
    choose(visitor, "accept")
    assert report(visitor, **{"user-agent": "Googlebot/2.1"}) == 204
    assert report(visitor, **{"user-agent": "\x00\xff" * 32768}) == 204
    assert [row.path for row in stored()] == ["/privacy/policy/"]


@pytest.mark.requirement("H5")
def test_a_thousand_from_one_address_cost_no_query_and_are_counted(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    choose(visitor, "accept")
    with django_assert_num_queries(0):
        statuses = [report(visitor) for _ in range(1000)]
    assert (statuses.count(204), statuses.count(429)) == (60, 940)
    assert (BUFFER.counts.uses, ALLOWANCE.refused) == (60, 940)
    answer = visitor.post(REPORTS, json.dumps([USE]), content_type="application/json")
    assert (answer.content, answer.headers["Retry-After"]) == (b"", "60")
    another = visitor.post(REPORTS, json.dumps([USE]), content_type="application/json", REMOTE_ADDR="203.0.113.9")
    assert another.status_code == 204


def use(number: int) -> Use:
    said = Reported(**{**USE, "elements": "", "path": f"/{number}/"})
    return Use(timezone.now(), None, UUID(int=7), said)


def test_the_queue_has_an_end_and_does_not_push_visits_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffer, "USES_LENGTH", 5)
    queue = Buffer()
    queue.record_uses(use(number) for number in range(8))
    counts = queue.counts
    assert (counts.uses, counts.uses_dropped, counts.dropped) == (5, 3, 0)


def test_while_nobody_can_say_whether_the_consent_holds_reports_wait_in_memory_alone(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(visitor, "accept")
    report(visitor, USE, {**USE, "seconds": 43})

    def away(*_: Any, **__: Any) -> int:
        raise OperationalError("away")

    whole: Callable[..., int] = buffer.store_uses
    monkeypatch.setattr(buffer, "store_uses", away)
    assert stored() == []
    assert BUFFER.counts.uses == 2
    monkeypatch.setattr(buffer, "store_uses", whole)
    assert [row.seconds for row in stored()] == [42, 43]


@pytest.mark.clause("Q7.12", "Q10.8")
def test_staff_learn_of_a_page_what_ten_who_agreed_did_there_and_of_nobody_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("visits.uses.may_process", lambda *_args, **_options: True)
    now = timezone.now()
    few = [Use(now, None, UUID(int=n), Reported(**{**USE, "elements": "", "path": "/few/"})) for n in range(9)]
    many = [Use(now, None, UUID(int=n), Reported(**{**USE, "elements": "", "seconds": n})) for n in range(10)]
    BUFFER.record_uses([*few, *few, *many])
    assert len(stored()) == 28
    (page,) = page_figures(now=now)
    assert (page["path"], page["visitors"], page["seconds"]) == ("/privacy/policy/", 10, 4.5)


@pytest.mark.clause("Q5.10", "Q5.20")
def test_it_has_the_term_of_the_visit_log(visitor: Client) -> None:
    choose(visitor, "accept")
    report(visitor)
    (row,) = stored()
    holding = registry().holding(PageUse)
    assert purge_uses(holding, now=row.at + timedelta(weeks=20) - timedelta(seconds=1)).deleted == 0
    dry = purge_uses(holding, now=row.at + timedelta(weeks=20), apply=False)
    assert (dry.due, dry.deleted, PageUse.objects.count()) == (1, 0, 1)
    assert purge_uses(holding, now=row.at + timedelta(weeks=20)).deleted == 1
