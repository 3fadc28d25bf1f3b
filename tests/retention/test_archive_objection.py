"""Objection to the archive years later, without an account, by whoever reads the mail at the address (Q10.5)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from datamap.registry import registry
from datamap.trace import Subject
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from retention import attempts
from retention.models import ArchiveObjection, ArchiveRecord, AttemptCount, ErasureReceipt
from retention.objections import TooManyAttempts, ask_for_link, look, object_by_link
from retention.sweeps import sweep
from tests.letters import last_message
from tests.retention.conftest import NOW
from vault.keys import has_key
from vault.tokens import email_token, secret_digest

pytestmark = pytest.mark.django_db

LATER = datetime(2029, 7, 1, 9, tzinfo=UTC)
PAGE = reverse("privacy:archive-objection")
IP = "192.0.2.7"

Erase = Callable[..., ErasureReceipt]


def ask(address: str = "anna@example.lv", *, ip: str = IP, now: datetime = LATER) -> None:
    ask_for_link(address, language="en", ip=ip, now=now)


def mailed_secret(address: str = "anna@example.lv") -> str:
    letter = open_letter(last_message(to_address=address))
    found = re.search(r"/privacy/archive/([\w-]{43})/", letter.text)
    assert found
    return found[1]


@pytest.mark.clause("Q10.5", "Q10.4")
def test_three_years_later_the_mailed_link_destroys_record_and_key(anna: Subject, janis: Subject, erase: Erase) -> None:
    erase(anna)
    erase(janis, case="Q-2")
    (hers,) = ArchiveRecord.objects.filter(email_token=email_token("anna@example.lv"))
    ask(" Anna@Example.LV ")
    secret = mailed_secret()
    result = object_by_link(secret, ip=IP, now=LATER + timedelta(minutes=59))
    assert result is not None
    assert (result.destroyed, result.kept) == (1, 0)
    assert not has_key(hers.id)
    assert [record.pk for record in ArchiveRecord.objects.all()] != [hers.pk]
    assert ArchiveRecord.objects.count() == 1
    assert Entry.objects.get(action="archive.objection").details == {"destroyed": 1, "kept": 0}
    assert "destroyed" in open_letter(last_message()).text


@pytest.mark.clause("Q10.5")
def test_a_link_works_once_and_for_one_hour(anna: Subject, erase: Erase) -> None:
    erase(anna)
    ask()
    late = mailed_secret()
    assert look(late, now=LATER + timedelta(hours=1)) is None
    assert object_by_link(late, ip=IP, now=LATER + timedelta(hours=1)) is None
    assert ArchiveRecord.objects.count() == 1
    assert object_by_link(late, ip=IP, now=LATER) is not None
    assert object_by_link(late, ip=IP, now=LATER) is None
    assert not ArchiveObjection.objects.exists()


@pytest.mark.clause("Q10.5")
def test_the_secret_is_stored_as_its_digest_only(anna: Subject) -> None:
    ask()
    row = ArchiveObjection.objects.get()
    assert row.secret_digest == secret_digest(mailed_secret())
    assert mailed_secret() not in str(vars(row))


@pytest.mark.clause("Q10.5")
@pytest.mark.requirement("I4")
def test_nobody_learns_from_the_answer_whether_there_is_a_record(anna: Subject, erase: Erase, client: Client) -> None:
    erase(anna)
    OutgoingMessage.objects.all().delete()
    answers = [client.post(PAGE, {"email": email}, follow=True) for email in ("anna@example.lv", "nobody@example.lv")]
    known, unknown = [(page.redirect_chain, page.status_code, page.content) for page in answers]
    assert known == unknown
    letters = [open_letter(message) for message in OutgoingMessage.objects.order_by("to_address")]
    assert len({re.sub(r"/archive/[\w-]{43}/", "", letter.text) for letter in letters}) == 1


@pytest.mark.requirement("I4")
def test_known_and_unknown_addresses_cost_the_same_statements(
    anna: Subject, erase: Erase, client: Client, django_assert_num_queries: Callable[..., object]
) -> None:
    erase(anna)
    counts = []
    for email in ("anna@example.lv", "nobody@example.lv"):
        connection.queries_log.clear()
        connection.force_debug_cursor = True
        client.post(PAGE, {"email": email})
        counts.append([re.sub(r"'[^']*'", "?", query["sql"]) for query in connection.queries])
        connection.force_debug_cursor = False
    assert counts[0]
    assert len(counts[0]) == len(counts[1])
    assert not any("retention_archiverecord" in sql for sql in counts[0])


@pytest.mark.clause("Q10.5")
def test_opening_the_link_changes_nothing_and_the_button_does(anna: Subject, erase: Erase, client: Client) -> None:
    erase(anna)
    client.post(PAGE, {"email": "anna@example.lv"})
    link = reverse("privacy:archive-objection-confirm", args=[mailed_secret()])
    page = client.get(link)
    assert page.status_code == 200
    assert 'method="post"' in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    client.get(link)
    assert ArchiveRecord.objects.count() == 1
    assert client.post(link).status_code == 200
    assert not ArchiveRecord.objects.exists()
    assert client.get(link).status_code == client.post(link).status_code == 410


@pytest.mark.clause("Q10.5")
def test_an_address_without_a_record_is_told_so_behind_the_link(client: Client) -> None:
    client.post(PAGE, {"email": "nobody@example.lv"})
    page = client.get(reverse("privacy:archive-objection-confirm", args=[mailed_secret("nobody@example.lv")]))
    assert page.status_code == 200
    assert page.context["waiting"].records == []


@pytest.mark.parametrize("secret", ["x", "0" * 43, "-" * 43, "A" * 500])
def test_a_guessed_link_opens_nothing(client: Client, secret: str) -> None:
    assert client.get(reverse("privacy:archive-objection-confirm", args=[secret])).status_code == 410


@pytest.mark.requirement("I4")
def test_an_address_gets_ten_mails_a_day(client: Client) -> None:
    for number in range(12):
        ask(ip=f"198.51.{number}.1")
    assert OutgoingMessage.objects.count() == 10
    ask(ip="198.51.99.1", now=LATER + timedelta(days=1))
    assert OutgoingMessage.objects.count() == 11


@pytest.mark.requirement("I4")
def test_a_network_has_thirty_attempts_an_hour_wrong_links_included(client: Client) -> None:
    for number in range(29):
        ask(f"{number}@example.lv", ip=f"192.0.2.{number}")
    assert object_by_link("wrong", ip="192.0.2.200", now=LATER) is None
    with pytest.raises(TooManyAttempts):
        ask("one.more@example.lv", ip="192.0.2.201")
    with pytest.raises(TooManyAttempts):
        object_by_link("wrong", ip="192.0.2.202", now=LATER)
    ask("elsewhere@example.lv", ip="203.0.113.1")
    ask("later@example.lv", now=LATER + timedelta(hours=1))
    assert OutgoingMessage.objects.count() == 31


def test_who_asks_too_often_gets_the_page_that_says_so(client: Client) -> None:
    for number in range(30):
        assert client.post(PAGE, {"email": f"{number}@example.lv"}).status_code == 302
    assert client.post(PAGE, {"email": "x@example.lv"}).status_code == 429


@pytest.mark.django_db(transaction=True)
@pytest.mark.requirement("I4")
def test_of_forty_at_once_exactly_thirty_are_let_through() -> None:
    limit = attempts.Limit(30, timedelta(hours=1))

    def attempt(_number: int) -> bool:
        try:
            return attempts.take("key", limit, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(attempt, range(40))) == 30


def test_the_counters_hold_neither_address_nor_ip(client: Client) -> None:
    ask()
    stored = str(list(AttemptCount.objects.values()))
    assert AttemptCount.objects.count() == 2
    assert "anna" not in stored
    assert "192.0" not in stored


@pytest.mark.parametrize("ip", ["", "::1", "2001:db8::7", "not an address"])
def test_any_address_of_a_caller_can_be_counted(ip: str) -> None:
    assert len(attempts.network_key(ip)) == 43


@pytest.mark.parametrize(("one", "other"), [("192.0.2.1", "192.0.2.250"), ("2001:db8:1::1", "2001:db8:1:ffff::2")])
def test_addresses_of_one_network_are_one_caller(one: str, other: str) -> None:
    assert attempts.network_key(one) == attempts.network_key(other)


@pytest.mark.parametrize("email", ["", "anna", "anna@", "a@b", f"{'a' * 300}@example.lv"])
def test_what_is_no_address_is_said_to_be_none(client: Client, email: str) -> None:
    assert client.post(PAGE, {"email": email}).status_code == 400
    assert not ArchiveObjection.objects.exists()


@pytest.mark.clause("Q5.10")
@pytest.mark.parametrize(
    ("model", "after"), [(ArchiveObjection, timedelta(hours=1)), (AttemptCount, timedelta(days=1))]
)
def test_links_and_counts_go_by_themselves(model: Any, after: timedelta) -> None:
    ask()
    holding = registry().holding(model)
    assert sweep(holding, now=LATER + after - timedelta(microseconds=1), apply=True).failed == 0
    assert model.objects.exists()
    sweep(holding, now=LATER + after, apply=True)
    assert not model.objects.exists()


@pytest.mark.clause("Q10.5")
def test_the_letters_leave_no_row_behind_their_delivery(person: User) -> None:
    ask()
    assert OutgoingMessage.objects.get().forget_after_delivery
