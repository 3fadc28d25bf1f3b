"""What staff see of mail: that it went and when, to whom for a reason; never its text, and never unseen."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from audit.revealing import RevealReason
from mailing.models import OutgoingMessage
from mailing.services import suppress
from tests.mailing.conftest import ANNA, NOW, notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    user = get_user_model()(email="ieva@example.lv", is_staff=True, is_active=True)
    user.save()
    names = ["view_outgoingmessage", "change_outgoingmessage", "delete_outgoingmessage", "view_suppression"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def test_staff_see_a_message_without_its_text_and_the_look_is_recorded(staff: Client) -> None:
    message = notice()
    page = staff.get(reverse("admin:mailing_outgoingmessage_change", args=[message.pk])).content.decode()
    assert message.template in page
    assert ANNA not in page
    assert "Bērziņa" not in page
    assert bytes(message.body_sealed or b"").hex() not in page
    assert Entry.objects.filter(action="viewed", object_id=str(message.pk)).exists()


@pytest.mark.requirement("G6")
def test_to_whom_a_message_went_is_shown_for_a_reason_and_not_in_the_list(staff: Client) -> None:
    message = notice()
    page = staff.get(reverse("admin:mailing_outgoingmessage_changelist")).content.decode()
    assert message.subject in page
    assert ANNA not in page
    reveal = reverse("admin:mailing_outgoingmessage_reveal", args=[message.pk])
    assert ANNA in staff.post(reveal, {"reason": RevealReason.WORK}).content.decode()
    assert Entry.objects.get(action="revealed").reason == "work on mailing.OutgoingMessage: to_answer"


@pytest.mark.requirement("G9")
def test_no_address_is_searched_for_in_the_address_line(staff: Client) -> None:
    message = notice()
    found = staff.get(reverse("admin:mailing_outgoingmessage_changelist"), {"q": str(message.pk)})
    assert found.context["cl"].result_count == 1
    by_address = staff.get(reverse("admin:mailing_outgoingmessage_changelist"), {"q": ANNA})
    assert by_address.context["cl"].result_count == 0


def test_staff_cannot_change_or_delete_a_message(staff: Client) -> None:
    message = notice()
    page = reverse("admin:mailing_outgoingmessage_change", args=[message.pk])
    assert staff.post(page, {"to_address": "eve@example.com"}).status_code == 403
    assert staff.post(reverse("admin:mailing_outgoingmessage_delete", args=[message.pk])).status_code == 403
    assert OutgoingMessage.objects.get().to_address == ANNA


@pytest.mark.clause("Q13.10")
def test_the_list_of_suppressed_addresses_names_nobody(staff: Client) -> None:
    suppress(ANNA, reason="unsubscribed", now=NOW)
    page = staff.get(reverse("admin:mailing_suppression_changelist")).content.decode()
    assert "unsubscribed" in page
    assert ANNA not in page
