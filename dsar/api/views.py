"""A person's own requests: file, follow, write, withdraw; the same services as the pages (Art. 12(2); D2)."""

from datetime import datetime
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from datamap.terms import Right
from dsar.api import examples, shapes
from dsar.api.base import KEY_HEADER, Api, ip_of, key_of, language_of, read, refuse_other_sites
from dsar.api.examples import RETRY_AFTER, SENT, answered, limit_headers, problems, sent
from dsar.api.filing import Order, file_for_address, file_for_person
from dsar.api.problems import Kind, Problem
from dsar.api.standards import Standing, standing_of
from dsar.case_page import CasePage, page_of
from dsar.conversation import write_to_us
from dsar.filing import Filed
from dsar.models import Package, SubjectRequest
from dsar.queries import requests_of, viewed
from dsar.services import is_self_service, withdraw_request
from dsar.terms import Outcome, RefusalReason, Stage
from mailing.services import InvalidAddress


class Pages(PageNumberPagination):
    """Fifty requests at a time."""

    page_size = 50


class Session(Api):
    """Who is logged in here."""

    @extend_schema(
        tags=["session"],
        responses={200: answered(shapes.SessionState, session=examples.SESSION), **problems(Kind.LOG_IN)},
    )
    def get(self, request: Request) -> Response:
        """The token for what changes something, and whether the password was entered lately."""
        return Response(
            shapes.SessionState(
                {
                    "csrf_token": get_token(request._request),  # noqa: SLF001 - Django's own request carries the token
                    "password_was_entered": _entered_password(request),
                    "step_up_page": reverse("account_reauthenticate"),
                }
            ).data
        )


class Requests(Api):
    """All requests of a person, and the way to file new ones, with or without an account."""

    permission_classes = (AllowAny,)
    is_counted = True

    @extend_schema(
        operation_id="requests_list",
        tags=["requests"],
        parameters=[OpenApiParameter("page", int, description="Which fifty.", examples=[OpenApiExample("page", 1)])],
        responses={200: answered(shapes.Page, page=examples.PAGE), **problems(Kind.LOG_IN, Kind.NOT_FOUND)},
    )
    def get(self, request: Request) -> Response:
        """Your requests, the newest first, fifty on a page (`?page=2`)."""
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        now, pages = timezone.now(), Pages()
        cases = pages.paginate_queryset(requests_of(request.user.pk), request, view=self) or []
        return pages.get_paginated_response(shapes.Brief([_brief(case, now=now) for case in cases], many=True).data)

    @extend_schema(
        tags=["requests"],
        parameters=[KEY_HEADER, *limit_headers(201, 202, 429)],
        request=sent(shapes.NewRequest, with_a_log_in=examples.WITH_A_LOG_IN, without_a_log_in=examples.WITHOUT),
        responses={
            201: answered(shapes.FiledAnswer, filed=examples.FILED),
            202: answered(shapes.Neutral, the_same_for_everybody=examples.NEUTRAL),
            **problems(*SENT, Kind.STEP_UP, Kind.UNDER_WAY, Kind.KEY_USED, Kind.TOO_MANY),
        },
    )
    def post(self, request: Request) -> Response:
        """File one or more rights in one message.

        Logged in: 201 with the numbers; a copy and an erasure need the password entered within 15 minutes.
        Without a log-in: `email` is needed, and the answer is 202 with the same words for every address.
        """
        logged_in = request.user.is_authenticated
        body = read(shapes.NewRequest, request, logged_in=logged_in)
        rights = [right for right in Right if right in body["rights"]]
        once = key_of(request)
        if logged_in:
            order = Order(rights=rights, text=body["text"], language=body["language"], once=once, body=body)
            return self._for_person(request, order)
        refuse_other_sites(request)
        language = language_of(request, body)
        order = Order(rights=rights, text=body["text"], language=language, once=once, body=body)
        return self._for_address(request, body["email"], order)

    def _for_person(self, request: Request, order: Order) -> Response:
        if any(is_self_service(right) for right in order.rights) and not _entered_password(request):
            raise Problem(Kind.STEP_UP, step_up_page=reverse("account_reauthenticate"))
        filed = file_for_person(_person(request), order, now=timezone.now())
        if not filed.opened:
            sentence = _("This request is already being worked on. You will hear from us.")
            raise Problem(Kind.UNDER_WAY, sentence, number=filed.under_way[0])
        return Response(shapes.FiledAnswer(_filed(filed)).data, status=201)

    def _for_address(self, request: Request, address: str, order: Order) -> Response:
        try:
            file_for_address(address, order, ip=ip_of(request), now=timezone.now())
        except InvalidAddress:
            raise exceptions.ValidationError({"email": [_("This is no e-mail address.")]}) from None
        sentence = _("We have your request. A letter to this address says how it goes on.")
        return Response({"detail": sentence}, status=202)


class OneRequest(Api):
    """One request of the person; somebody else's does not exist."""

    @extend_schema(
        tags=["requests"],
        responses={200: answered(shapes.Whole, open=examples.WHOLE), **problems(Kind.LOG_IN, Kind.NOT_FOUND)},
    )
    def get(self, request: Request, number: str) -> Response:
        """Its dates with the rule and the arithmetic, what happened, what happens next, and what was written."""
        return Response(_whole(_own(request, number), now=timezone.now()))


class Withdrawal(Api):
    """Taking a request back."""

    @extend_schema(
        tags=["requests"],
        request=None,
        responses={
            200: answered(shapes.Whole, withdrawn=examples.WITHDRAWN),
            **problems(Kind.LOG_IN, Kind.FOREIGN, Kind.NOT_FOUND, Kind.CONFLICT),
        },
    )
    def post(self, request: Request, number: str) -> Response:
        """Withdraw a request, as long as it has not been carried out; twice is once."""
        now = timezone.now()
        withdraw_request(_own(request, number), now=now)
        return Response(_whole(_own(request, number), now=now))


class Messages(Api):
    """What the person and we wrote to each other."""

    @extend_schema(
        tags=["requests"],
        responses={
            200: answered(shapes.Written(many=True), messages=examples.WRITTEN),
            **problems(Kind.LOG_IN, Kind.NOT_FOUND),
        },
    )
    def get(self, request: Request, number: str) -> Response:
        """All messages, the oldest first."""
        page = page_of(_own(request, number), now=timezone.now(), whole=True)
        return Response(shapes.Written(page.messages, many=True).data)

    @extend_schema(
        tags=["requests"],
        parameters=[RETRY_AFTER],
        request=sent(shapes.NewMessage, message=examples.MESSAGE),
        responses={
            201: answered(shapes.Written, written=examples.WRITTEN),
            **problems(Kind.LOG_IN, *SENT, Kind.NOT_FOUND, Kind.CONFLICT, Kind.TOO_MANY),
        },
    )
    def post(self, request: Request, number: str) -> Response:
        """Write to us; where we had asked you something, this is the answer and the time runs again.

        A request that was closed because our question stayed unanswered goes on with it. Any other closed one takes no
        message: 409, and `new_request` says where to file a new one.
        """
        case = _own(request, number)
        text = read(shapes.NewMessage, request)["text"]
        return Response(shapes.Written(write_to_us(case, text, now=timezone.now())).data, status=201)


def _own(request: Request, number: str) -> SubjectRequest:
    return get_object_or_404(requests_of(_person(request).pk), number=number)


def _person(request: Request) -> Any:
    """The account behind a request that was let in."""
    return request.user


def _entered_password(request: Request) -> bool:
    return bool(did_recently_reauthenticate(request._request))  # noqa: SLF001 - allauth knows Django's own request


def _filed(filed: Filed) -> dict[str, Any]:
    return {
        "received_at": filed.opened[0].received_at,
        "requests": [{"number": case.number, "right": case.right, "url": url_of(case)} for case in filed.opened],
        "under_way": filed.under_way,
    }


def url_of(case: SubjectRequest) -> str:
    return reverse("api:request", args=[case.number])


def _brief(case: SubjectRequest, *, now: datetime) -> dict[str, Any]:
    return {"case": case, "view": viewed(case, now=now), "url": url_of(case)}


def _whole(case: SubjectRequest, *, now: datetime) -> Any:
    page = page_of(case, now=now)
    case = page.case
    shown = {
        "case": case,
        "view": page.view,
        "url": url_of(case),
        "next": page.next,
        "answer": case.answer if page.is_shown and case.is_closed else "",
        "may_withdraw": page.may_withdraw,
        "may_write": page.may_write,
        "awaits_confirmation": page.awaits_confirmation,
        "linked": [other.number for other in page.linked],
        "events": page.events,
        "messages": page.messages,
        "copy": None if page.package is None else _copy(page, page.package),
        "standards": standing(case, result_is_gone=page.package is not None and not page.downloadable),
        "page": reverse("privacy:request-detail", args=[case.number]),
    }
    return shapes.Whole(shown).data


def _copy(page: CasePage, package: Package) -> dict[str, Any]:
    return {
        "state": package.state,
        "percent": package.percent,
        "size": package.size,
        "downloads_left": page.downloads_left,
        "can_be_fetched_until": package.link_ends_at,
        "page": reverse("privacy:package-download", args=[page.case.number]),
    }


def standing(case: SubjectRequest, *, result_is_gone: bool = False) -> Standing:
    """The case in the words of the standards."""
    ground = RefusalReason(case.refusal_reason) if case.refusal_reason else None
    return standing_of(Stage(case.stage), Outcome(case.outcome), ground, result_is_gone=result_is_gone)
