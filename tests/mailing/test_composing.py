"""Mails without foreign origins and injected headers; no advertising without a way out."""

from typing import Any

import pytest
from anymail.message import AnymailMessage
from django.conf import settings
from django.core import mail

from datamap.gate import UnknownPurpose
from mailing import services
from mailing.composing import Letter, compose
from mailing.models import OutgoingMessage
from tests.mailing.conftest import ANNA, NOW, deliver, notice, offer

DELIVERS = pytest.mark.django_db(transaction=True)


def composed(**more: Any) -> Letter:
    context = {"heading": "Hello", "paragraphs": ["One <b>&</b> two"], "link": "/privacy/", "link_label": "Look"}
    return compose("notice", language="en", purpose="SERVICE", context={**context, **more})


def test_a_notice_names_the_controller_and_carries_its_link_in_both_forms() -> None:
    letter = composed()
    for body in (letter.text, letter.html):
        assert "SIA Qlekta" in body
        assert f"{settings.SITE_URL}/privacy/" in body
    assert "One <b>&</b> two" in letter.text
    assert "One &lt;b&gt;&amp;&lt;/b&gt; two" in letter.html


@pytest.mark.clause("Q9.6")
def test_a_mail_loads_nothing_and_leads_only_to_this_site() -> None:
    letter = composed()
    for tag in ("<img", "<script", "<style", "style=", "<link", "src=", "url("):
        assert tag not in letter.html
    addresses = [part.split('"')[0] for part in letter.html.split('href="')[1:]]
    assert addresses
    assert all(a.startswith((settings.SITE_URL, "mailto:")) for a in addresses)


@pytest.mark.parametrize(
    "link", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", f"{settings.SITE_URL}.evil.example/"]
)
@pytest.mark.requirement("H10")
def test_a_link_that_leaves_the_site_is_refused(link: str) -> None:
    with pytest.raises(services.ForeignLink):
        composed(link=link)


@DELIVERS
def test_a_name_with_line_breaks_cannot_begin_a_header() -> None:
    notice(context={"heading": "Hi\r\nBcc: eve@example.com\u2028X-Evil: 1\x00", "paragraphs": []})
    deliver()
    (sent,) = mail.outbox
    assert sent.subject == "Hi Bcc: eve@example.com X-Evil: 1"
    assert sent.message()["Bcc"] is None
    assert sent.message()["X-Evil"] is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["anna@example.lv\r\nBcc: eve@example.com", "anna@example.lv, eve@example.com", "Anna <a@b.lv>", "", "x"]
)
def test_an_address_that_is_not_one_mailbox_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(services.InvalidAddress) as refused:
        notice(to=address)
    assert str(refused.value) == ""
    assert not OutgoingMessage.objects.exists()


@pytest.mark.django_db
def test_rendered_mails_keep_one_line_in_the_subject_too() -> None:
    message = services.send_rendered(
        Letter("Confirm\nBcc: eve@example.com", "Go"), to=ANNA, language="xx", purpose="REGISTRATION", now=NOW
    )
    assert message.subject == "Confirm Bcc: eve@example.com"
    assert message.language == settings.LANGUAGE_CODE


@pytest.mark.django_db
@pytest.mark.clause("Q13.6")
@pytest.mark.usefixtures("mail_templates")
def test_advertising_without_a_link_to_unsubscribe_cannot_be_sent() -> None:
    with pytest.raises(services.MissingUnsubscribeLink):
        offer("bare")
    with pytest.raises(services.MissingUnsubscribeLink):
        offer(context={"unsubscribe_url": ""})
    with pytest.raises(services.MissingUnsubscribeLink):
        services.send_rendered(Letter("A", "B"), to=ANNA, language="lv", purpose="MARKETING_EMAIL", now=NOW)
    assert not OutgoingMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.clause("Q7.2")
def test_an_offer_that_answers_no_request_cannot_be_sent() -> None:
    with pytest.raises(services.Unasked):
        notice(purpose="OFFER")
    with pytest.raises(services.Unasked):
        services.send_rendered(Letter("A", "B"), to=ANNA, language="lv", purpose="OFFER", now=NOW)
    assert not OutgoingMessage.objects.exists()


@DELIVERS
@pytest.mark.clause("Q13.6", "Q13.7")
@pytest.mark.usefixtures("mail_templates")
def test_advertising_ends_with_the_link_and_carries_the_one_click_header(consents: set[str]) -> None:
    consents.add(ANNA)
    offer()
    deliver()
    (sent,) = mail.outbox
    link = f"{settings.SITE_URL}/newsletter/out/k7/"
    assert sent.body.rstrip().endswith(link)
    assert isinstance(sent, AnymailMessage)
    assert link in str(sent.alternatives[0][0])
    assert sent.extra_headers["List-Unsubscribe"] == f"<{link}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.django_db
def test_a_purpose_outside_the_catalogue_is_refused() -> None:
    with pytest.raises(UnknownPurpose):
        notice(purpose="SPAM")
