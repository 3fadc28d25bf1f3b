"""A choice about cookies for all browsers of a person, while she is logged in (rule L20: CNIL 2025-131).

It answers only what a browser itself was not asked: a choice of the browser, refusal too, is never overridden, and
logged out nothing of it is left.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consent.cookie_choices import AccountAnswer, account_choice
from cookies.choice import CookieConsent, decided, today_utc
from cookies.middleware import take_effect
from cookies.registry import Register, Service, register

Handler = Callable[[HttpRequest], HttpResponse]


class AccountChoiceMiddleware:
    """Lets the choice of an account answer what this browser was not asked; stands behind the log-in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        consent: CookieConsent = request.consent  # type: ignore[attr-defined]
        if consent.asks and request.user.is_authenticated:
            services = register()
            answers = answers_of(request.user.pk, services, now=timezone.now())
            if found := _with(consent, answers, services):
                take_effect(request, found, services)
        return self.get_response(request)


def answers_of(user_id: UUID, services: Register, *, now: datetime) -> dict[str, AccountAnswer]:
    """What the account decided about services as they are now, by key; what has changed since is not answered."""
    found = account_choice(user_id, now=now)
    return {
        service.key: found[service.key]
        for service in services.asked
        if service.key in found and _still_so(service, found[service.key])
    }


def shown(request: HttpRequest, services: Register, *, now: datetime) -> list[tuple[Service, AccountAnswer]]:
    """What the logged-in person chose for all her browsers, for the page of settings."""
    if not request.user.is_authenticated:
        return []
    answers = answers_of(request.user.pk, services, now=now)
    return [(service, answers[service.key]) for service in services.asked if service.key in answers]


def _still_so(service: Service, answer: AccountAnswer) -> bool:
    """A no stays a no, whatever the service becomes."""
    return not answer.yes or answer.shown == service.notice()


def _with(consent: CookieConsent, answers: dict[str, AccountAnswer], services: Register) -> CookieConsent | None:
    asked = {service.key for service in consent.asks}
    added = {key: answer for key, answer in answers.items() if key in asked}
    if not added:
        return None
    return decided(
        {**{key: answer.yes for key, answer in added.items()}, **consent.answers},
        register=services,
        chosen_on=consent.chosen_on or today_utc(min(answer.at for answer in added.values())),
        receipt=consent.receipt,
        by_account=frozenset(added),
    )
