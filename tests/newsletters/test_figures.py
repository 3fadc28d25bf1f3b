"""Figures for an audit of advertising are totals, and no small one is among them (Q8.9)."""

import csv
from dataclasses import asdict
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from audit.models import Entry
from newsletters.figures import FEWEST, HEADER, LEFT_OUT, table, without_small
from newsletters.models import Campaign, CampaignState
from newsletters.progress import Progress
from tests.people import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.clause("Q8.9")]

PAGE = reverse("admin:newsletters_campaign_figures")


def campaign(subject: str = "Rudens tirgus", **results: Any) -> Campaign:
    now = timezone.now()
    return Campaign.objects.create(
        name="for Anna Bērziņa",
        subject_lv=subject,
        body_lv="Nāc!",
        state=CampaignState.DONE,
        created_at=now,
        started_at=now,
        ended_at=now,
        totals=asdict(Progress(**results)),
    )


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(table())))


def test_a_figure_of_ten_is_told_and_one_of_nine_is_not() -> None:
    campaign(on_list=1029, sent=1000, failed=9, gone=10, refused={"consent withdrawn": 10})
    told = {row["result"]: row["letters"] for row in rows()}
    assert told == {
        "sent": "1000",
        "refused": LEFT_OUT,
        "failed": LEFT_OUT,
        "gone": "10",
        "stopped": "0",
        "not_written": "0",
    }, "with one hidden alone, who knows the whole could subtract"


def test_no_column_and_no_cell_names_a_person_or_a_row() -> None:
    made = campaign(sent=100, refused={"anna@example.lv": 20})
    assert set(HEADER) == {"started_on", "subject", "result", "letters"}
    for word in ("Anna", "anna@example.lv", str(made.pk)):
        assert word not in table()


def test_a_subject_that_begins_like_a_formula_is_a_text() -> None:
    campaign("=HYPERLINK(1)", sent=100)
    assert {row["subject"] for row in rows()} == {"'=HYPERLINK(1)"}


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=6))
def test_what_is_hidden_cannot_be_subtracted_from_the_whole(counts: dict[str, int]) -> None:
    shown = without_small(counts)
    hidden = [name for name, count in shown.items() if count is None]
    assert all(count is None or count == 0 or count >= FEWEST for count in shown.values())
    alone_of_all = sum(count > 0 for count in counts.values()) == 1
    assert len(hidden) != 1 or alone_of_all


def test_who_runs_campaigns_takes_them_out_on_record_and_nobody_else(client: Client, officer: User) -> None:
    campaign(sent=100)
    log_in(client, officer)
    assert client.get(PAGE).status_code == 403
    officer.user_permissions.add(Permission.objects.get(codename="run_campaign"))
    answer = client.get(PAGE)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert "Rudens tirgus" in answer.content.decode()
    assert Entry.objects.filter(action="campaign.figures").count() == 1
