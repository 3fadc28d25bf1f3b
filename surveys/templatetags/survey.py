"""Surveys on the page of consents: each one that an account has agreed to, with its title and its page (Q16.6)."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from consent.queries import ConsentStatus, current_status, given_scopes
from consent.terms import ConsentPurpose
from datamap.scopes import survey_in
from surveys.models import Survey
from surveys.terms import Said, spoken_language

register = template.Library()


@dataclass(frozen=True, slots=True)
class Agreed:
    """One survey that an account consents to, and where it stands."""

    kind: str
    title: Said
    page: str
    scope: str
    status: ConsentStatus


@register.simple_tag
def surveys_of(user: Any) -> list[Agreed]:
    """Whatever within surveys this account consents to now."""
    now, purpose, language = timezone.now(), ConsentPurpose.SURVEY, spoken_language()
    scopes = {survey_in(scope): scope for scope in given_scopes(user.pk, purpose, now=now)}
    return [
        Agreed(
            kind=capfirst(str(survey.get_kind_display())),
            title=survey.said("title", language),
            page=reverse("surveys:page", kwargs={"slug": survey.slug}),
            scope=scopes[survey.pk],
            status=current_status(user.pk, purpose, now=now, scope=scopes[survey.pk]),
        )
        for survey in Survey.objects.filter(pk__in=scopes)
    ]
