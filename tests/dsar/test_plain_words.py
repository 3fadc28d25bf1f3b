"""How hard My privacy and the deletion page are to read: LIX, sentence length, and no jargon without a plain sentence.

LIX is the mean number of words in a sentence and the share of words longer than six letters, in per cent, added up
(Björnsson 1968): below 30 very easy, below 40 easy, below 50 as a newspaper, above 60 as a law.
Latvian has longer words than English, so it reads higher for the same text.

Measured when these limits were set: English LIX 21 and 6.6 words a sentence, Latvian LIX 32 and 5.6. What the
declarations say (labels of tables, periods, reasons) is not measured here.
"""

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import User

pytestmark = pytest.mark.django_db

PAGES: Final = (
    "portal",
    "portal_open",
    "portal_held",
    "portal_consents",
    "portal_rights",
    "timeline",
    "account_delete",
    "plan",
    "plan_lines",
    "plan_choices",
    "receipt",
    "progress",
)
MOST: Final = {"en": 24, "lv": 36}
LONGEST_MEAN: Final = 8
JARGON: Final = {
    "en": (
        "data subject",
        "controller",
        "processor",
        "lawful basis",
        "pseudonym",
        "portability",
        "retention",
    ),
    "lv": ("datu subjekt", "pārzin", "apstrādātāj", "tiesiskais pamats", "pseidonīm", "pārnesam", "glabāšanas termiņ"),
}
_SHORT: Final = re.compile(r"{% translate \"([^\"]*)\"")
_LONG: Final = re.compile(r"{% blocktranslate[^%]*%}(.*?){% endblocktranslate %}", re.DOTALL)


def texts(language: str) -> list[str]:
    """Every sentence that these pages say by themselves, with a 3 for each figure and name."""
    pages = [(Path(settings.BASE_DIR) / "templates" / "dsar" / f"{name}.html").read_text() for name in PAGES]
    with translation.override(language):
        short = [translation.gettext(found) for page in pages for found in _SHORT.findall(page)]
        return short + [_long(found) for page in pages for found in _LONG.findall(page)]


def _long(text: str) -> str:
    one, _tag, many = (re.sub(r"{{ (\w+) }}", r"%(\1)s", part) for part in text.partition("{% plural %}"))
    one, many = (" ".join(part.split()) for part in (one, many))
    said = translation.ngettext(one, many, 3) if many else translation.gettext(one)
    return re.sub(r"%\(\w+\)s", "3", said)


def lix(told: list[str]) -> tuple[float, float]:
    """The reading level, and the mean number of words in a sentence; a label of one or two words is no sentence."""
    sentences = [part for text in told for part in re.split(r"[.!?:;](?:\s|$)", text) if len(part.split()) > 2]
    words = [word for sentence in sentences for word in re.findall(r"\w+", sentence)]
    long = sum(len(word) > 6 for word in words)
    mean = len(words) / len(sentences)
    return mean + 100 * long / len(words), mean


@pytest.mark.parametrize("language", MOST)
def test_my_privacy_and_the_deletion_page_are_easy_to_read(language: str) -> None:
    told = texts(language)
    assert len(told) > 60
    level, mean = lix(told)
    assert level <= MOST[language]
    assert mean <= LONGEST_MEAN


@pytest.mark.parametrize("language", JARGON)
def test_they_use_no_word_of_lawyers(language: str) -> None:
    told = " ".join(texts(language)).lower()
    assert [word for word in JARGON[language] if word in told] == []


def test_a_hard_text_is_found_hard() -> None:
    level, _mean = lix(["The controller processes pseudonymised personal information by legitimate interests."])
    assert level > 60


def test_every_right_stands_beside_a_plain_sentence(client: Client, person: User) -> None:
    client.force_login(person)
    page = client.get(reverse("privacy:portal")).content.decode()
    (listed,) = re.findall(r'<ul class="rights">(.*?)</ul>', page, re.DOTALL)
    rights = re.findall(r"<li>(.*?)</li>", listed, re.DOTALL)
    assert len(rights) >= 7
    for right in rights:
        plain = re.sub(r"<[^>]+>", " ", re.sub(r"<a .*?</a>", "", right, count=1))
        assert len(plain.split()) >= 5, right
