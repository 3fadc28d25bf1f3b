"""`manage.py check` fails on one unclassified field of any installed model, third-party models included (Art. 5(2))."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from datamap.catalogue import catalogue
from datamap.declarations import Holding, Via
from datamap.processors import VERBS, handlers
from datamap.registry import model_of, registry, tables
from datamap.terms import Access, Erasure, OnErasure, RecipientRole, SubjectKey

_ANSWERS_FOR_ITSELF = {RecipientRole.AUTHORITY, RecipientRole.PERSON}


def check_declarations(**_kwargs: Any) -> list[CheckMessage]:
    """All findings E001-E014 over every installed model."""
    holdings = [item for item in registry().holdings if _is_installed(item)]
    return [
        *_undeclared_tables(),
        *_missing_privacy_modules(),
        *_recipients_without_handler(holdings),
        *_speechless_handlers(),
        *(finding for holding in holdings for finding in findings_of(holding)),
    ]


def findings_of(holding: Holding) -> Iterator[CheckMessage]:
    """The findings in one declaration."""
    model = model_of(holding)
    yield from _fields(holding, model)
    yield from _links(holding, model)
    yield from _period(holding)
    yield from _verdicts(holding)
    yield from _notes(holding, model)
    yield from _codes(holding)
    yield from _proof(holding, model)


def _error(number: int, message: str, hint: str = "", obj: object = None) -> Error:
    return Error(message, hint=hint or None, obj=obj, id=f"datamap.E{number:03}")


def _is_installed(holding: Holding) -> bool:
    app_label, _, _name = holding.model.partition(".")
    try:
        model_of(holding)
    except LookupError:
        # A declaration for an app that this site does not install is no fault; a misspelt model of an installed one is.
        if apps.is_installed(app_label) or app_label in {config.label for config in apps.get_app_configs()}:
            raise
        return False
    return True


def _undeclared_tables() -> Iterator[CheckMessage]:
    personal = (item.model.lower() for item in registry().holdings)
    not_personal = (item.model.lower() for item in registry().not_personal)
    declared = Counter((*personal, *not_personal))
    for model in tables():
        match declared[model._meta.label_lower]:
            case 0:
                yield _error(
                    1,
                    f"The table {model._meta.label} is not declared in any privacy.py.",
                    f"Declare a Holding, or NotPersonal with a reason. Its fields: {', '.join(sorted(_names(model)))}.",
                    model,
                )
            case 1:
                pass
            case times:
                yield _error(1, f"The table {model._meta.label} is declared {times} times.", obj=model)


def _missing_privacy_modules() -> Iterator[CheckMessage]:
    for config in apps.get_app_configs():
        if _is_ours(config) and any(config.get_models()) and config.label not in registry().apps_with_privacy:
            yield _error(10, f"The app {config.label} has models but no privacy.py.", obj=config)


def _is_ours(config: AppConfig) -> bool:
    # The environment may lie inside the project's folder, so a path below it is not enough.
    path = Path(config.path)
    return path.parent == Path(settings.BASE_DIR)


def _recipients_without_handler(holdings: Iterable[Holding]) -> Iterator[CheckMessage]:
    used = {code for holding in holdings for code in holding.recipients}
    for code, recipient in catalogue().recipients.items():
        if code in used and recipient.role not in _ANSWERS_FOR_ITSELF and not recipient.handler:
            yield _error(8, f"The recipient {code} receives data but has no handler.", obj=recipient.name)


def _speechless_handlers() -> Iterator[CheckMessage]:
    """A recipient that lacks a verb is found before the first person asks; an honest "not possible" is an answer."""
    for code, handler in handlers().items():
        for verb in VERBS:
            if not callable(getattr(handler, verb, None)):
                yield _error(14, f"The handler of the recipient {code} lacks {verb!r}.", obj=type(handler).__name__)


def _names(model: type[models.Model]) -> set[str]:
    return {item.name for item in model._meta.concrete_fields}


def _fields(holding: Holding, model: type[models.Model]) -> Iterator[CheckMessage]:
    names, personal, neutral = _names(model), set(holding.personal), set(holding.neutral)
    for name in sorted(names - personal - neutral):
        yield _error(
            2, f"The field {holding.model}.{name} is not classified.", "Put it into personal or neutral.", model
        )
    for name in sorted((personal | neutral) - names):
        yield _error(3, f"{holding.model} has no field {name!r}.", obj=model)
    for name in sorted(personal & neutral):
        yield _error(4, f"The field {holding.model}.{name} is both personal and neutral.", obj=model)


def _links(holding: Holding, model: type[models.Model]) -> Iterator[CheckMessage]:
    if not holding.about:
        yield _error(5, f"{holding.model} names no way to a person.", "Fill about={...}.", model)
    for kind, way in holding.ways:
        if kind not in set(SubjectKey):
            yield _error(5, f"{holding.model} has an unknown kind of key {kind!r}.", obj=model)
            continue
        target = _field_at(model, way.path if isinstance(way, Via) else way)
        if target is None:
            yield _error(5, f"The way {way!r} of {holding.model} leads nowhere.", obj=model)
        elif not isinstance(way, Via) and kind in {SubjectKey.USER, SubjectKey.ALSO} and not _is_person(target):
            yield _error(5, f"The way {way!r} of {holding.model} does not end at a person.", obj=model)


def _field_at(model: type[models.Model], path: str) -> Any | None:
    field: Any = None
    at: type[models.Model] | None = model
    for part in path.split("__"):
        if at is None:
            return None
        try:
            field = at._meta.pk if part == "pk" else at._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        at = getattr(field, "related_model", None)
    return field


def _is_person(target: Any) -> bool:
    user = get_user_model()
    if target.related_model is user or (target.model is user and target.primary_key):
        return True
    # A row may know the person by the account's id alone, so that it neither blocks nor follows a deletion.
    return not target.is_relation and isinstance(target, type(user._meta.pk))


def _period(holding: Holding) -> Iterator[CheckMessage]:
    found = catalogue().periods.get(holding.period)
    # Rows of a ledger are never swept one by one: what they say about a person ends with the key of her token.
    counts_itself = holding.ledger or holding.purge_with or holding.erase_due
    if found is not None and found.term is not None and not (holding.clock or holding.ends or counts_itself):
        yield _error(6, f"{holding.model} has the period {holding.period} but no field that it counts from.")
    own = holding.unpublished
    for name in filter(None, (holding.clock, holding.ends, own.clock if own else "")):
        if name not in _names(model_of(holding)):
            yield _error(6, f"The clock {name!r} of {holding.model} is not one of its fields.")
    if holding.swept_after and holding.swept_after not in {item.model for item in registry().holdings}:
        yield _error(6, f"{holding.model} is swept after {holding.swept_after!r}, which nobody declares.")


def _verdicts(holding: Holding) -> Iterator[CheckMessage]:
    for name, item in holding.personal.items():
        if item.on_access.verdict is not Access.DISCLOSE and not item.on_access.reason:
            yield _error(7, f"{holding.model}.{name} is not disclosed and no reason is given.")
        if item.on_erasure.verdict is Erasure.KEEP:
            yield from _keep(holding, name, item.on_erasure)
    if holding.erasure is Erasure.DELETE and holding.kept:
        yield _error(13, f"{holding.model} deletes its row and keeps {', '.join(holding.kept)} of the same row.")


def _keep(holding: Holding, name: str, verdict: OnErasure) -> Iterator[CheckMessage]:
    if not (verdict.reason and verdict.act):
        yield _error(7, f"{holding.model}.{name} is kept without a reason and an act.")
    if verdict.until and verdict.until not in catalogue().periods:
        yield _error(12, f"{holding.model}.{name} is kept until {verdict.until!r}, which the catalogue does not have.")


def _notes(holding: Holding, model: type[models.Model]) -> Iterator[CheckMessage]:
    for field in model._meta.concrete_fields:
        item = holding.personal.get(field.name)
        if item is not None and isinstance(field, models.TextField | models.JSONField) and not item.note:
            yield _error(
                9, f"{holding.model}.{field.name} holds free text or JSON and has no note on what it may contain."
            )


def _codes(holding: Holding) -> Iterator[CheckMessage]:
    known, own = catalogue(), holding.unpublished
    for code in filter(None, (holding.period, own.period if own else "")):
        if code not in known.periods:
            yield _error(12, f"{holding.model} names the period {code!r}, which the catalogue does not have.")
    for code in holding.purposes:
        if code not in known.purposes:
            yield _error(12, f"{holding.model} names the purpose {code!r}, which the catalogue does not have.")
    for code in holding.recipients:
        if code not in known.recipients:
            yield _error(12, f"{holding.model} names the recipient {code!r}, which the catalogue does not have.")


def _proof(holding: Holding, model: type[models.Model]) -> Iterator[CheckMessage]:
    if not holding.ledger:
        return
    for field in model._meta.concrete_fields:
        if field.related_model is get_user_model():
            yield _error(
                11, f"The proof {holding.model}.{field.name} hangs on the user.", "Use a keyed token instead.", model
            )
