"""The journal of erasures: what was done, in words and counts, and what is still to be verified (Art. 5(2))."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Min
from django.utils import translation

from datamap.catalogue import catalogue, period
from datamap.declarations import Holding
from datamap.processors import RecipientResult
from datamap.standstill import deleting_by_parts, due_and_held, without_kept
from datamap.sweeping import Ended, SweepCounts, end_together
from datamap.trace import Subject
from retention.models import ErasureRun, RunState
from retention.planned import ErasurePlan, PlanLine
from vault.keys import destroy_key, destroy_keys, seal, unseal

_REASON: Final = "retention_erasurerun|sealed_reason"


def write(
    plan: ErasurePlan,
    results: Iterable[RecipientResult],
    subject: Subject,
    *,
    number: UUID,
    case_number: str,
    now: datetime,
) -> ErasureRun:
    """Record an executed plan in the transaction that executed it, in the active language."""
    ends_at = period("CASE_FILE").ends_at(now)
    if ends_at is None:
        raise TypeError("The journal needs a period with an end.")
    run = ErasureRun(
        id=number,
        case_number=case_number,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        subject_id=subject.user_id,
        plan_digest=plan.digest,
        objected_to_archive=plan.objected,
        archive_ends_at=plan.archive_ends_at,
        lines=plan_in_words(plan) | {"recipients": [_result(result) for result in results]},
        executed_at=now,
        ends_at=ends_at,
    )
    run.sealed_subject = _seal_subject(run, subject)
    run.save(force_insert=True)
    return run


def conclude(run: ErasureRun, findings: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Write down what the verification found; where that is nothing, forget what it searched for."""
    run.findings = list(findings)
    run.verified_at = now
    run.state = RunState.NEEDS_ATTENTION if findings else RunState.DONE
    if not findings:
        destroy_key(run.id, now=now)
        run.sealed_subject = b""
    run.save(update_fields=["findings", "verified_at", "state", "sealed_subject"])


def keep_reason(run: ErasureRun, reason: str) -> None:
    """Seal why staff erased a child's account: their words may name people, and answer for the act (Art. 5(2))."""
    run.sealed_reason = seal(_reason_key(run.pk), reason.encode(), context=f"{_REASON}|{run.pk}")
    run.save(update_fields=["sealed_reason"])


def reason_of(run: ErasureRun) -> str:
    """Staff's why of a child's erasure; empty for any other."""
    if not run.sealed_reason:
        return ""
    return unseal(_reason_key(run.pk), bytes(run.sealed_reason), context=f"{_REASON}|{run.pk}").decode()


def purge(holding: Holding, *, now: datetime, apply: bool) -> SweepCounts:
    """Runs whose time is over, each with its keys; without `apply` only count them."""
    due = ErasureRun.objects.filter(ends_at__lte=now)
    (count, held), ended = due_and_held(due, holding), Ended()
    if apply:
        with deleting_by_parts():
            keys = list(without_kept(due, holding).order_by("pk").values_list("pk", flat=True))
            ended = end_together(keys, partial(_destroy, now=now))
    oldest = ErasureRun.objects.aggregate(oldest=Min("ends_at"))["oldest"]
    return ended.counts(due=count, held=held, oldest_at=oldest)


def _destroy(numbers: list[UUID], *, now: datetime) -> int:
    destroy_keys([*numbers, *map(_reason_key, numbers)], now=now)
    return ErasureRun.objects.filter(pk__in=numbers).delete()[1].get(ErasureRun._meta.label, 0)


def _reason_key(number: UUID) -> UUID:
    """Not the key of the run itself, which goes when the search is over."""
    return uuid5(number, _REASON)


def plan_in_words(plan: ErasurePlan) -> dict[str, Any]:
    """The plan as plain values, its words in the active language."""
    return {
        "lines": [line_in_words(line) for line in (*plan.lines, *plan.created)],
        "stores": [line_in_words(line) for line in plan.stores],
        "searched": [str(label) for label in plan.searched],
        "recipients": [{"name": item.name, "detail": str(item.description)} for item in plan.recipients],
        "conflicts": [str(sentence) for sentence in plan.conflicts],
    }


def unseal_subject(run: ErasureRun) -> Subject:
    """The keys under which the erased person was known, as long as the verification needs them."""
    keys = json.loads(unseal(run.id, bytes(run.sealed_subject), context=_context(run)))
    return Subject(
        user_id=keys["user_id"] and UUID(keys["user_id"]),
        emails=frozenset(keys["emails"]),
        phones=frozenset(keys["phones"]),
        visitors=frozenset(keys["visitors"]),
    )


def _seal_subject(run: ErasureRun, subject: Subject) -> bytes:
    keys = {
        "user_id": str(subject.user_id) if subject.user_id else None,
        "emails": sorted(subject.emails),
        "phones": sorted(subject.phones),
        "visitors": sorted(subject.visitors),
    }
    return seal(run.id, json.dumps(keys).encode(), context=_context(run))


def _context(run: ErasureRun) -> str:
    return f"retention_erasurerun|sealed_subject|{run.id}"


def line_in_words(line: PlanLine) -> dict[str, Any]:
    """One line as plain values, its words in the active language."""
    return {
        "table": line.table,
        "label": str(line.label),
        "action": line.action.value,
        "action_label": str(line.action.label),
        "count": line.count,
        "fields": [str(field) for field in line.fields],
        "reason": str(line.reason),
        "act": line.act,
        "until": line.until.isoformat() if line.until else None,
        "term": str(line.term),
        "kept_as": str(line.hold) if line.hold else None,
    }


def _result(result: RecipientResult) -> dict[str, Any]:
    recipient = catalogue().recipients.get(result.recipient)
    return {
        "name": recipient.name if recipient else result.recipient,
        "outcome": result.outcome.value,
        "outcome_label": str(result.outcome.label),
        "detail": str(result.detail),
        "until": result.until and result.until.isoformat(),
        "reference": result.reference,
    }
