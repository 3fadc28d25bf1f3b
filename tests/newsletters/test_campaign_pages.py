"""The pages of a campaign: numbers only, asked before anything goes out, words kept as they were typed (clause 13)."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from audit.models import Entry
from audit.trail import Actor
from mailing.models import OutgoingMessage, State
from mailing.sealing import open_letter
from newsletters.campaigns import advance, pause, resume, start
from newsletters.models import Campaign, CampaignState
from newsletters.stopping import way_out
from newsletters.tasks import run_campaigns
from outbox.services import drain
from qlekta.catalogue.roles import ROLES
from qlekta.roles import permissions_of
from tests.newsletters.test_campaigns import draft, started, subscriber

LIST = reverse("admin:newsletters_campaign_changelist")
NEW = reverse("admin:newsletters_campaign_new")
TEXTS = {"name": "Rudens", "subject_lv": "Rudens tirgus", "body_lv": "Nāc!\n\nhttp://localhost:8000/listings/"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def marketer(officer: User) -> User:
    officer.user_permissions.add(Permission.objects.get(codename="run_campaign"))
    return officer


@pytest.fixture
def desk(client: Client, marketer: User) -> Client:
    client.force_login(marketer)
    return client


def page(campaign: Campaign) -> str:
    return reverse("admin:newsletters_campaign_change", args=[campaign.pk])


def step(campaign: Campaign, name: str) -> str:
    return reverse("admin:newsletters_campaign_step", args=[campaign.pk, name])


def test_the_role_of_marketing_may_do_that_and_nothing_else(desk: Client) -> None:
    (role,) = [role for role in ROLES if role.name == "marketing"]
    assert permissions_of(role) == {"newsletters.run_campaign", "surveys.run_survey"}
    assert desk.get(LIST).status_code == 200
    for other in ("accounts_user", "mailing_outgoingmessage", "consent_consentevent"):
        assert desk.get(reverse(f"admin:{other}_changelist")).status_code == 403


def test_without_the_permission_nobody_gets_near(client: Client, officer: User) -> None:
    campaign = draft()
    client.force_login(officer)
    for address in (LIST, NEW, page(campaign), step(campaign, "start")):
        assert client.get(address).status_code == 403
    assert client.post(step(campaign, "start")).status_code == 403
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_it_is_written_tested_started_paused_and_cancelled_on_the_pages(desk: Client, settings: Any) -> None:
    for number in range(3):
        subscriber(f"reader{number}@example.lv")
    answer = desk.post(NEW, TEXTS | {"body_lv": f"Nāc!\n\n{settings.SITE_URL}/listings/."})
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == page(campaign)
    with translation.override("en"):
        asked = desk.get(step(campaign, "start"), headers={"Accept-Language": "en"}).content.decode()
    assert re.search(r"\b3\b", asked)
    assert "@example.lv" not in asked
    assert Campaign.objects.get().state == CampaignState.DRAFT, "asking starts nothing"
    for name, state in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        assert desk.post(step(campaign, name)).status_code == 302
        assert Campaign.objects.get().state == state
    assert desk.post(step(campaign, "start"), follow=True).status_code == 200
    assert Campaign.objects.get().state == "cancelled", "what was cancelled does not start again"
    acts = set(Entry.objects.filter(object_id=str(campaign.pk)).values_list("action", flat=True))
    assert {"campaign.written", "campaign.running", "campaign.paused", "campaign.cancelled"} <= acts


def test_a_preview_shows_three_languages_and_nobodys_way_out(desk: Client) -> None:
    campaign = draft(subject_ru="Осенний рынок", body_ru="Приходите {{ user }}!")
    shown = desk.get(page(campaign)).content.decode()
    assert shown.count("Rudens tirgus") >= 2
    assert "Приходите {{ user }}!" in shown
    assert "/newsletter/stop/…/" in shown


@pytest.mark.django_db(transaction=True)
@pytest.mark.clause("Q13.6")
def test_a_test_goes_to_oneself_alone_without_consent_and_with_a_way_out(desk: Client, marketer: User) -> None:
    subscriber("liga@example.lv")
    campaign = draft(subject_en="Autumn market", body_en="Come!")
    assert desk.get(step(campaign, "test")).status_code == 200
    assert not OutgoingMessage.objects.exists()
    desk.post(step(campaign, "test"))
    letters = [(one.to_address, one.language, open_letter(one)) for one in OutgoingMessage.objects.all()]
    assert {(to, language) for to, language, _letter in letters} == {
        (marketer.email, language) for language in ("lv", "en", "ru")
    }
    link = way_out(marketer.email, user_id=marketer.pk)
    for _to, _language, letter in letters:
        assert letter.subject.startswith("[")
        assert link in letter.text
        assert link in letter.html
        assert letter.unsubscribe_url.endswith(link)
    drain(now=timezone.now())
    assert set(OutgoingMessage.objects.values_list("state", flat=True)) == {State.SENT}
    assert not campaign.recipients.exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_counts_what_came_of_it_and_names_nobody(desk: Client) -> None:
    for number in range(4):
        event = subscriber(f"reader{number}@example.lv")
    campaign = started()
    run_campaigns()
    desk.post(way_out("reader0@example.lv"))
    drain(now=timezone.now())
    run_campaigns()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.totals["sent"], campaign.totals["on_list"]) == ("done", 3, 4)
    shown = desk.get(page(campaign)).content.decode()
    assert "the address is on the suppression list: 1" in shown
    assert "reader" not in shown
    assert str(event.pk) not in shown


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject_lv", ""),
        ("body_lv", " "),
        ("subject_en", "Only a subject"),
        ("body_lv", "See https://evil.example/"),
        ("body_lv", "See //evil.example/"),
        ("body_lv", "See www.evil.example"),
        ("body_lv", "{site}.evil.example/"),
        ("body_lv", "{site}@evil.example/"),
        ("body_lv", "javascript://x/%0aalert(1)"),
        ("body_lv", "bell \x07"),
        ("subject_lv", "turned \u202e round"),
    ],
)
def test_what_may_not_be_sent_is_said_and_not_kept(desk: Client, settings: Any, field: str, value: str) -> None:
    form = {"name": "Rudens", "subject_lv": "A", "body_lv": "B", field: value.replace("{site}", settings.SITE_URL)}
    answer = desk.post(NEW, form)
    assert answer.status_code == 400
    assert 'class="errorlist' in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_subject_of_two_lines_begins_no_second_header(desk: Client) -> None:
    desk.post(NEW, TEXTS | {"subject_lv": "Rudens\r\nBcc: all@example.lv", "body_lv": "B"})
    subscriber("liga@example.lv")
    for campaign in Campaign.objects.all():
        start(campaign.pk, actor=Actor.system("test"), now=timezone.now())
        while advance(campaign.pk, now=timezone.now()):
            pass
    assert all("\n" not in open_letter(one).subject for one in OutgoingMessage.objects.all())


def test_what_has_started_keeps_its_words(desk: Client) -> None:
    campaign = started()
    edit = reverse("admin:newsletters_campaign_edit", args=[campaign.pk])
    assert desk.post(edit, {"name": "N", "subject_lv": "Other", "body_lv": "Other"}).status_code == 400
    assert Campaign.objects.get().subject_lv == "Rudens tirgus"


def test_the_page_looks_again_as_long_as_something_moves_and_no_longer(desk: Client) -> None:
    campaign = started()
    who: dict[str, Any] = {"actor": Actor.system("test"), "now": timezone.now()}
    making = desk.get(page(campaign)).content.decode()
    assert "data-again" in making, "the list is empty as yet, and about to grow"
    assert "Veidojam sarakstu: pagaidām 0 saņēmēju" in making
    pause(campaign.pk, **who)
    assert "data-again" not in desk.get(page(campaign)).content.decode()
    resume(campaign.pk, **who)
    run_campaigns()
    assert "data-again" not in desk.get(page(campaign)).content.decode()
