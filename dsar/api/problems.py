"""What went wrong, as RFC 9457 has it: `application/problem+json` with a sentence in the person's language."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import TextChoices
from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from datamap.terms import Text
from dsar.refusals import AlreadyUnderWay, ArrivesLater, CaseError, ClosedRequest, KeyUsedOtherwise, TooManyAttempts
from retention.attempts import PER_NETWORK

MEDIA_TYPE: Final = "application/problem+json"
DOCUMENTED_AT: Final = "/api/v1/docs/#problem-"
RETRY_AFTER: Final = str(int(PER_NETWORK.within.total_seconds()))


class Kind(TextChoices):
    """What can go wrong; the values are the last part of a problem's `type`."""

    UNREADABLE = "unreadable", _("We could not read that")
    INVALID = "invalid", _("Something in it does not fit")
    LOG_IN = "log-in", _("Please log in first")
    STEP_UP = "step-up", _("Please enter your password again")
    FORBIDDEN = "forbidden", _("This is not open to you")
    FOREIGN = "foreign", _("This came from another site, or without its token")
    NOT_FOUND = "not-found", _("There is nothing here")
    METHOD = "method", _("This address does not do that")
    CONFLICT = "conflict", _("This is not possible at this moment")
    UNDER_WAY = "under-way", _("This is already being worked on")
    TOO_LARGE = "too-large", _("That is too large")
    MEDIA = "media-type", _("Please send JSON")
    KEY_USED = "key-used", _("This key belongs to another message")
    TOO_MANY = "too-many", _("That was too often in a short time")
    OURS = "ours", _("Something went wrong on our side")


STATUS: Final[dict[Kind, int]] = {
    Kind.UNREADABLE: 400,
    Kind.INVALID: 400,
    Kind.LOG_IN: 401,
    Kind.STEP_UP: 403,
    Kind.FORBIDDEN: 403,
    Kind.FOREIGN: 403,
    Kind.NOT_FOUND: 404,
    Kind.METHOD: 405,
    Kind.CONFLICT: 409,
    Kind.UNDER_WAY: 409,
    Kind.TOO_LARGE: 413,
    Kind.MEDIA: 415,
    Kind.KEY_USED: 422,
    Kind.TOO_MANY: 429,
    Kind.OURS: 500,
}

SENTENCES: Final[dict[Kind, Text]] = {
    Kind.UNREADABLE: _("What was sent is no JSON that we can read. Nothing was changed."),
    Kind.INVALID: _("Please look at the fields that are named. Nothing was changed."),
    Kind.LOG_IN: _("This is open only to a person who is logged in."),
    Kind.STEP_UP: _("A copy and an erasure need your password once more; it then counts for 15 minutes."),
    Kind.FORBIDDEN: _("You may need to log in with another account."),
    Kind.FOREIGN: _("Send the token of your session in the header X-CSRFToken, from our own site only."),
    Kind.NOT_FOUND: _("The address may be mistyped, or what it led to is not yours. Addresses end with a slash."),
    Kind.METHOD: _("The header Allow says what this address does."),
    Kind.TOO_LARGE: _("A message may have at most 256 kilobytes. Nothing was changed."),
    Kind.MEDIA: _("The header Content-Type must be application/json."),
    Kind.OURS: _("What you sent may not have been saved. Please try again in a few minutes."),
}
"""What a problem says where nothing more exact is known."""


class Problem(exceptions.APIException):
    """A problem of a kind; `sentence` says more exactly what it is, `members` are further members of the answer."""

    def __init__(self, kind: Kind, sentence: Text = "", **members: Any) -> None:
        super().__init__(detail=str(kind.label))
        self.kind = kind
        self.sentence = sentence
        self.members = members


def answer_problem(trouble: Exception, context: Mapping[str, Any]) -> Response | None:
    """The answer to an exception out of a view; None leaves what nobody expected to the site's own page."""
    kind, sentence, members = _sort(trouble)
    if kind is None:
        return None
    told = _told(kind, sentence or SENTENCES[kind], STATUS[kind])
    response = Response(told | members, status=STATUS[kind], content_type=MEDIA_TYPE)
    if challenge := getattr(trouble, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if kind is Kind.TOO_MANY:
        response["Retry-After"] = RETRY_AFTER
    return response


def problem_outside_of_views(
    kind: Kind, *, status: int | None = None, headers: dict[str, str] | None = None
) -> JsonResponse:
    """The same for what never came as far as a view, or broke one; `status` where it is not the one of the kind."""
    status = status or STATUS[kind]
    told = _told(kind, SENTENCES[kind], status)
    return JsonResponse(told, status=status, content_type=MEDIA_TYPE, headers=headers)


def _told(kind: Kind, sentence: Text, status: int) -> dict[str, Any]:
    return {
        "type": f"{DOCUMENTED_AT}{kind.value}",
        "title": str(kind.label),
        "status": status,
        "detail": str(sentence),
    }


def _sort(trouble: Exception) -> tuple[Kind | None, Text, dict[str, Any]]:
    match trouble:
        case Problem():
            return trouble.kind, trouble.sentence, trouble.members
        case exceptions.ValidationError():
            return Kind.INVALID, "", {"errors": list(_flat(trouble.detail))}
        case CaseError():
            return _refused(trouble)
    return next((kind for kinds, kind in _PLAIN.items() if isinstance(trouble, kinds)), None), "", {}


def _refused(refusal: CaseError) -> tuple[Kind, Text, dict[str, Any]]:
    members = {"number": refusal.number} if isinstance(refusal, AlreadyUnderWay) else {}
    if isinstance(refusal, ClosedRequest):
        members = {"new_request": reverse("api:requests")}
    kinds: dict[type[CaseError], Kind] = {
        AlreadyUnderWay: Kind.UNDER_WAY,
        ArrivesLater: Kind.INVALID,
        KeyUsedOtherwise: Kind.KEY_USED,
        TooManyAttempts: Kind.TOO_MANY,
    }
    return kinds.get(type(refusal), Kind.CONFLICT), str(refusal), members


_PLAIN: Final[dict[type[Exception] | tuple[type[Exception], ...], Kind]] = {
    exceptions.ParseError: Kind.UNREADABLE,
    (exceptions.NotAuthenticated, exceptions.AuthenticationFailed): Kind.LOG_IN,
    (exceptions.PermissionDenied, PermissionDenied): Kind.FORBIDDEN,
    (exceptions.NotFound, Http404): Kind.NOT_FOUND,
    exceptions.MethodNotAllowed: Kind.METHOD,
    exceptions.UnsupportedMediaType: Kind.MEDIA,
}


def _flat(detail: Any, path: str = "") -> Sequence[dict[str, str]]:
    """One entry for each sentence about a field: `subject_identities[0].identity_type`."""
    if isinstance(detail, Mapping):
        return [entry for name, inner in detail.items() for entry in _flat(inner, _step(path, name))]
    if isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        return [entry for place, inner in enumerate(detail) for entry in _flat(inner, f"{path}[{place}]")]
    return [{"field": path, "detail": str(item)} for item in (detail if isinstance(detail, list) else [detail])]


def _step(path: str, name: Any) -> str:
    if name == "non_field_errors":
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)
