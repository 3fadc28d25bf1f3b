"""The only executor of erasures: one transaction, verification, receipt; twice is once (Art. 17; clauses 17, 18)."""

import logging
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.appending import check_references
from audit.trail import Actor
from datamap.databases import together
from datamap.declarations import Holding
from datamap.processors import handlers
from datamap.registry import registry
from datamap.standstill import deleting
from datamap.terms import Erasure, Text
from datamap.trace import People, Subject, rows_about
from replay.journal import write_out
from retention import journal, receipts
from retention.archive import destroy_older, seal_archive
from retention.aside import copy_held_rows, name_erasure
from retention.models import ErasureReceipt, ErasureRun, RunState
from retention.order import children_first
from retention.plan import ErasurePlan, PlanLine, erasure_of, plan_erasure, standing_holds
from retention.repeating import Case, note_erasure, without_others
from retention.standing import HeldCopy
from retention.statements import blank_rows, delete_rows
from retention.verification import find_remains
from vault.keys import destroy_key, require_master_key

__all__ = [
    "CaseTaken",
    "ErasurePlan",
    "ErasureRestricted",
    "ErasureRunning",
    "PlanChanged",
    "PlanLine",
    "carry_out",
    "execute_erasure",
    "plan_erasure",
    "repeat_erasure",
]

log = logging.getLogger(__name__)


class ErasureRefused(Exception):
    """Nothing was erased; `message` is the sentence for the person."""

    message: Text = ""

    def __str__(self) -> str:
        return str(self.message)


class PlanChanged(ErasureRefused):
    """Rows were added or removed since the preview: the person must see the new plan first."""

    message = _("Your data have changed since you saw this list. Please look at the new list and confirm again.")


class ErasureRestricted(ErasureRefused):
    """The person herself wants her data kept (Art. 18(1)(b)-(c)); that goes before an erasure."""

    message = _(
        "You asked us to keep your data and to do nothing else with them. Please ask us to lift this restriction first;"
        " then they can be erased."
    )


class CaseTaken(ErasureRefused):
    """The case number belongs to the erasure of somebody else: a receipt for this person would be a lie."""

    message = _("This case number belongs to another erasure. Nothing was erased; please write to us.")


class ErasureBlocked(ErasureRefused):
    """A row that is not the person's own still needs one that would go; everything was rolled back."""

    message = _(
        "Your data could not be erased: another record still depends on them. Nothing was erased."
        " Our staff must look into it; you will hear from us."
    )


class ErasureRunning(ErasureRefused):
    """The same person is being erased at this moment."""

    message = _("This erasure is already running. It will be finished in a moment.")


def execute_erasure(
    *,
    case_number: str,
    subject: Subject,
    plan_digest: str,
    objection_to_archive: bool,
    actor: Actor,
    now: datetime,
) -> ErasureReceipt:
    """Erase a person as the confirmed plan says, exactly once for a case number, and give the receipt.

    One transaction takes every row, writes the archive or, with an objection, destroys the one of an earlier account,
    orders the recipients' effects and destroys the person's key. Then the stores are emptied and the remains searched
    for; the next call finishes what was cut off there. The receipt is written in the active language. Rows under a
    legal hold are kept as sealed copies and named. Raises PlanChanged, ErasureRunning, ErasureRestricted, CaseTaken,
    ErasureBlocked, and WrongMasterKey before the first statement that changes anything.
    """
    run = carry_out(
        case_number=case_number,
        subject=subject,
        plan_digest=plan_digest,
        objection_to_archive=objection_to_archive,
        actor=actor,
        now=now,
    )
    return finish(run, now=now)


def carry_out(
    *,
    case_number: str,
    subject: Subject,
    plan_digest: str,
    objection_to_archive: bool,
    actor: Actor,
    now: datetime,
    child: bool = False,
    why: str = "",
) -> ErasureRun:
    """The transaction of an erasure alone, for who has more to write in it; `finish` the run when it is committed.

    `child` as in `plan_erasure`, and then `why` as staff wrote it. Raises what `execute_erasure` raises.
    """
    _require_keys(subject)
    with together():
        deleting()
        _lock(subject)
        run = ErasureRun.objects.filter(case_number=case_number).first()
        # Who continues an erasure after the account is gone knows its case alone, and nobody else's keys.
        if run is not None and subject != Subject() and run.subject_id != subject.user_id:
            raise CaseTaken
        if run is None:
            plan = plan_erasure(subject, now=now, archive=not objection_to_archive, child=child)
            if plan.is_restricted:
                raise ErasureRestricted
            if plan.digest != plan_digest:
                raise PlanChanged
            case = Case(uuid4(), case_number, child=child, why=why)
            run = _erase(plan, subject, case, actor=actor, now=now)
    return run


def repeat_erasure(
    subject: Subject, case: Case, *, objection_to_archive: bool, actor: Actor, executed_at: datetime
) -> ErasureRun:
    """Erase once more whom a restored backup brought back, under the old number and time; `finish` it afterwards.

    The person confirmed the plan of the first time, and a restriction that stood before it was lifted then.
    Raises ErasureRunning and WrongMasterKey.
    """
    _require_keys(subject)
    with together():
        deleting()
        _lock(subject)
        plan = plan_erasure(subject, now=executed_at, archive=not objection_to_archive, child=case.child)
        return _erase(plan, subject, case, actor=actor, now=executed_at)


def finish(run: ErasureRun, *, now: datetime) -> ErasureReceipt:
    """Empty the stores, search for what remains, and write the receipt: done only where nothing was found (E7).

    Repeatable: a run that is done just gives its receipt; one that needs attention is searched again.
    """
    # Done is said only where a restore could not undo it: the line was written at the commit, or is written now.
    transaction.on_commit(write_out)
    if run.state == RunState.DONE:
        return receipts.receipt_of(run)
    subject = without_others(journal.unseal_subject(run))
    _empty_stores(subject, now=now)
    findings = [asdict(item) for item in find_remains(subject)]
    with transaction.atomic():
        current = ErasureRun.objects.select_for_update().get(pk=run.pk)
        if current.state == RunState.DONE or (
            current.state == RunState.NEEDS_ATTENTION and current.findings == findings
        ):
            return receipts.receipt_of(current)
        journal.conclude(current, findings, now=now)
        # Whoever looks again, the person reads the receipt in the language of the first.
        with translation.override(current.language):
            return receipts.issue(current, now=now)


def erase_people(people: People, *, now: datetime) -> int:
    """Erase many accounts that time ends, in the caller's transaction: one statement a table, however many they are.

    Nobody asked for it, so there is no plan to confirm, no archive and no receipt; the sweep reports. After a restore
    the same sweep finds them again. People under a hold or a restriction are not to be handed in.
    """
    for handler in handlers().values():
        handler.erase(people, now=now)
    with together():
        _take_rows(people, now=now, child=False)
    transaction.on_commit(partial(_empty_stores, people, now=now))
    return len(people.user_ids)


def _empty_stores(subject: Subject, *, now: datetime) -> None:
    for store in registry().stores:
        if store.erase_with:
            import_string(store.erase_with)(subject, now=now)


def _require_keys(subject: Subject) -> None:
    """An erasure seals what stays and destroys the person's key: with another master key both would be lost."""
    require_master_key(*([] if subject.user_id is None else [subject.user_id]))


def _lock(subject: Subject) -> None:
    """One erasure of a person at a time; the lock goes with the transaction, also when the process dies."""
    name = str(subject.user_id or sorted(subject.emails | subject.visitors | subject.phones))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"erasure:{name}"])
        (free,) = cursor.fetchone()
    if not free:
        raise ErasureRunning
    # Whoever writes a row that refers to the account now waits, and then finds it gone.
    if subject.user_id:
        get_user_model()._base_manager.select_for_update().filter(pk=subject.user_id).first()


def _erase(plan: ErasurePlan, subject: Subject, case: Case, *, actor: Actor, now: datetime) -> ErasureRun:
    # Before the account goes: the line says when it was made.
    note_erasure(subject, case, objected=plan.objected, now=now)
    child = case.child
    holds = standing_holds(child=child)
    # The recipients first: they look at the rows to know what was ever sent to them.
    results = [handler.erase(subject, now=now) for handler in handlers().values()]
    if plan.objected:
        destroy_older(subject, holds, now=now)
    elif plan.archive_ends_at:
        seal_archive(subject, email=_email_of(subject), now=now)
    copies = copy_held_rows(subject, holds, now=now)
    witnesses = [import_string(path)(subject, case_number=case.case_number) for path in registry().erasure_witnesses]
    _take_rows(subject, now=now, child=child)
    if subject.user_id:
        destroy_key(subject.user_id, now=now)
    run = journal.write(plan, results, subject, number=case.number, case_number=case.case_number, now=now)
    if case.why:
        journal.keep_reason(run, case.why)
    name_erasure(copies, run)
    for write in witnesses:  # last: what they append to is locked until the commit
        write(now)
    trail.record(
        "erasure.executed",
        actor=actor,
        subject=None if child else subject.user_id,
        about=run,
        reason=case.case_number,
        details=_counts(plan, copies),
        now=now,
    )
    log.info("erasure %s executed", run.pk)
    return run


def _counts(plan: ErasurePlan, copies: list[HeldCopy]) -> dict[str, str | int]:
    counts: dict[str, str | int] = {"tables": len(plan.erased), "rows": sum(line.count for line in plan.erased)}
    if copies:
        counts["held"] = sum(copy.count for copy in copies)
    if plan.conflicts:
        counts["conflicts"] = len(plan.conflicts)
    return counts


def _take_rows(subject: Subject, *, now: datetime, child: bool) -> None:
    """One statement for each table, children before parents; the foreign keys are checked at the end."""
    # All ways are resolved first: one table's rows can lead to another's (a session is found by the log-in's row).
    found = [
        (holding, rows_about(holding, subject, owned_only=True))
        for holding in children_first(registry().holdings)
        if not holding.ledger
    ]
    for holding, rows in found:
        if holding.erase_with:
            import_string(holding.erase_with)(subject, now=now)
        else:
            _take(holding, rows, erasure_of(holding, child=child))
    try:
        check_references()
    except IntegrityError as error:
        table = _table_of(error)
        log.error("erasure stopped: a row of %s needs one that would go", table)  # noqa: TRY400 - its text quotes rows
        raise ErasureBlocked from None


def _table_of(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "table_name", ""))


def _take(holding: Holding, rows: QuerySet[Any], erasure: Erasure) -> None:
    if erasure is Erasure.DELETE:
        delete_rows(rows)
    elif erasure is Erasure.BLANK:
        if holding.unpublished:
            delete_rows(rows.filter(**holding.unpublished.where))
        if holding.cleans_with:
            import_string(holding.cleans_with)(rows)
        blank_rows(rows, holding)


def _email_of(subject: Subject) -> str:
    model: Any = get_user_model()
    field = model.get_email_field_name()
    return str(model._base_manager.values_list(field, flat=True).get(pk=subject.user_id))
