"""A conflict of reasons is reported, never silent: on the preview, to staff and on the receipt (Art. 17; Q17.1)."""

import json
from collections.abc import Callable
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import LoginEvent, User
from datamap.trace import Subject
from retention.models import ErasureReceipt
from retention.plan import plan_erasure
from retention.receipts import secret_of
from tests.people import log_in, prove_again
from tests.retention.conftest import NOW
from tests.retention.test_holds import LOG_INS, hold_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def sentence(anna: Subject, officer: User) -> str:
    """One of her log-ins is held; what that is called on the pages."""
    row = LoginEvent.objects.create(user_id=anna.user_id, at=NOW, kind="login")
    hold_rows(officer, LOG_INS, {"pk": row.pk})
    (sentence,) = plan_erasure(anna, now=NOW, archive=True).conflicts
    return str(sentence)


@pytest.mark.clause("Q17.1", "Q5.19")
def test_the_page_of_the_deletion_says_it(client: Client, person: User, sentence: str) -> None:
    log_in(client, person)
    prove_again(client)
    assert sentence in client.get(reverse("account-delete")).content.decode()


@pytest.mark.clause("Q5.19")
def test_the_receipt_says_it_on_its_page_in_its_file_and_where_it_is_checked(
    client: Client, anna: Subject, sentence: str, erase: Callable[..., ErasureReceipt]
) -> None:
    receipt = erase(anna)
    secret = secret_of(receipt)
    assert sentence in client.get(reverse("privacy:receipt", args=[secret])).content.decode()
    document = json.loads(client.get(reverse("privacy:receipt-file", args=[secret])).content)
    assert document["conflicts"] == [sentence]
    checked = client.post(reverse("privacy:verify"), {"text": json.dumps(document)})
    assert sentence in checked.content.decode()


def test_staff_read_it_in_both_previews(client: Client, officer: User, anna: Subject, sentence: str) -> None:
    out = StringIO()
    call_command("erase_subject", "--user", str(anna.user_id), "--case", "Q-1", stdout=out)
    assert sentence in out.getvalue()
    User.objects.filter(pk=officer.pk).update(is_superuser=True)
    client.force_login(User.objects.get(pk=officer.pk))
    prove_again(client)
    page = client.get(reverse("admin:retention_erase_child", args=[anna.user_id]))
    assert all(str(item) in unescape(page.content.decode()) for item in page.context["plan"].conflicts)
    assert page.context["plan"].conflicts


def test_where_nothing_had_to_give_way_nothing_is_said(client: Client, person: User) -> None:
    log_in(client, person)
    prove_again(client)
    page = client.get(reverse("account-delete"))
    assert page.context["shown"].plan.conflicts == ()
    assert 'role="note"' not in page.content.decode()
