"""Points in the copy, in the portable copy, after an erasure and at the end of their term (Art. 15, 17, 20)."""

import io
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.trail import Actor
from consent.services import give, withdraw
from datamap.catalogue import period
from datamap.registry import registry
from datamap.trace import subject_of_user
from dsar.access_copy import write_copy, write_portability
from loyalty.models import PointsEntry
from loyalty.services import credit
from loyalty.terms import Purchase
from retention.erasure import execute_erasure, plan_erasure
from retention.sweeps import sweep
from tests.consents import HOW
from tests.people import log_in

ORDER = "QL-2026-000777"

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def entry(person: User) -> PointsEntry:
    now = timezone.now()
    give(person.pk, "LOYALTY", **HOW, now=now)
    return credit(subject_of_user(person), Purchase(ORDER, Decimal("41.20"), now), now=now)


def erase(person: User, *, now: datetime) -> Any:
    subject = subject_of_user(person)
    plan = plan_erasure(subject, now=now, archive=False)
    line = next(line for line in plan.kept if line.table == "loyalty.PointsEntry")
    execute_erasure(
        case_number="QP-2026-POINTS",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    return line


@pytest.mark.clause("X10", "Q16.2")
def test_the_copy_and_the_portable_copy_hold_them(entry: PointsEntry, person: User) -> None:
    for write, name in ((write_copy, "data.json"), (write_portability, "portability.json")):
        sink = io.BytesIO()
        write(sink, subject_of_user(person), case=None, package=None, now=timezone.now())
        with zipfile.ZipFile(sink) as package:
            assert ORDER in package.read(name).decode(), name


@pytest.mark.clause("X10", "Q16.7")
def test_an_erasure_says_beforehand_what_of_them_stays_and_why(entry: PointsEntry, person: User) -> None:
    user_id = str(person.pk)
    with translation.override("en"):
        line = erase(person, now=timezone.now())
        assert "right from a contract" in str(line.reason)
        assert "Commercial Law" in line.act
    (left,) = PointsEntry.objects.all()
    assert left.pk == entry.pk
    assert user_id not in str(left.__dict__)


@pytest.mark.clause("X10", "Q10.3")
def test_they_end_with_their_term(entry: PointsEntry) -> None:
    end = period("LOYALTY_POINTS").ends_at(entry.at)
    assert end is not None
    rule = registry().holding(PointsEntry)
    sweep(rule, now=end - timedelta(seconds=1), apply=True)
    assert PointsEntry.objects.exists()
    sweep(rule, now=end, apply=True)
    assert not PointsEntry.objects.exists()


@pytest.mark.clause("Q4.5")
def test_her_page_says_what_she_has_and_whether_more_comes(entry: PointsEntry, person: User, client: Client) -> None:
    assert client.get(reverse("loyalty:page")).status_code == 302
    log_in(client, person)
    page = client.get(reverse("loyalty:page"), {"lang": "en"}).content.decode()
    assert "You have 41 points." in page
    assert ORDER in page
    withdraw(person.pk, "LOYALTY", **HOW, now=timezone.now())
    page = client.get(reverse("loyalty:page"), {"lang": "en"}).content.decode()
    assert "You do not take part" in page
    assert "You have 41 points." in page
    assert reverse("loyalty:page") in client.get(reverse("consent:consents")).content.decode()


def test_nobody_sees_the_points_of_somebody_else(entry: PointsEntry, other_person: User, client: Client) -> None:
    log_in(client, other_person)
    page = client.get(reverse("loyalty:page"), {"lang": "en"}).content.decode()
    assert ORDER not in page
    assert "You have 0 points." in page


@pytest.mark.requirement("G3")
def test_staff_see_points_but_neither_whose_nor_the_whole_order(
    entry: PointsEntry, officer: User, client: Client, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR_REQUIRED = False
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(officer, backend=settings.AUTHENTICATION_BACKENDS[0])
    listed = client.get(reverse("admin:loyalty_pointsentry_changelist"))
    opened = client.get(reverse("admin:loyalty_pointsentry_change", args=[entry.pk]))
    for page in (listed, opened):
        text = page.content.decode()
        assert "…0777" in text
        assert ORDER not in text
        assert entry.subject_token not in text
    assert client.post(reverse("admin:loyalty_pointsentry_delete", args=[entry.pk])).status_code == 403
