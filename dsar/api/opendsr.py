"""The shape of OpenDSR requests: another controller's machine files for a person, who still shows herself who she is.

What stands in a body identifies nobody (Art. 12(6); clauses.md D8): the letter goes to the address, and only its code
opens anything. The name of a request, a random UUID of the client, is the key to its status and to nothing else.
"""

import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from datamap.terms import Right
from dsar.api import examples
from dsar.api.base import Api, ip_of, language_of, read, refuse_other_sites
from dsar.api.examples import SENT, answered, limit_headers, problems, sent
from dsar.api.filing import Order, controller_id, file_for_opendsr, opendsr_key
from dsar.api.problems import Kind as Trouble
from dsar.api.shapes import Address, Body, Identifier, Moment, Several, Text, Word
from dsar.api.standards import STANDINGS, OpenDsr
from dsar.api.views import standing
from dsar.models import Intake, SubjectRequest
from dsar.queries import deadline_of
from dsar.refusals import WrongStage
from dsar.services import withdraw_request
from dsar.terms import Stage
from mailing.services import InvalidAddress

API_VERSION: Final = "2.0"
TYPES: Final = (Right.ACCESS, Right.ERASURE, Right.PORTABILITY, Right.RECTIFICATION)
CLOCKS_DIFFER_BY: Final = timedelta(minutes=10)


class Identity(Body):
    """Whom it is about; an e-mail address in plain is the only one that a letter can reach."""

    identity_type = Word(choices=[("email", "email")])
    identity_value = Address(max_length=254)
    identity_format = Word(choices=[("raw", "raw")])


class OpenDsrRequest(Body):
    """A request as OpenDSR has it; callbacks and properties of apps are none that we have."""

    subject_request_id = Identifier()
    subject_request_type = Word(choices=[(right.value, right.label) for right in TYPES])
    submitted_time = Moment()
    subject_identities = Several(child=Identity(), min_length=1, max_length=1, allow_empty=False)
    api_version = Text(max_length=10, required=False)
    regulation = Word(choices=[("gdpr", "gdpr")], required=False)

    def validate_submitted_time(self, submitted: datetime) -> datetime:
        if submitted > timezone.now() + CLOCKS_DIFFER_BY:
            raise serializers.ValidationError(_("This moment is still to come."))
        return submitted


class Receipt(serializers.Serializer[Any]):
    """That we have it, and until when we answer."""

    controller_id = serializers.CharField()
    subject_request_id = serializers.UUIDField()
    received_time = serializers.DateTimeField()
    expected_completion_time = serializers.DateTimeField(allow_null=True)
    encoded_request = serializers.CharField()


class Status(serializers.Serializer[Any]):
    """How it stands."""

    controller_id = serializers.CharField()
    subject_request_id = serializers.UUIDField()
    request_status = serializers.ChoiceField([(item.value, item.value) for item in OpenDsr])
    received_time = serializers.DateTimeField()
    expected_completion_time = serializers.DateTimeField(allow_null=True)
    api_version = serializers.CharField()


class Kind(serializers.Serializer[Any]):
    """An identity that we take."""

    identity_type = serializers.CharField()
    identity_format = serializers.CharField()


class Discovery(serializers.Serializer[Any]):
    """What can be asked for here, and how."""

    api_version = serializers.CharField()
    controller_id = serializers.CharField()
    supported_identities = Kind(many=True)
    supported_subject_request_types = serializers.ListField(child=serializers.CharField())


class _Open(Api):
    """Without a session: what is sent here acts for nobody's log-in."""

    authentication_classes = ()
    permission_classes = ()


class OpenDsrRequests(_Open):
    """Where requests are filed."""

    is_counted = True

    @extend_schema(
        tags=["opendsr"],
        parameters=limit_headers(201, 429),
        request=sent(OpenDsrRequest, access=examples.OPENDSR),
        responses={
            201: answered(Receipt, receipt=examples.RECEIPT),
            **problems(*SENT, Trouble.KEY_USED, Trouble.TOO_MANY),
        },
    )
    def post(self, request: Request) -> Response:
        """File a request for the owner of an address, who gets a letter with a code; the same again is the same."""
        refuse_other_sites(request)
        body = read(OpenDsrRequest, request)
        address = body["subject_identities"][0]["identity_value"]
        order = Order(
            rights=[Right(body["subject_request_type"])],
            language=language_of(request, {}),
            once=str(body["subject_request_id"]),
            body=body,
        )
        try:
            intake = file_for_opendsr(address, order, ip=ip_of(request), now=timezone.now())
        except InvalidAddress:
            sentence = _("This is no e-mail address.")
            raise exceptions.ValidationError({"subject_identities": [{"identity_value": [sentence]}]}) from None
        return Response(_receipt(body["subject_request_id"], intake, request.data), status=201)


class OneOpenDsrRequest(_Open):
    """One request by the name that the client gave it."""

    @extend_schema(
        tags=["opendsr"], responses={200: answered(Status, pending=examples.STATE), **problems(Trouble.NOT_FOUND)}
    )
    def get(self, request: Request, request_id: UUID) -> Response:
        """How it stands: pending until the person has shown that the address is hers."""
        return Response(_status(request_id, _intake(request_id)))

    @extend_schema(
        tags=["opendsr"],
        request=None,
        responses={
            200: answered(Status, cancelled=examples.CANCELLED),
            **problems(Trouble.FOREIGN, Trouble.NOT_FOUND, Trouble.CONFLICT),
        },
    )
    def delete(self, request: Request, request_id: UUID) -> Response:
        """Withdraw it; once the person has shown who she is, only she can."""
        refuse_other_sites(request)
        intake = _intake(request_id)
        now = timezone.now()
        for case in intake.cases.all():
            if case.identified_at is not None:
                raise WrongStage
            withdraw_request(case, now=now)
        return Response(_status(request_id, intake))


class OpenDsrDiscovery(_Open):
    """What can be asked for here."""

    @extend_schema(tags=["opendsr"], responses={200: answered(Discovery, discovery=examples.DISCOVERY), **problems()})
    def get(self, request: Request) -> Response:
        """The identities and the types of requests that are taken."""
        found = {
            "api_version": API_VERSION,
            "controller_id": controller_id(),
            "supported_identities": [{"identity_type": "email", "identity_format": "raw"}],
            "supported_subject_request_types": [right.value for right in TYPES],
        }
        return Response(Discovery(found).data)


def _intake(request_id: UUID) -> Intake:
    return get_object_or_404(Intake, dedupe_key=opendsr_key(str(request_id)))


def _receipt(request_id: UUID, intake: Intake, sent: Any) -> Any:
    found = {
        "controller_id": controller_id(),
        "subject_request_id": request_id,
        "received_time": intake.arrived_at,
        "expected_completion_time": None,
        "encoded_request": base64.b64encode(json.dumps(sent, ensure_ascii=False).encode()).decode(),
    }
    return Receipt(found).data


def _status(request_id: UUID, intake: Intake) -> Any:
    """A message that joined a running request of its address says no more than one that waits for its code."""
    case = SubjectRequest.objects.filter(intake=intake).prefetch_related("pauses").first()
    state = STANDINGS[Stage.IDENTITY_PENDING] if case is None else standing(case)
    found = {
        "controller_id": controller_id(),
        "subject_request_id": request_id,
        "request_status": state.opendsr,
        "received_time": intake.arrived_at,
        "expected_completion_time": None if case is None else deadline_of(case).ends_before_utc,
        "api_version": API_VERSION,
    }
    return Status(found).data
