"""The generated notice has every element of Art. 13 and 14, one by one, in three languages (contradiction X33)."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue, cited
from datamap.notice import Notice, NoticePurpose, NoticeRow, notice
from datamap.terms import LawfulBasis, Right

LANGUAGES = ["lv", "en", "ru"]
FURTHER = "Before we use data for a purpose that does not stand here, we tell you of it and of all that belongs to it."
RIGHTS = (
    Right.ACCESS,
    Right.RECTIFICATION,
    Right.ERASURE,
    Right.RESTRICTION,
    Right.OBJECTION,
    Right.PORTABILITY,
)

pytestmark = pytest.mark.django_db


def rows(found: Notice) -> Iterator[tuple[NoticePurpose, NoticeRow]]:
    return ((item, row) for item in found.purposes for row in item.rows)


def interests(found: Notice) -> Iterator[object]:
    for item in found.purposes:
        if item.purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS:
            assert item.purpose.balancing is not None
            yield item.purpose.balancing.interest


ELEMENTS: dict[str, Callable[[Notice], Iterator[object]]] = {
    "13(1)(a) identity and contact": lambda n: iter(
        [n.controller.name, n.controller.registration_number, n.controller.address, n.controller.email]
    ),
    "13(1)(a) representative": lambda n: iter(
        [n.controller.representative or _("none: the controller is in the European Union")]
    ),
    "13(1)(b) officer": lambda n: iter(
        [n.controller.officer or _("none appointed: Art. 37(1) GDPR does not ask for one")]
    ),
    "13(1)(c) purposes": lambda n: (item.purpose.label for item in n.purposes),
    "13(1)(c) what each purpose means": lambda n: (item.purpose.description for item in n.purposes),
    "13(1)(c) basis": lambda n: (item.purpose.basis.label for item in n.purposes),
    "13(1)(d) legitimate interests": interests,
    "13(1)(e) recipients": lambda n: (recipient.name for recipient in n.recipients),
    "13(1)(f) countries": lambda n: (recipient.country for recipient in n.recipients),
    "13(1)(f) safeguards": lambda n: (recipient.safeguard.label for recipient in n.recipients),
    "13(1)(f) copy of the safeguards": lambda n: iter(
        [_("Where data leave the European Economic Area, you can ask us for a copy of what protects them there.")]
    ),
    "13(2)(a) periods": lambda n: (row.period for _item, row in rows(n)),
    "13(2)(b) rights": lambda n: (right.label for right in RIGHTS),
    "13(2)(c) withdrawal": lambda n: iter([_("You can withdraw your consent at any time:")]),
    "13(2)(d) complaint": lambda n: iter(
        [Right.COMPLAINT.label, n.authority.name, n.authority.address, n.authority.url]
    ),
    "13(2)(e) must you give them": lambda n: (item.provision for item in n.purposes),
    "13(2)(f) automated decisions": lambda n: iter([_("None: no machine alone decides about you.")]),
    "13(3) further purposes": lambda n: iter([_(FURTHER)]),
    "14(1)(d) categories": lambda n: (category for _item, row in rows(n) for category in row.categories),
    "14(2)(f) source": lambda n: (row.source for _item, row in rows(n)),
}


def page(client: Client, language: str) -> str:
    answer = client.get(reverse("privacy:notice"), {"lang": language})
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("element", ELEMENTS)
def test_the_notice_has_the_element(client: Client, element: str, language: str) -> None:
    with translation.override(language):
        wanted = [re.sub(r"\s+", " ", str(words)) for words in ELEMENTS[element](notice())]
    assert wanted, "an element without anything to look for proves nothing"
    assert all(wanted)
    shown = page(client, language)
    assert [words for words in wanted if words not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_purpose_carries_its_own_elements(client: Client, language: str) -> None:
    shown = page(client, language)
    sections = dict(re.findall(r'<section class="purpose" id="([a-z_]+)">(.*?)</section>', shown))
    assert set(sections) == {code.lower() for code in catalogue().purposes}
    with translation.override(language):
        for item in notice().purposes:
            own = sections[item.purpose.code.lower()]
            wanted = [item.purpose.basis.label, item.provision, *(right.label for right in item.rights)]
            wanted += [word for row in item.rows for word in (row.label, row.period, row.source, *row.categories)]
            wanted += [party.name for row in item.rows for party in row.recipients]
            wanted += [] if item.rows else [_("Today no data are processed for this purpose.")]
            wanted += [cited(item.purpose.act)] if item.purpose.basis is LawfulBasis.LEGAL_OBLIGATION else []
            assert [str(word) for word in wanted if re.sub(r"\s+", " ", str(word)) not in own] == []
            assert (reverse("consent:consents") in own) == item.needs_consent


def test_the_three_languages_are_three_texts(client: Client) -> None:
    assert len({page(client, language) for language in LANGUAGES}) == 3
