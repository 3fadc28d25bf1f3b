"""The notice says everything that Art. 13 and 14 ask for, purpose by purpose, and cannot forget one (5.3)."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from datamap.catalogue import catalogue
from datamap.notice import notice
from datamap.terms import LawfulBasis

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published_texts")]


@pytest.fixture
def text(client: Client) -> str:
    with translation.override("en"):
        return client.get(reverse("privacy:notice"), headers={"accept-language": "en"}).content.decode()


@pytest.mark.clause("Q5.2")
def test_every_purpose_has_all_that_the_law_asks_for() -> None:
    for item in notice().purposes:
        assert item.purpose.description
        assert item.rights
        assert item.provision
        assert item.purpose.act or item.purpose.basis is not LawfulBasis.LEGAL_OBLIGATION
        assert item.purpose.balancing or item.purpose.basis is not LawfulBasis.LEGITIMATE_INTERESTS
        for row in item.rows:
            assert row.categories
            assert row.source
            assert row.period


def test_the_page_shows_each_of_them(text: str) -> None:
    for purpose in catalogue().purposes.values():
        assert str(purpose.code).lower() in text
    for field in (catalogue().controller.email, catalogue().authority.url, "none appointed", "none: the controller"):
        assert field in text
    for recipient in notice().recipients:
        assert recipient.name in text
        assert recipient.country in text


def test_it_says_whether_the_data_must_be_given_and_where_a_copy_of_the_safeguards_is(text: str) -> None:
    assert "Needed for the contract" in text
    assert "copy of what protects them there" in text
