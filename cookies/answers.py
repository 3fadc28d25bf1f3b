"""What a form about cookies says: which services are answered for, and how."""

from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.translation import gettext as _

from consent.cookie_choices import CookieAnswer
from cookies.choice import CookieConsent
from cookies.registry import OPTIONAL, Category, Register, Service


class NoSuchAnswer(ValueError):
    """The form says nothing that this site asks."""


def answers_in(request: HttpRequest, register: Register) -> dict[str, bool]:
    """Accept all, reject all, each service by its own box, one category as a whole, or one service on the spot.

    Whatever `save` does not tick is refused; what an answer is not about stays as it is. Raises NoSuchAnswer.
    """
    kind, _colon, about = request.POST.get("choice", "").partition(":")
    match kind:
        case "accept" | "reject":
            return {service.key: kind == "accept" for service in _meant(about, register)}
        case "save":
            return _ticked(request, register)
        case "show":
            return {_service(about, register).key: True}
        case "keep":
            consent: CookieConsent = request.consent  # type: ignore[attr-defined]
            return dict(consent.answers)
    raise NoSuchAnswer(_("Please choose one of the buttons: accept all, reject all, or save your choice."))


def for_record(answers: Mapping[str, bool], register: Register) -> list[CookieAnswer]:
    """The same with everything that proves what the visitor was told (rule K2)."""
    return [
        CookieAnswer(service.category.purpose, service.key, answers[service.key], dict(service.notice()))
        for service in register.asked
        if service.key in answers
    ]


def _meant(category: str, register: Register) -> tuple[Service, ...]:
    if not category:
        return register.asked
    if category not in {str(one) for one in OPTIONAL}:
        raise NoSuchAnswer(_("There is no such category of cookies."))
    return register.of(Category(category))


def _ticked(request: HttpRequest, register: Register) -> dict[str, bool]:
    ticked = request.POST.getlist("service")
    for key in ticked:
        _service(key, register)
    return {service.key: service.key in ticked for service in register.asked}


def _service(key: str, register: Register) -> Service:
    found = register.service(key)
    if found is None:
        raise NoSuchAnswer(_("This site uses no such service."))
    return found
