"""No page asks the database more than a dozen questions; the few that do may ask no more than now."""

import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User

pytestmark = pytest.mark.django_db

MOST = 12
ALLOWED = {
    # Each purpose for which a contact is shown is asked for at the gate.
    "/listings/*/": 17,
}
HREF = re.compile(r'href="(/[^"#?]*)')


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_LISTINGS", "20")
    call_command("publish_texts")
    call_command("seed_demo")


def shape(address: str) -> str:
    return "/".join("*" if any(sign.isdigit() for sign in part) else part for part in address.split("/"))


def questions(client: Client) -> Iterator[tuple[str, int]]:
    """Each kind of page that links lead to, and how many questions it asks when it is opened a second time."""
    waiting, seen = ["/"], set[str]()
    while waiting:
        address = waiting.pop(0)
        if shape(address) in seen or address.startswith("/admin") or "." in address.rpartition("/")[2]:
            continue
        seen.add(shape(address))
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        if answer.status_code == 200 and "html" in answer.headers["Content-Type"]:
            yield shape(address), len(asked)
            waiting += HREF.findall(answer.content.decode())


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("email", "fewest"), [("", 25), ("demo01@example.lv", 40)], ids=["visitor", "buyer"])
def test_no_page_asks_more_than_a_dozen_questions(email: str, fewest: int) -> None:
    client = Client()
    if email:
        client.force_login(User.objects.get(email=email))
    found = dict(questions(client))
    assert len(found) >= fewest
    assert {page: asked for page, asked in found.items() if asked > ALLOWED.get(page, MOST)} == {}
