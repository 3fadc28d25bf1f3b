"""Examples of what is sent and of what comes back, for the description; tests send them and compare the answers."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse

from dsar.api.problems import DOCUMENTED_AT, MEDIA_TYPE, SENTENCES, STATUS, Kind
from dsar.api.shapes import ProblemAnswer
from dsar.refusals import AlreadyUnderWay, KeyUsedOtherwise, TooManyAttempts, WrongStage

_NUMBER: Final = "QP-2026-000001-AB"
_ADDRESS: Final = f"/api/v1/requests/{_NUMBER}/"
_FILED_AT: Final = "2026-11-22T12:00:00Z"
_ID: Final = "0b1f6b0e-6f5e-4a55-9d6c-3f1f0f6a1d11"
_STEP_UP: Final = "/accounts/reauthenticate/"

SESSION: Final[dict[str, Any]] = {
    "csrf_token": "xWq3bT1gkYdP0m5H7uZ9sLrC2vNfAeJ4",
    "password_was_entered": True,
    "step_up_page": _STEP_UP,
}

WITH_A_LOG_IN: Final[dict[str, Any]] = {
    "rights": ["rectification"],
    "text": "My family name is Bērziņa, with a long i.",
    "language": "en",
}
WITHOUT: Final[dict[str, Any]] = {"rights": ["access"], "email": "liga@example.lv", "language": "lv"}

FILED: Final[dict[str, Any]] = {
    "received_at": _FILED_AT,
    "requests": [{"number": _NUMBER, "right": "rectification", "url": _ADDRESS}],
    "under_way": [],
}
NEUTRAL: Final[dict[str, Any]] = {"detail": "We have your request. A letter to this address says how it goes on."}

BRIEF: Final[dict[str, Any]] = {
    "number": _NUMBER,
    "url": _ADDRESS,
    "right": "rectification",
    "stage": "open",
    "outcome": "",
    "received_at": _FILED_AT,
    "due": "2026-12-22",
    "overdue": False,
}
PAGE: Final[dict[str, Any]] = {"count": 1, "next": None, "previous": None, "results": [BRIEF]}

MESSAGE: Final[dict[str, Any]] = {"text": "I mean the name on my invoices, too."}
WRITTEN: Final[dict[str, Any]] = {"at": "2026-11-23T09:30:00Z", "direction": "from_person", **MESSAGE}

WHOLE: Final[dict[str, Any]] = {
    **BRIEF,
    "right_label": "Correction of your data",
    "stage_label": "being worked on",
    "outcome_label": "not decided",
    "channel": "portal_auth",
    "text": WITH_A_LOG_IN["text"],
    "dates": {
        "target": "2026-12-08",
        "first_due": "2026-12-22",
        "due": "2026-12-22",
        "ends_before": "2026-12-22T22:00:00Z",
        "clock": "RUNNING",
        "extension": "NONE",
        "paused_days": 0,
        "arithmetic": ["Received on 22 November 2026.", "One month ends on 22 December 2026."],
    },
    "next": "We look at your request and answer by 22 December 2026.",
    "answer": "",
    "answered_at": None,
    "closed_at": None,
    "refusal": "",
    "may_withdraw": True,
    "may_write": True,
    "awaits_confirmation": False,
    "linked": [],
    "events": [{"at": _FILED_AT, "action": "received", "label": "received", "stage": "received"}],
    "messages": [WRITTEN],
    "copy": None,
    "standards": {"opendsr": "in_progress", "drp": "in_progress", "drp_reason": ""},
    "page": f"/privacy/requests/{_NUMBER}/",
}
WITHDRAWN: Final[dict[str, Any]] = WHOLE | {
    "stage": "withdrawn",
    "stage_label": "withdrawn by you",
    "outcome": "withdrawn_by_subject",
    "outcome_label": "withdrawn",
    "closed_at": "2026-11-24T08:00:00Z",
    "dates": {
        "target": None,
        "first_due": None,
        "due": None,
        "ends_before": None,
        "clock": "RUNNING",
        "extension": None,
        "paused_days": None,
        "arithmetic": [],
    },
    "next": "You have withdrawn this request.",
    "may_withdraw": False,
    "may_write": False,
    "standards": {"opendsr": "cancelled", "drp": "revoked", "drp_reason": ""},
}

OPENDSR: Final[dict[str, Any]] = {
    "subject_request_id": _ID,
    "subject_request_type": "access",
    "submitted_time": "2026-01-02T03:04:05Z",
    "subject_identities": [
        {"identity_type": "email", "identity_value": "maris@example.lv", "identity_format": "raw"},
    ],
    "api_version": "2.0",
    "regulation": "gdpr",
}
RECEIPT: Final[dict[str, Any]] = {
    "controller_id": "40000000000",
    "subject_request_id": _ID,
    "received_time": _FILED_AT,
    "expected_completion_time": None,
    "encoded_request": "eyJzdWJqZWN0X3JlcXVlc3RfaWQiOiAi4oCmIn0=",
}
STATE: Final[dict[str, Any]] = {
    "controller_id": "40000000000",
    "subject_request_id": _ID,
    "request_status": "pending",
    "received_time": _FILED_AT,
    "expected_completion_time": None,
    "api_version": "2.0",
}
CANCELLED: Final[dict[str, Any]] = STATE | {"request_status": "cancelled"}
DISCOVERY: Final[dict[str, Any]] = {
    "api_version": "2.0",
    "controller_id": "40000000000",
    "supported_identities": [{"identity_type": "email", "identity_format": "raw"}],
    "supported_subject_request_types": ["access", "erasure", "portability", "rectification"],
}

_SENTENCES: Final = SENTENCES | {
    Kind.CONFLICT: WrongStage.message,
    Kind.UNDER_WAY: AlreadyUnderWay.message,
    Kind.KEY_USED: KeyUsedOtherwise.message,
    Kind.TOO_MANY: TooManyAttempts.message,
}
_MEMBERS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.INVALID: {"errors": [{"field": "rights[0]", "detail": "This is none of the words that can stand here."}]},
    Kind.STEP_UP: {"step_up_page": _STEP_UP},
    Kind.UNDER_WAY: {"number": _NUMBER},
}

SENT: Final = (Kind.INVALID, Kind.UNREADABLE, Kind.FOREIGN, Kind.TOO_LARGE, Kind.MEDIA)
"""What can be wrong with every body."""

_LIMIT: Final = (
    ("RateLimit-Policy", '"requests";q=30;w=3600', "How many messages there may be, and in how many seconds."),
    ("RateLimit", '"requests";r=29;t=3600', "How many are left, and in how many seconds the count begins anew."),
)
RETRY_AFTER: Final = OpenApiParameter(
    "Retry-After",
    int,
    OpenApiParameter.HEADER,
    response=[429],
    description="In how many seconds the next message is taken.",
    examples=[OpenApiExample("seconds", 3540)],
)


def limit_headers(*statuses: int) -> list[OpenApiParameter]:
    """The headers of answers that count (draft-ietf-httpapi-ratelimit-headers), and the one of a refusal."""
    told = [
        OpenApiParameter(
            name,
            str,
            OpenApiParameter.HEADER,
            response=list(statuses),
            description=words,
            examples=[OpenApiExample(name, value)],
        )
        for name, value, words in _LIMIT
    ]
    return [*told, RETRY_AFTER]


def sent(shape: Any, **examples: dict[str, Any]) -> OpenApiRequest:
    """A body with its examples, each under its name."""
    return OpenApiRequest(shape, examples=list(_named(examples)))


def answered(shape: Any, **examples: dict[str, Any]) -> OpenApiResponse:
    """An answer with its examples."""
    return OpenApiResponse(shape, examples=list(_named(examples)))


def problems(*kinds: Kind) -> dict[Any, Any]:
    """The problems of an operation by their statuses, each with an example as RFC 9457 has it.

    Damaged addresses and bodies, and what goes wrong on our side, can be the answer everywhere.
    """
    by_status: dict[int, list[Kind]] = defaultdict(list)
    for kind in dict.fromkeys((*kinds, Kind.UNREADABLE, Kind.OURS)):
        by_status[STATUS[kind]].append(kind)
    return {
        (status, MEDIA_TYPE): OpenApiResponse(ProblemAnswer, examples=list(_problems(found)))
        for status, found in sorted(by_status.items())
    }


def _problems(kinds: Iterable[Kind]) -> Iterator[OpenApiExample]:
    for kind in kinds:
        told = {
            "type": f"{DOCUMENTED_AT}{kind.value}",
            "title": kind.label,
            "status": STATUS[kind],
            "detail": _SENTENCES[kind],
        }
        yield OpenApiExample(kind.value, told | _MEMBERS.get(kind, {}))


def _named(examples: dict[str, dict[str, Any]]) -> Iterator[OpenApiExample]:
    for name, value in examples.items():
        yield OpenApiExample(name.replace("_", " "), value)
