"""Corrects what the person gave us, keeps before and after, and tells those who got the old value (Art. 16, 19)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from datamap.declarations import Holding
from datamap.registry import model_of, registry
from datamap.terms import Access, Category, Right, Source, Text
from datamap.trace import rows_about
from dsar.cases import note, require_authority
from dsar.models import Correction, SubjectRequest
from dsar.queries import subject_of
from dsar.recipients import order_notices
from dsar.refusals import CannotBeCorrected, WrongStage
from dsar.steps import Step
from dsar.terms import NoticeArticle, Stage

_OF_HER: Final = frozenset(
    {
        Category.IDENTITY,
        Category.PHONE,
        Category.ADDRESS,
        Category.LANGUAGE,
        Category.AGE,
        Category.FREE_TEXT,
        Category.PUBLIC_CONTENT,
    }
)
"""What a person can have told us wrongly. A proof is not corrected but made anew, and an e-mail address is a key: it is
changed where its new mailbox confirms it, on the page of the account or by subscribing anew."""

_OF_REQUESTS: Final[Mapping[str, frozenset[str]]] = {
    "dsar.SubjectRequest": frozenset({"postal_address", "language"}),
    "dsar.Representative": frozenset({"name"}),
}
"""What can be corrected of requests themselves: how we write to her, not what was said and done."""


@dataclass(frozen=True, slots=True)
class Correctable:
    """One value as it stands, with the key under which `correct` finds it again."""

    key: str
    table: Text
    label: Text
    value: str


def correctable(case: SubjectRequest) -> list[Correctable]:
    """The values that the person gave us and that can be corrected one by one."""
    return [
        Correctable(_key(holding, row, field), holding.label, _label(holding, field), _shown(row, field))
        for holding, row, field in _candidates(case)
    ]


def correct(case_id: UUID, key: str, value: str, *, step: Step) -> Correction:
    """Put another value in the place of this one, with its proof and the notices to recipients, in one transaction.

    Raises WrongStage, AuthorityUnchecked, and CannotBeCorrected for a value that is not the person's or does not fit
    its field.
    """
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case_id)
        if case.stage != Stage.OPEN or case.right != Right.RECTIFICATION:
            raise WrongStage
        require_authority(case)
        row, field, holding = _find(case, key)
        before = _shown(row, field)
        _put(row, field, holding, value.strip())
        correction = Correction.objects.create(
            case=case,
            table=holding.model,
            field=field.name,
            before=before,
            after=_shown(row, field),
            at=step.now,
            by=step.by.pk,
        )
        note(case, "corrected", actor=step.actor, now=step.now, reason=step.reason)
        order_notices(case, NoticeArticle.RECTIFICATION, actor=step.actor, now=step.now)
    return correction


def _put(row: models.Model, field: models.Field[object, object], holding: Holding, value: str) -> None:
    words = holding.personal[field.name].words
    if words and value not in import_string(words)():
        raise CannotBeCorrected(_("One of these: %(codes)s") % {"codes": ", ".join(import_string(words)())})
    try:
        setattr(row, field.attname, field.clean(value, row))
        row.full_clean(validate_unique=True)
    except ValidationError as trouble:
        raise CannotBeCorrected(" ".join(trouble.messages)) from None
    row.save(update_fields=[field.attname])


def spoken_name(correction: Correction) -> Text:
    """What the corrected value is called where people read it."""
    for holding in registry().holdings:
        if holding.model == correction.table:
            fields = {field.name: field for field in model_of(holding)._meta.concrete_fields}
            return _label(holding, fields[correction.field])
    return correction.field


def _find(case: SubjectRequest, key: str) -> tuple[models.Model, models.Field[object, object], Holding]:
    for holding, row, field in _candidates(case):
        if key == _key(holding, row, field):
            return row, field, holding
    raise CannotBeCorrected


def _candidates(case: SubjectRequest) -> Iterator[tuple[Holding, models.Model, models.Field[object, object]]]:
    subject = subject_of(case)
    for holding in registry().holdings:
        if holding.source is not Source.PROVIDED or holding.ledger:
            continue
        fields = [field for field in model_of(holding)._meta.concrete_fields if _may_be_corrected(holding, field)]
        if not fields:
            continue
        for row in rows_about(holding, subject, owned_only=True):
            yield from ((holding, row, field) for field in fields)


def _may_be_corrected(holding: Holding, field: models.Field[object, object]) -> bool:
    """Plain values that are disclosed, say something of her, and are nobody's key."""
    declared = holding.personal.get(field.name)
    if declared is None or declared.on_access.verdict is not Access.DISCLOSE or declared.category not in _OF_HER:
        return False
    if holding.model.startswith("dsar.") and field.name not in _OF_REQUESTS.get(holding.model, ()):
        return False
    return (
        not (field.unique or field.is_relation or not field.editable)
        and isinstance(field, models.CharField | models.TextField | models.DateField)
        and not isinstance(field, models.DateTimeField)
    )  # a moment is noted by the site, not told by the person


def _key(holding: Holding, row: models.Model, field: models.Field[object, object]) -> str:
    return f"{holding.model}|{row.pk}|{field.name}"


def _label(holding: Holding, field: models.Field[object, object]) -> Text:
    return holding.personal[field.name].label or field.verbose_name


def _shown(row: models.Model, field: models.Field[object, object]) -> str:
    value = getattr(row, field.attname)
    return "" if value is None else str(value)
