"""What we write while a request waits for its person, and when it has waited too long (Art. 12(4); clauses.md C8)."""

from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue
from dsar.letters import PURPOSE, day_of, mail_about, why_closed
from dsar.models import SubjectRequest
from mailing.services import send


def remind_of_question(case: SubjectRequest, asked_at: datetime, *, now: datetime) -> None:
    """Half of the time for an answer to our question is over."""
    with translation.override(case.language):
        paragraphs = [
            _("On %(day)s we asked you something about your request %(number)s and have not heard from you yet.")
            % {"day": day_of(asked_at), "number": case.number},
            _("As soon as you answer, we go on."),
        ]
        mail_about(case, _("We are waiting for your answer"), paragraphs, now=now)


def tell_closed(case: SubjectRequest, *, now: datetime) -> None:
    """Why nothing is done, and what the person can do about it."""
    with translation.override(case.language):
        if case.email:
            mail_about(case, _("We could not act on your request"), why_closed(case), now=now)
        else:
            _have_it_posted(case, now=now)


def tell_taken_as_whole(case: SubjectRequest, asked_at: datetime, *, now: datetime) -> None:
    """Nobody has to say which part is meant: who stays silent gets everything."""
    with translation.override(case.language):
        paragraphs = [
            _("On %(day)s we asked you what you mean by your request %(number)s and have not heard from you.")
            % {"day": day_of(asked_at), "number": case.number},
            _("So we take it as a request for everything, and go on. You need not do anything."),
        ]
        mail_about(case, _("We go on with your request"), paragraphs, now=now)


def _have_it_posted(case: SubjectRequest, *, now: datetime) -> None:
    """Who gave no address for e-mail hears of it by a letter that somebody must print and post."""
    with translation.override("lv"):
        context = {
            "heading": _("Please print the letter of this request and post it"),
            "paragraphs": [f"{case.number}: {case.get_stage_display()}"],
            "link": reverse("admin:dsar_subjectrequest_change", args=[case.pk]),
            "link_label": _("Open the desk"),
        }
        send("notice", to=catalogue().controller.email, language="lv", purpose=PURPOSE, context=context, now=now)
