"""Every legitimate interest has its balancing test, in versions, looked at again by a day (Q7.14)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from datamap.catalogue import catalogue
from datamap.declarations import Contract, Recipient
from datamap.terms import RecipientRole, Safeguard
from registers import balancing, checks
from registers.alarms import alarms
from registers.balancing import balanced_purposes, keep_tests, review, reviews_due
from registers.models import BalancingVersion
from registers.refusals import RegisterRefused
from tests.registers.conftest import NOW, desk

pytestmark = pytest.mark.django_db
LATER = date(2028, 1, 31)


@pytest.mark.clause("Q7.14")
@pytest.mark.clause("Q5.18")
def test_a_legitimate_interest_without_a_test_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_catalogue() == []
    bare = replace(catalogue().purposes["CLAIMS"], balancing=None)
    facts = replace(catalogue(), purposes={**catalogue().purposes, "CLAIMS": bare})
    monkeypatch.setattr(checks, "catalogue", lambda: facts)
    assert [str(item.id) for item in checks.check_catalogue()] == ["registers.E001"]


def test_a_processor_without_contract_and_a_transfer_without_safeguard_fail_the_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare = Recipient(
        code="X", name="X", role=RecipientRole.PROCESSOR, service="x", country="US", safeguard=Safeguard.NONE_NEEDED
    )
    monkeypatch.setattr(checks, "catalogue", lambda: replace(catalogue(), recipients={"X": bare}))
    assert [str(item.id) for item in checks.check_catalogue()] == ["registers.E002", "registers.E003"]
    assert Contract.__dataclass_fields__["review_on"].type is date


def test_each_wording_is_kept_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        {row.purpose for row in keep_tests(now=NOW)} == set(balanced_purposes()) >= {"CLAIMS", "STABILITY", "SECURITY"}
    )
    assert keep_tests(now=NOW) == []
    test = balanced_purposes()["CLAIMS"]
    claims = replace(catalogue().purposes["CLAIMS"], balancing=replace(test, balance="Weighed anew."))
    facts = replace(catalogue(), purposes={**catalogue().purposes, "CLAIMS": claims})
    monkeypatch.setattr(balancing, "catalogue", lambda: facts)
    (row,) = keep_tests(now=NOW)
    assert row.document["en"]["balance"] == "Weighed anew."
    assert BalancingVersion.objects.filter(purpose="CLAIMS").count() == 2


def test_a_review_moves_the_next_look_and_silences_the_alarm(first: User) -> None:
    late = NOW + timedelta(days=300)
    codes = {alarm.code.rpartition(":")[0] for alarm in alarms(now=late)}
    assert {f"balancing:{code}" for code in balanced_purposes()} <= codes
    for code in balanced_purposes():
        review(code, conclusion="Nothing has changed.", review_on=LATER, by=first, now=late)
    assert reviews_due()["CLAIMS"] == LATER
    assert [alarm for alarm in alarms(now=late) if alarm.code.startswith("balancing")] == []
    assert Entry.objects.filter(action="balancing.reviewed").count() == len(balanced_purposes())


@pytest.mark.parametrize(
    ("purpose", "conclusion", "day"),
    [("SERVICE", "fine", LATER), ("CLAIMS", " ", LATER), ("CLAIMS", "fine", NOW.date())],
)
def test_a_review_with_a_hole_is_refused(first: User, purpose: str, conclusion: str, day: date) -> None:
    with pytest.raises(RegisterRefused):
        review(purpose, conclusion=conclusion, review_on=day, by=first, now=NOW)
    assert not BalancingVersion.objects.exists()


def test_staff_read_the_tests_and_review_one(first: User) -> None:
    browser = desk(first)
    name = "admin:registers_balancingversion"
    page = browser.get(reverse(f"{name}_changelist")).content.decode()
    assert str(balanced_purposes()["CLAIMS"].necessity) in page
    address = reverse(f"{name}_review", args=["CLAIMS"])
    assert browser.post(address, {"conclusion": "Holds.", "review_on": "2020-01-01"}).status_code == 400
    assert browser.post(address, {"conclusion": "Holds.", "review_on": "2099-01-01"}).status_code == 302
    row = BalancingVersion.objects.filter(purpose="CLAIMS").first()
    assert row is not None
    assert "Without the name and address" in browser.get(reverse(f"{name}_change", args=[row.pk])).content.decode()
