"""The demo is the same every day, made through the services, and safe to repeat."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.ledger import ledgers, verify
from consent.models import TextVersion
from dsar.models import SubjectRequest
from mailing.models import OutgoingMessage
from marketplace.models import (
    Comment,
    CommentNotice,
    Feedback,
    Listing,
    ListingPhoto,
    Message,
    Order,
    Participant,
    Party,
    Placement,
    Report,
)
from marketplace.searching import Wish, find
from marketplace.terms import OrderState
from newsletters.models import Campaign, CampaignState, ListImport
from payments.models import Invoice
from qlekta.demo.people import LEFT_LATELY, LEFT_LONG_AGO, MARKETER
from registers.alarms import alarms
from registers.models import Breach
from retention.models import ArchiveRecord
from visits.models import Visit

pytestmark = pytest.mark.django_db


def test_the_demo_holds_people_cases_visits_and_archives(
    published_texts: None, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seed_demo", "--listings", "20", "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["people"] == User.objects.count() == 60
    assert made["visits"] == Visit.objects.count()
    assert made["cases"] == SubjectRequest.objects.count()
    assert made["breaches"] == Breach.objects.count()
    assert not any(alarm.is_urgent for alarm in alarms(now=timezone.now()))
    assert SubjectRequest.objects.values("stage").distinct().count() > 1
    oldest = Visit.objects.order_by("at").values_list("at", flat=True)[0]
    assert oldest < timezone.now() - timedelta(weeks=20)
    now = timezone.now()
    assert ArchiveRecord.objects.filter(ends_at__lte=now).count() == 1
    assert ArchiveRecord.objects.filter(ends_at__gt=now).count() == 1
    assert made["listings"] == Listing.objects.count() == 20
    assert "Lietotas lietas un jūs" in client.get(reverse("surveys:index")).content.decode()
    assert made["messages"] == Message.objects.count()
    assert ListingPhoto.objects.count() >= 20
    assert {order.state for order in Order.objects.all()} <= set(OrderState)
    assert Feedback.objects.count() == Order.objects.filter(state=OrderState.DONE).count() > 0
    assert Comment.objects.count() == 3
    assert [table.objects.count() for table in (CommentNotice, Report, Placement, Invoice)] == [1] * 4
    accountants = User.objects.filter(groups__name="accountant").values_list("email", flat=True)
    assert set(accountants) == {"maija@qlekta.example", "peteris@qlekta.example"}
    assert list(User.objects.filter(groups__name="marketing").values_list("email", flat=True)) == [MARKETER]
    assert made["campaigns"] == Campaign.objects.count() == 2
    paused = Campaign.objects.get(state=CampaignState.PAUSED)
    assert paused.recipients.count() > 2
    assert not OutgoingMessage.objects.filter(purpose="MARKETING_EMAIL").exists()
    (imported,) = ListImport.objects.all()
    assert (imported.taken, imported.unknown, imported.decided, imported.refused) == (2, 1, 1, 1)
    assert find(Wish(words="ozolkoka galdi"), now=timezone.now()).exists()
    assert [model for model in ledgers() if not verify(model).is_whole] == []


def test_who_left_is_nowhere_in_clear(published_texts: None) -> None:
    call_command("seed_demo", "--listings", "20", "--json")
    with connection.cursor() as cursor:
        for person in (LEFT_LONG_AGO, LEFT_LATELY):
            for table in ("accounts_user", "account_emailaddress", "retention_archiverecord", "retention_erasurerun"):
                cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{person.email}%"])
                assert cursor.fetchone()[0] == 0


def test_a_second_seeding_changes_nothing(published_texts: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--listings", "0")
    before = (User.objects.count(), Visit.objects.count(), SubjectRequest.objects.count())
    call_command("seed_demo", "--listings", "0")
    assert (User.objects.count(), Visit.objects.count(), SubjectRequest.objects.count()) == before
    said = capsys.readouterr().out
    assert all(name in said for name in ("anna@example.lv", "ieva@qlekta.example", "peteris@qlekta.example", MARKETER))


def test_production_is_never_seeded(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="never seeded in production"):
        call_command("seed_demo", "--listings", "0")


def test_without_texts_there_is_a_sentence() -> None:
    TextVersion.objects.filter(master__isnull=False).delete()
    TextVersion.objects.all().delete()
    with pytest.raises(CommandError, match="publish_texts"):
        call_command("seed_demo", "--listings", "0")


@pytest.mark.usefixtures("published_texts")
def test_who_looks_at_her_pages_finds_deals_of_both_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--listings", "30", "--json")
    her = User.objects.get(email="demo01@example.lv")
    sides = Party.objects.filter(user=her).values_list("is_buyer", "order__state")
    assert {(True, OrderState.DONE), (True, OrderState.SENT), (False, OrderState.DONE)} <= set(sides)
    hers = Participant.objects.filter(user=her).values("conversation_id")
    assert Message.objects.filter(conversation_id__in=hers).exclude(sender=her).exists()
    assert Feedback.objects.filter(author=her).exists()
