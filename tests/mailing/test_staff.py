"""What staff see of mail: that it went, to whom and when; never its text, and never unseen."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from audit.models import Entry
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
    assert ANNA in page
    assert "Bērziņa" not in page
    assert bytes(message.body_sealed or b"").hex() not in page
    assert Entry.objects.filter(action="viewed", object_id=str(message.pk)).exists()


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
