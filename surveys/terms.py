"""The words of surveys: what they are, who may answer, which questions there are, when answers go (policy clause 5)."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

MASTER: Final = "lv"
LANGUAGES: Final = ("lv", "en", "ru")

LEAST_ANSWERS: Final = 5
"""A group of fewer people is not shown apart: a total of two is two people."""


class Kind(TextChoices):
    """What the page asks people for."""

    QUESTIONS = "survey", _("survey")
    PROMOTION = "promotion", _("promotion")
    DRAW = "draw", pgettext_lazy("lottery", "draw")


class Audience(TextChoices):
    """Who may answer, and so what is known about who did."""

    ACCOUNT = "account", _("people with an account")
    ADDRESS = "address", _("people with an account, and others by e-mail")
    NOBODY = "nobody", _("everybody, anonymously: nothing leads to anybody")


class State(TextChoices):
    """A draft is seen by staff alone; when it is open, the two times of the survey say."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


class Term(TextChoices):
    """When the answers go, as codes of the catalogue of periods: there is no other choice."""

    MONTH = "SURVEY_MONTH", _("30 days after closing")
    QUARTER = "SURVEY_QUARTER", _("90 days after closing")
    HALF_YEAR = "SURVEY_HALF_YEAR", _("half a year after closing")


class QuestionKind(TextChoices):
    """How a question is answered."""

    SHORT = "short", _("a few words")
    LONG = "long", _("a longer text")
    ONE = "one", _("one of several")
    SEVERAL = "several", _("any of several")
    NUMBER = "number", _("a number")


CHOOSING: Final = frozenset({QuestionKind.ONE, QuestionKind.SEVERAL})


@dataclass(frozen=True, slots=True)
class Said:
    """Words of staff with the language that they are in, which is Latvian where nobody has translated them."""

    text: str
    language: str

    def __str__(self) -> str:
        return self.text


def spoken_language() -> str:
    """The language of the page."""
    return get_language() or settings.LANGUAGE_CODE
