"""What every address of the interface shares: who asks, in which form, and that nothing is kept on the way."""

from http.client import TOO_MANY_REQUESTS
from typing import Any, Final

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from audit.client import client_ip
from audit.origin import is_from_elsewhere
from dsar.api.filing import limit_key
from dsar.api.problems import Kind, Problem
from dsar.api.reading import is_json
from dsar.api.shapes import Body
from retention.attempts import PER_NETWORK, left, network_key

LONGEST_KEY: Final = 200
KEY_HEADER: Final = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=False,
    description="A name of this message, made by you: the same key with the same body files once, however often it is"
    " sent; with another body it is refused with 422. At most 200 printable ASCII characters.",
    examples=[OpenApiExample("a name of yours", "7d0c-once")],
)


class Api(APIView):
    """One address; answers are for nobody else, so nobody on the way keeps them."""

    http_method_names = ("get", "post", "delete", "head")
    is_counted = False
    """Whether its POST counts against the limit of an account or a network."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        if self.is_counted and request.method == "POST":
            _tell_limit(response, request)
        return response


def _tell_limit(response: Response, request: Request) -> None:
    """The fields of draft-ietf-httpapi-ratelimit-headers: what is allowed, and what is left of it."""
    key = limit_key(request.user) if request.user.is_authenticated else network_key(ip_of(request))
    found = left(key, PER_NETWORK, now=timezone.now())
    seconds = int(PER_NETWORK.within.total_seconds())
    response["RateLimit-Policy"] = f'"requests";q={PER_NETWORK.attempts};w={seconds}'
    response["RateLimit"] = f'"requests";r={found.attempts};t={found.seconds}'
    if response.status_code == TOO_MANY_REQUESTS:
        response["Retry-After"] = str(found.seconds)


class NotThere(Api):
    """Every address that is none."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


def read(shape: type[Body], request: Request, **context: Any) -> dict[str, Any]:
    """The body of a request, checked. Raises ValidationError with a sentence for each field.

    What came as a form is none: the framework would read it, and with it what another site's form sends.
    """
    if not is_json(request):
        raise Problem(Kind.MEDIA)
    body = shape(data=request.data, context=context)
    body.is_valid(raise_exception=True)
    checked: dict[str, Any] = body.validated_data
    return checked


def key_of(request: Request) -> str:
    """The client's own name of its message, empty where it gave none."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not all(" " <= letter <= "~" for letter in key):
        sentence = _("A key has at most 200 printable ASCII characters.")
        raise ValidationError({"Idempotency-Key": [sentence]})
    return key


def refuse_other_sites(request: Request) -> None:
    """What needs no session has no token, so the browser itself must not say that another site sent it (H4)."""
    if is_from_elsewhere(request._request):  # noqa: SLF001 - the header of the very request
        raise Problem(Kind.FOREIGN)


def language_of(request: Request, body: dict[str, Any]) -> str:
    """The language asked for, else that of the answer."""
    return str(body.get("language") or get_language() or "lv")


def ip_of(request: Request) -> str:
    """The address behind exactly the proxies that we know."""
    return client_ip(request._request)  # noqa: SLF001 - the same request
