"""Staff read visits for a named purpose, see counts as pictures, and find what a complaint must hold (Q7.11, Q5.19)."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from audit.models import Entry
from consent.cookie_choices import CookieAnswer, record_cookie_choice
from consent.models import RefusalCount
from datamap.registry import registry
from retention import holds
from retention.standing import LegalHold
from tests.people import log_in, prove_again
from tests.visits.conftest import plant
from tests.visits.test_statistics import visit
from visits import figures
from visits.models import DailyStatistic, Visit
from visits.purging import purge
from visits.purposeful import HOLDS_FOR
from visits.statistics import count_days
from visits.terms import ReadingPurpose

LIST, INCIDENT = "/admin/visits/visit/", "/admin/visits/visit/incident/"
PLOTS = "/admin/visits/dailystatistic/plots/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, officer: User) -> Client:
    officer.is_superuser = True
    officer.save(update_fields=["is_superuser"])
    log_in(client, officer)
    return client


@pytest.mark.clause("Q7.11")
def test_nobody_sees_a_visit_before_naming_a_purpose(staff: Client, person: User) -> None:
    plant(timezone.now() - timedelta(hours=1), user_id=person.pk)
    row = Visit.objects.get()
    for page in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/history/"):
        shown = staff.get(page).content.decode()
        assert 'name="reading_purpose"' in shown
        assert "203.0.113.7" not in shown
        assert str(person.pk) not in shown
    assert set(re.findall('value="([a-z_]+)"', staff.get(LIST).content.decode())) >= set(ReadingPurpose.values)
    revealed = staff.post(f"{LIST}{row.pk}/reveal/", {"reason": "to_answer"}).content.decode()
    assert 'name="reading_purpose"' in revealed
    assert "203.0.113.7" not in revealed
    assert staff.post(LIST, {"reading_purpose": "security"}).status_code == 302
    assert staff.get(LIST).context["cl"].result_count == 1
    assert str(person.pk) in staff.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "203.0.113.7" in staff.post(f"{LIST}{row.pk}/reveal/", {"reason": "to_answer"}).content.decode()
    reasons = Entry.objects.filter(action__in=["listed", "viewed"]).values_list("reason", flat=True)
    assert set(reasons) == {"security (policy 7.3)"}
    assert Entry.objects.get(action="visits.read").details == {"purpose": "security"}


@pytest.mark.clause("Q7.11")
def test_a_purpose_of_nobodys_list_opens_nothing_and_is_on_record(staff: Client) -> None:
    plant(timezone.now() - timedelta(hours=1))
    answer = staff.post(LIST, {"reading_purpose": "marketing"})
    assert answer.status_code == 400
    assert "203.0.113.7" not in answer.content.decode()
    assert Entry.objects.filter(action="visits.reading_refused").exists()
    assert b"reading_purpose" in staff.get(LIST).content


@pytest.mark.clause("Q7.11")
def test_the_purpose_is_asked_for_again_after_half_an_hour(staff: Client, time_machine: Any) -> None:
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    staff.post(LIST, {"reading_purpose": "statistics"})
    time_machine.move_to(now + HOLDS_FOR - timedelta(seconds=1), tick=False)
    assert b"reading_purpose" not in staff.get(LIST).content
    time_machine.move_to(now + HOLDS_FOR, tick=False)
    assert b"reading_purpose" in staff.get(LIST).content


@pytest.mark.clause("Q7.11")
def test_who_may_not_read_is_not_even_asked(client: Client, officer: User) -> None:
    log_in(client, officer)
    for page in (LIST, INCIDENT, PLOTS):
        assert client.get(page).status_code == 403


@pytest.mark.clause("Q7.11", "Q10.8")
def test_counts_are_drawn_on_the_server_each_with_its_table(staff: Client) -> None:
    visit(range(20))
    visit(range(20, 40), times=2, path="/nowhere/")
    Visit.objects.filter(path="/nowhere/").update(status=404, response_ms=2500)
    visit(range(40, 49))
    Visit.objects.filter(visitor_key__in=[f"visitor-{number}" for number in range(40, 49)]).update(status=500)
    day = Visit.objects.latest("at").at
    count_days(now=day + timedelta(hours=14))
    DailyStatistic.objects.update(day=timezone.now().date() - timedelta(hours=24))
    shown = staff.get(PLOTS)
    drawn = {
        str(item.figure.title): [value for _label, values in item.rows for value in values if value]
        for item in shown.context["plots"]
    }
    # Nine of a kind are hidden, and with them the smallest kind that would give them away.
    assert list(drawn.values()) == [[69], [], [40], []]
    page = shown.content.decode()
    assert page.count("<svg") >= 2
    assert page.count("<table>") >= 3
    assert "visitor-" not in page
    assert Entry.objects.get(action="visits.read").details == {"purpose": "statistics"}


@pytest.mark.clause("Q11.16", "Q10.8")
@pytest.mark.usefixtures("published_texts")
def test_the_share_of_those_who_agreed_is_shown_from_ten_and_ten_on() -> None:
    now = timezone.now()
    for number in range(10):
        both = [CookieAnswer("COOKIE_ANALYTICS", "page-use", True), CookieAnswer("COOKIE_FUNCTIONAL", "language", True)]
        record_cookie_choice(both, receipt=None, language="lv", method="cookie_banner", notice="aaaaaaaa", now=now)
        assert number == 9 or figures.consent_rates() == [("aaaaaaaa", None)]
    refusal = {"day": now.date(), "language": "lv", "method": "cookie_banner"}
    counted = RefusalCount.objects.create(notice="aaaaaaaa", count=9, **refusal)
    assert figures.consent_rates() == [("aaaaaaaa", None)]
    RefusalCount.objects.filter(pk=counted.pk).update(count=30)
    RefusalCount.objects.create(notice="bbbbbbbb", count=50, **refusal)
    assert figures.consent_rates() == [("aaaaaaaa", 25.0), ("bbbbbbbb", None)]


@pytest.mark.clause("Q5.19", "X41")
def test_the_visits_of_an_incident_are_found_held_and_let_go_by_two(
    staff: Client, officer: User, other_person: User
) -> None:
    begun = timezone.now().replace(microsecond=0) - timedelta(hours=3)
    account = uuid4()
    plant(begun, count=2, user_id=account)
    plant(begun + timedelta(minutes=90))
    Visit.objects.filter(at__gt=begun + timedelta(minutes=90)).update(ip="198.51.100.9")
    asked = {"since": local(begun - timedelta(minutes=5)), "until": local(begun + timedelta(minutes=5))}
    assert staff.post(INCIDENT, asked).status_code == 400
    found = staff.post(INCIDENT, {**asked, "ip": "203.0.113.7"})
    rows = found.context["found"].rows
    assert [row.user_id for row in rows] == [account, account]
    assert Entry.objects.get(action="visits.read").details == {"purpose": "security"}
    link = reverse("admin:retention_legalhold_place") + "?" + found.context["found"].hold
    assert escape(link) in found.content.decode()
    assert "203.0.113.7</td>" not in found.content.decode()

    prove_again(staff)
    form = staff.get(link).context["form"]
    assert form["table"].initial == "visits.Visit"
    numbers = form["numbers"].initial
    assert numbers == ",".join(str(row.pk) for row in rows)
    assert set(parse_qs(urlsplit(link).query)) == {"table", "numbers"}
    until = timezone.now() + timedelta(hours=24 * 30)
    said = {"table": "visits.Visit", "numbers": numbers, "case_number": "K-2026-7", "ground": "claim"}
    said |= {"act": "Art. 17(3)(e)", "review_on": str(until.date()), "reason": "complaint about illegal use"}
    said["ground"] = form.fields["ground"].choices[0][0]
    assert staff.post(link, said).status_code == 302
    hold = LegalHold.objects.get()

    late = begun + timedelta(weeks=21)
    purge(registry().holding(Visit), now=late)
    assert set(Visit.objects.values_list("pk", flat=True)) == {row.pk for row in rows}
    holds.propose_release(hold.pk, by=officer, reason="settled", now=timezone.now())
    with pytest.raises(holds.HoldRefused):
        holds.release(hold.pk, by=officer, reason="settled", now=timezone.now())
    holds.release(hold.pk, by=other_person, reason="settled", now=timezone.now())
    purge(registry().holding(Visit), now=late)
    assert not Visit.objects.exists()


@pytest.mark.clause("Q5.19")
def test_more_than_a_hold_takes_must_be_narrowed(staff: Client) -> None:
    begun = timezone.now().replace(microsecond=0) - timedelta(hours=3)
    plant(begun, count=201, user_id=UUID(int=5))
    asked = {"since": local(begun), "until": local(begun + timedelta(minutes=5)), "path": "/"}
    found = staff.post(INCIDENT, asked)
    assert found.context["found"].is_too_much
    assert "Narrow the time" in staff.post(f"{INCIDENT}?lang=en", asked).content.decode()
    assert "legalhold/place" not in found.content.decode()


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "query",
    ["table=visits.Visit", "numbers=%7B", "table=accounts.User", "numbers=" + "1" * 3000],
)
def test_what_is_proposed_for_a_hold_is_only_a_beginning(staff: Client, query: str) -> None:
    prove_again(staff)
    assert staff.get(f"/admin/retention/legalhold/place/?{query}").status_code == 200
    assert not LegalHold.objects.exists()


def local(moment: Any) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S")
