"""A lawyer names the rows of a hold by number, or by whose they are and their days; no code is asked of her (Q5.19)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import LoginEvent, User
from datamap.registry import registry
from retention.hold_form import query_of
from retention.holds import HoldRefused
from retention.models import LegalHold
from retention.standing import HoldGround
from tests.people import prove_again

PLACE = reverse("admin:retention_legalhold_place")
LOG_INS = "accounts.LoginEvent"

pytestmark = pytest.mark.clause("Q5.19")


@pytest.fixture
def lawyer(client: Client, officer: User) -> Client:
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    prove_again(client)
    return client


def said(**rows: str) -> dict[str, str]:
    return {
        "table": LOG_INS,
        "case_number": "C-9",
        "ground": HoldGround.COMPLAINT,
        "act": "GDPR Art. 17(3)(e)",
        "review_on": (timezone.now() + timedelta(weeks=4)).date().isoformat(),
        "reason": "complaint",
    } | rows


def log_in(user: User, *, days_ago: int) -> LoginEvent:
    return LoginEvent.objects.create(user=user, at=timezone.now() - timedelta(hours=24 * days_ago), kind="login")


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 400
    return dict(answer.context["form"].errors)


def test_rows_are_named_by_their_numbers_in_any_spelling(lawyer: Client, person: User) -> None:
    rows = [log_in(person, days_ago=day) for day in range(3)]
    assert lawyer.post(PLACE, said(numbers=f" {rows[0].pk},{rows[1].pk};\n")).status_code == 302
    hold = LegalHold.objects.get()
    assert hold.query == {"pk__in": [rows[0].pk, rows[1].pk]}
    page = lawyer.get(reverse("admin:retention_legalhold_change", args=[hold.pk]) + "?lang=en").content.decode()
    assert f"Numbers of the rows: {rows[0].pk}, {rows[1].pk}" in page
    assert "pk__in" not in page


def test_rows_of_one_person_are_named_by_her_address_and_the_days(lawyer: Client, person: User) -> None:
    log_in(person, days_ago=1)
    old = log_in(person, days_ago=9)
    day = timezone.localdate(old.at)
    assert lawyer.post(PLACE, said(person=person.email.upper(), since=str(day), until=str(day))).status_code == 302
    hold = LegalHold.objects.get()
    assert list(LoginEvent.objects.filter(**hold.query)) == [old]
    page = lawyer.get(reverse("admin:retention_legalhold_change", args=[hold.pk])).content.decode()
    assert str(person.pk) in page
    assert not any(code in page for code in ("__gte", "{&quot;", "&#x27;"))


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ({}, "numbers"),
        ({"numbers": "x"}, "numbers"),
        ({"numbers": "9" * 19 + ", 1"}, "numbers"),
        ({"numbers": "9" * 5000}, "numbers"),
        ({"person": "nobody@example.lv", "until": "2026-11-01"}, "person"),
        ({"person": "HERS"}, "__all__"),
        ({"person": "HERS", "since": "2026-11-01"}, "__all__"),
        ({"person": "HERS", "until": "2099-01-01"}, "__all__"),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "until"),
        ({"table": "retention.ErasureRun", "numbers": "1"}, "table"),
    ],
)
def test_what_names_nothing_or_everything_is_refused_at_its_field(
    lawyer: Client, person: User, rows: dict[str, str], field: str
) -> None:
    log_in(person, days_ago=1)
    hers = {name: person.email if value == "HERS" else value for name, value in rows.items()}
    assert list(errors(lawyer.post(PLACE, said(**hers)))) == [field]
    assert not LegalHold.objects.exists()


def test_days_are_days_in_riga_and_both_ends_are_taken(person: User) -> None:
    day = datetime(2026, 7, 1, tzinfo=UTC).date()
    query = query_of(registry().holding(LOG_INS), numbers="", person="", since=day, until=day)
    begin, end = (datetime.fromisoformat(query[f"at__{name}"]).astimezone(UTC) for name in ("gte", "lte"))
    assert begin == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert datetime(2026, 7, 1, 20, 59, tzinfo=UTC) < end < datetime(2026, 7, 1, 21, tzinfo=UTC)


def test_a_table_without_a_way_in_plain_text_is_named_by_numbers(person: User) -> None:
    holding = registry().holding("mailing.Suppression")
    with pytest.raises(HoldRefused) as refused:
        query_of(holding, numbers="", person=person.email, since=None, until=None)
    assert refused.value.field == "person"


def test_the_form_offers_only_what_can_be_held(lawyer: Client) -> None:
    tables = {code for code, _label in lawyer.get(PLACE).context["form"].fields["table"].choices}
    assert LOG_INS in tables
    assert not {"accounts.User", "retention.ErasureRun", "retention.LegalHold"} & tables
