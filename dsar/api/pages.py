"""The description of the interface: OpenAPI 3.1 for machines, and a page without any script (security H2)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.generators import SchemaGenerator
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from datamap.terms import Text
from dsar.api.base import Api
from dsar.api.problems import SENTENCES, STATUS, Kind

MEDIA_TYPE: Final = "application/vnd.oai.openapi+json;version=3.1"


class MayRead(BasePermission):
    """Everybody, or staff only where the operator says so (security H9)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return may_read(request.user)


class SessionInOpenApi(SessionScheme):
    """How the description names a log-in: by the cookie of the session."""

    target_class = "dsar.api.reading.SessionOfThePerson"
    name = "session"


class SchemaFile(Api):
    """The description for machines."""

    permission_classes = (MayRead,)
    schema = None

    def get(self, request: Request) -> Response:
        """The whole of it."""
        return Response(description(), content_type=MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a body."""

    name: str
    kind: str
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A body as it may be sent or answered, laid out for reading."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Header:
    """One header with what it says."""

    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status with what comes with it."""

    status: str
    shape: str
    headers: tuple[Header, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that one address does."""

    method: str
    path: str
    summary: str
    headers: tuple[Header, ...]
    fields: tuple[Field, ...]
    examples: tuple[Example, ...]
    answers: tuple[Answer, ...]

    @property
    def code(self) -> str:
        """Its place on the page."""
        return f"{self.method}-{self.path}".lower().replace("/", "-").strip("-")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem as the page lists it."""

    name: str
    status: int
    title: Text
    sentence: Text


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Every operation with its fields and answers, and every kind of problem."""
    if not may_read(request.user):
        raise PermissionDenied
    schema = description()
    context = {
        "operations": list(operations(schema)),
        "shapes": [(name, fields_of(shape, schema)) for name, shape in sorted(schema["components"]["schemas"].items())],
        "problems": [ProblemKind(kind.value, STATUS[kind], kind.label, SENTENCES.get(kind, "")) for kind in Kind],
    }
    return render(request, "dsar/api.html", context)


def may_read(user: Any) -> bool:
    """Whether the description is open to this account or visitor."""
    return bool(settings.API_DOCS_PUBLIC or (user.is_authenticated and user.is_active and user.is_staff))


def description() -> dict[str, Any]:
    """The interface in OpenAPI 3.1, made from the code that answers."""
    made: dict[str, Any] = SchemaGenerator(api_version="v1").get_schema(request=None, public=True)
    return made


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    """The operations of a description, in its order."""
    for path, methods in schema["paths"].items():
        for method, found in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=found.get("description", ""),
                headers=tuple(
                    Header(item["name"], item.get("description", ""))
                    for item in found.get("parameters", ())
                    if item["in"] == "header"
                ),
                fields=tuple(_body_of(found, schema)),
                examples=_examples_of(found.get("requestBody", {})),
                answers=tuple(_answer(status, answer) for status, answer in found["responses"].items()),
            )


def fields_of(shape: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    """The fields of a shape, those of what it refers to included."""
    if "$ref" in shape:
        shape = schema["components"]["schemas"][_last(shape["$ref"])]
    needed = set(shape.get("required", ()))
    return [Field(name, _kind(found), name in needed) for name, found in shape.get("properties", {}).items()]


def _body_of(found: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    contents = found.get("requestBody", {}).get("content", {})
    return fields_of(next(iter(contents.values()))["schema"], schema) if contents else []


def _answer(status: str, answer: dict[str, Any]) -> Answer:
    headers = (Header(name, item.get("description", "")) for name, item in answer.get("headers", {}).items())
    return Answer(status, _shape_of(answer), tuple(headers), _examples_of(answer))


def _examples_of(body: dict[str, Any]) -> tuple[Example, ...]:
    return tuple(
        Example(item.get("summary", name), json.dumps(item["value"], indent=2, ensure_ascii=False, default=str))
        for content in body.get("content", {}).values()
        for name, item in content.get("examples", {}).items()
    )


def _shape_of(answer: dict[str, Any]) -> str:
    return next((_kind(content["schema"]) for content in answer.get("content", {}).values()), "")


def _kind(found: dict[str, Any]) -> str:
    """The kind of a field in a few words: `string`, `array of Written`, `string or null`."""
    if "$ref" in found:
        return _last(found["$ref"])
    for several in ("oneOf", "anyOf", "allOf"):
        if several in found:
            return " or ".join(_kind(inner) for inner in found[several])
    kind = found.get("type", "")
    name = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if "items" in found:
        return f"{name} of {_kind(found['items'])}"
    return f"{name} ({found['format']})" if "format" in found else name


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
