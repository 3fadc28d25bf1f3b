"""No page asks the database a dozen questions, whoever opens it, nor more where there is ten times as much."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from retention import restriction
from retention.standing import RestrictionGround
from tests.site.copies import tenfold

pytestmark = pytest.mark.django_db

MOST: Final = 11
ALLOWED: Final = {
    # Counts whom a campaign would reach, in the very parts in which a campaign goes through accounts and addresses.
    "/admin/newsletters/campaign/*/steps/start/": 17,
}
WHILE_RESTRICTED: Final = 4
"""So many more where somebody is restricted: who it is, her account, what else leads to her, and through which rows."""
OF_A_KIND: Final = 4
"""So many pages of each kind are opened: one case is no other, one order neither."""

HREF = re.compile(r'href="(/[^"#?]*)')


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_LISTINGS", "20")
    call_command("publish_texts")
    call_command("seed_demo")


def restrict(email: str) -> None:
    """From now on every list looks for what is hers, and leaves it out."""
    restriction.place(
        User.objects.get(email=email),
        ground=RestrictionGround.ACCURACY,
        case_number="QP-2026-000000-XX",
        reason="the address is wrong",
        by=User.objects.get(email="ieva@qlekta.example"),
        now=timezone.now(),
    )


def shape(address: str) -> str:
    return "/".join("*" if any(sign.isdigit() for sign in part) else part for part in address.split("/"))


def walk(client: Client, start: str) -> Iterator[tuple[str, int]]:
    """The pages that links lead to, some of each kind, and how many questions each asks when it is opened again."""
    waiting, seen, kinds = [start], set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = shape(address)
        if address in seen or kinds[kind] >= OF_A_KIND or "." in address.rpartition("/")[2]:
            continue
        seen.add(address)
        kinds[kind] += 1
        answer = client.get(address)
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            waiting += HREF.findall(answer.content.decode())
            yield address, asked(client, address)


def asked(client: Client, address: str, *, times: int = 1) -> int:
    """How many it asks, at best: what is published for all is read again now and then."""
    numbers = []
    for _time in range(times):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        numbers.append(len(queries))
    return min(numbers)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("email", "start", "fewest"),
    [
        pytest.param("", "/", 30, id="visitor"),
        pytest.param("demo01@example.lv", "/", 40, id="buyer"),
        pytest.param("peteris@qlekta.example", "/admin/", 200, id="staff"),
        pytest.param("laura@qlekta.example", "/admin/", 8, id="marketing"),
    ],
)
def test_no_page_asks_more_than_eleven_questions_nor_more_of_more_rows(email: str, start: str, fewest: int) -> None:
    client = Client()
    if email:
        client.force_login(User.objects.get(email=email))
    found = dict(walk(client, start))
    assert len(set(map(shape, found))) >= fewest
    over = {page for page, number in found.items() if number > ALLOWED.get(shape(page), MOST)}
    found |= {page: asked(client, page, times=2) for page in over}
    assert {page: number for page, number in found.items() if number > ALLOWED.get(shape(page), MOST)} == {}
    assert len(tenfold()) > 40
    found = {page: number for page, number in found.items() if shape(page) not in ALLOWED}
    assert {page: number for page, number in found.items() if asked(client, page, times=2) > number} == {}
    restrict("demo03@example.lv")
    grown = {page: asked(client, page, times=2) - number for page, number in found.items()}
    assert {page: more for page, more in grown.items() if more > WHILE_RESTRICTED} == {}
    restrict("demo04@example.lv")
    assert {page: more for page, more in grown.items() if asked(client, page, times=2) - found[page] > more} == {}
