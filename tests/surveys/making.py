"""Surveys of the tests, and how people answer them: through the pages, as a browser without JavaScript does."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from mailing.sealing import open_letter
from surveys.models import Participation, Question, Survey
from surveys.terms import Audience, Kind, State
from surveys.wordings import Answers
from tests.letters import last_message

HOUR = timedelta(hours=1)
SENT = re.compile(r'<input type="hidden" name="(asked|wording|number|csrfmiddlewaretoken)" value="([^"]+)"')


def made(**more: Any) -> Survey:
    """A published survey that is open, with three questions, the first of which is mandatory."""
    now = timezone.now()
    values = {"slug": "iela", "opens_at": now - HOUR, "closes_at": now + HOUR, "title_lv": "Tava iela"}
    values |= {
        "intro_lv": "Pastāsti mums.",
        "state": State.PUBLISHED,
        "published_at": now,
        "audience": Audience.ACCOUNT,
    }
    survey = Survey.objects.create(**(values | more))
    kinds = (
        ("one", "Cik bieži?", "Reti\nBieži\nNekad"),
        ("several", "Ko?", "Grāmatas\nMēbeles"),
        ("long", "Kāpēc?", ""),
    )
    for number, (kind, text, options) in enumerate(kinds, start=1):
        Question.objects.create(
            survey=survey, number=number, kind=kind, text_lv=text, options_lv=options, is_mandatory=number == 1
        )
    return survey


def a_draw(**more: Any) -> Survey:
    """A draw without questions: whoever agrees takes part."""
    survey = made(**({"kind": Kind.DRAW, "winners": 1, "prize_lv": "Grāmata, atsūtīsim pa pastu."} | more))
    survey.questions.all().delete()
    return survey


def page_of(survey: Survey) -> str:
    return f"/surveys/{survey.slug}/"


def post(client: Client, path: str, **form: Any) -> Any:
    """What the page's form sends: its hidden fields as they stand there, and what somebody filled in."""
    hidden = dict(SENT.findall(client.get(path).content.decode()))
    return client.post(path, {**hidden, **form})


def take_part(client: Client, survey: Survey, **form: Any) -> Any:
    return post(client, page_of(survey), **({"q1": "2", "agreed": "on"} | form))


def over(survey: Survey, *, ago: timedelta = timedelta(0)) -> None:
    """Time passes: the survey has closed."""
    survey.closes_at = timezone.now() - ago
    survey.opens_at = survey.closes_at - HOUR
    survey.save()
    Participation.objects.filter(survey=survey).exclude(answers="").update(ends_at=survey.answers_end_at)


def stored(survey: Survey, answers: Answers, *, number: int = 1) -> None:
    """So many anonymous sheets that say the same."""
    for _ in range(number):
        Participation.objects.create(survey=survey, answers=json.dumps(answers), ends_at=survey.answers_end_at)


def link_to(address: str) -> str:
    """The path in the last letter to an address."""
    text = open_letter(last_message(to_address=address)).text
    found = re.search(r"https?://[^/\s]+(/surveys/\S+)", text)
    assert found, text
    return found[1]


def day_of(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")
