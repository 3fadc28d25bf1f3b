"""Erasure by the person's own hand: preview, confirmation of that very plan, execution, receipt (Art. 17)."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import translation

from audit.trail import Actor
from datamap.terms import Right
from datamap.trace import Subject, subject_of_user
from dsar import erasure_letters
from dsar.cases import move, note, person_of
from dsar.caution import latest_change, require_calm
from dsar.deadlines import Channel
from dsar.doorbell import EXECUTE_ERASURE, ring
from dsar.models import IdentityCheck, Representative, SubjectRequest
from dsar.queries import events_of, is_at_own_address, is_downloadable, requests_of, subject_of
from dsar.recipients import follow_notices, note_erasure_results
from dsar.refusals import AlreadyUnderWay, CopyNotFetched, CopyUnderWay, NotByMail, StaffJudgeFirst, WrongStage
from dsar.services import file_request
from dsar.terms import RUNNING, IdentityMethod, IdentityOutcome, Outcome, Stage
from retention.erasure import (
    ErasurePlan,
    ErasureRefused,
    ErasureRestricted,
    ErasureRunning,
    PlanChanged,
    execute_erasure,
    plan_erasure,
)
from retention.models import ErasureReceipt, ErasureRun, RunState
from retention.receipts import secret_of
from vault.keys import destroy_key, seal, unseal
from vault.standing import require_master_key
from vault.tokens import new_secret, secret_digest

log = logging.getLogger(__name__)

SYSTEM: Final = Actor.system("dsar.erasure")
_BY_HERSELF: Final[dict[str, Any]] = {"erasure_proposed_by": None, "erasure_approved_by": None}
"""What staff had proposed is over once the person confirms herself."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What the deletion page shows: the plan, and how the copy that comes first stands."""

    plan: ErasurePlan
    copy_case: SubjectRequest | None
    copy_is_under_way: bool
    copy_waits: bool
    copy_fetched_at: datetime | None
    running: SubjectRequest | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person confirmed: the digest of the plan she saw, and her two choices."""

    plan_digest: str
    objection_to_archive: bool = False
    waive_copy: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """An erasure that a worker carries out; `secret` opens its page without an account, only its digest is stored."""

    case: SubjectRequest
    secret: str


def preview(user: models.Model, *, now: datetime, archive: bool = True) -> Preview:
    """Say what an erasure would do and whether a copy stands before it; changes nothing (Q17.1)."""
    running = requests_of(user.pk).filter(right=Right.ERASURE, stage=Stage.EXECUTING).first()
    return _shown(subject_of_user(user), _latest_copy(user), running, now=now, archive=archive)


def preview_of_case(case: SubjectRequest, *, now: datetime) -> Preview:
    """The same for the person behind a request that was filed without a log-in."""
    running = case if case.stage == Stage.EXECUTING else None
    return _shown(subject_of(case), copy_before(case), running, now=now, archive=True)


def _shown(
    subject: Subject, copy: SubjectRequest | None, running: SubjectRequest | None, *, now: datetime, archive: bool
) -> Preview:
    return Preview(
        plan=plan_erasure(subject, now=now, archive=archive),
        copy_case=copy,
        copy_is_under_way=_is_under_way(copy),
        copy_waits=_waits(copy, now),
        copy_fetched_at=_fetched_at(copy),
        running=running,
    )


def confirm_erasure(
    *, user: models.Model, plan_digest: str, objection_to_archive: bool, waive_copy: bool, now: datetime
) -> Confirmed:
    """Start the erasure of exactly the plan that was shown; from here on nobody withdraws it.

    Raises PlanChanged, ErasureRestricted, AlreadyUnderWay, CopyUnderWay while a copy is being built, and
    CopyNotFetched while one waits that the person neither fetched nor gave up. After a fresh change of the account the
    request is opened and waits: WaitsForSafety, StoppedFromOlderAddress.
    """
    wish = Wish(plan_digest, objection_to_archive, waive_copy)
    require_plan(subject_of_user(user), _latest_copy(user), wish, now=now)
    if latest_change(user.pk, now=now) is not None:
        with transaction.atomic():
            case = _open_erasure(user, now=now)
        require_calm(case, now=now)
    with transaction.atomic():
        case = _open_erasure(user, now=now)
        return begin_erasure(case, wish, now=now, actor=person_of(case), **_BY_HERSELF)


def confirm_case(case: SubjectRequest, wish: Wish, *, now: datetime) -> Confirmed:
    """The same for a request that was filed without a log-in; the caller has judged its code.

    Raises the same, and WrongStage where the request is not one for erasure that waits to be confirmed.
    """
    require_erasable(case)
    require_plan(subject_of(case), copy_before(case), wish, now=now)
    require_calm(case, now=now)
    with transaction.atomic():
        current = SubjectRequest.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if current.stage == Stage.EXECUTING:
            raise AlreadyUnderWay(current.number)
        require_erasable(current)
        return begin_erasure(current, wish, now=now, actor=person_of(current), **_BY_HERSELF)


def require_erasable(case: SubjectRequest) -> None:
    """Nothing is shown or erased but for an open request for erasure of a person who was shown to be somebody.

    Raises WrongStage, StaffJudgeFirst for somebody who is represented (security I11), and NotByMail where staff led the
    request to an account from a foreign address.
    """
    if case.right != Right.ERASURE or case.stage != Stage.OPEN or not subject_of(case).is_somebody:
        raise WrongStage
    if Representative.objects.filter(case=case).exists():
        raise StaffJudgeFirst
    if not is_at_own_address(case):
        raise NotByMail


def require_plan(subject: Subject, copy: SubjectRequest | None, wish: Wish, *, now: datetime) -> None:
    """The copy comes first, and the plan must be the one that was shown; changes nothing."""
    if _is_under_way(copy):
        raise CopyUnderWay
    if _waits(copy, now) and not wish.waive_copy:
        raise CopyNotFetched
    plan = plan_erasure(subject, now=now, archive=not wish.objection_to_archive)
    if plan.is_restricted:
        raise ErasureRestricted
    if plan.digest != wish.plan_digest:
        raise PlanChanged


def waits_for_copy(case: SubjectRequest, *, now: datetime) -> bool:
    """Whether the same person asked for a copy that she has not got yet: it comes first."""
    copy = copy_before(case)
    return _is_under_way(copy) or _waits(copy, now)


def begin_erasure(
    case: SubjectRequest,
    wish: Wish,
    *,
    now: datetime,
    actor: Actor,
    action: str = "erasure_confirmed",
    reason: str = "",
    **changes: Any,
) -> Confirmed:
    """Hand an open request to the worker, in the caller's transaction: every other check has been made before.

    Raises AlreadyUnderWay where another request erases the same person already.
    """
    _refuse_second(case)
    secret, contact_key = new_secret(), uuid4()
    if wish.waive_copy and case.copy_waived_at is None:
        note(case, "copy_waived", actor=actor, now=now)
    others = [str(pk) for pk in _other_requests(case).values_list("pk", flat=True)]
    contact = json.dumps({"address": case.email, "others": others}).encode()
    case = move(
        case.pk,
        Stage.EXECUTING,
        action=action,
        actor=actor,
        now=now,
        reason=reason,
        **changes,
        plan_digest=wish.plan_digest,
        objects_to_archive=wish.objection_to_archive,
        copy_waived_at=(case.copy_waived_at or now) if wish.waive_copy else None,
        receipt_digest=secret_digest(secret),
        contact_key=contact_key,
        sealed_contact=seal(contact_key, contact, context=_context(case.pk)),
    )
    transaction.on_commit(lambda: ring(EXECUTE_ERASURE, case.pk), robust=True)
    return Confirmed(case, secret)


def _refuse_second(case: SubjectRequest) -> None:
    """One person is erased by one request at a time; two of them wait for each other here."""
    if case.user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dsar.erasure|{case.user_id}"])
    others = SubjectRequest.objects.filter(user=case.user_id, right=Right.ERASURE, stage=Stage.EXECUTING)
    if number := others.exclude(pk=case.pk).values_list("number", flat=True).first():
        raise AlreadyUnderWay(number)


def _open_erasure(user: models.Model, *, now: datetime) -> SubjectRequest:
    """The person's open request for erasure, or a new one; a second confirmation finds the first at work."""
    running = [stage.value for stage in RUNNING]
    locked = requests_of(user.pk).select_related(None).prefetch_related(None).select_for_update()
    case = locked.filter(right=Right.ERASURE, stage__in=running).first()
    if case is None:
        return file_request(user=user, right=Right.ERASURE, channel=Channel.PORTAL_AUTH, now=now, acknowledge=False)
    if case.stage != Stage.OPEN:
        raise AlreadyUnderWay(case.number)
    return _shown_by_log_in(case, now=now)


def _shown_by_log_in(case: SubjectRequest, *, now: datetime) -> SubjectRequest:
    """A request that came by another way has now been shown by the log-in behind which it is confirmed."""
    by_log_in = {"method": IdentityMethod.LOGIN, "outcome": IdentityOutcome.SHOWN}
    if not case.identity_checks.filter(**by_log_in).exists():
        IdentityCheck.objects.create(case=case, at=now, **by_log_in)
    return case


def run_erasure(request_id: UUID, *, now: datetime) -> ErasureReceipt | None:
    """Carry a confirmed erasure out, once however often it is called; None where there is nothing to do now.

    Raises WrongMasterKey, before anything is erased.
    """
    case = SubjectRequest.objects.select_related("user").get(pk=request_id)
    if case.stage != Stage.EXECUTING or case.right != Right.ERASURE:
        return None
    require_master_key()
    try:
        with translation.override(case.language):
            receipt = execute_erasure(
                case_number=case.number,
                subject=subject_of(case),
                plan_digest=case.plan_digest,
                objection_to_archive=case.objects_to_archive,
                actor=SYSTEM,
                now=now,
            )
    except ErasureRunning:
        return None
    except PlanChanged as refusal:
        _give_back(case, "plan_changed", refusal, now=now)
        return None
    except ErasureRefused as refusal:
        log.warning("erasure of request %s refused: %s", case.pk, type(refusal).__name__)
        _give_back(case, "erasure_stopped", refusal, now=now)
        return None
    if receipt.document["state"] == RunState.DONE:
        _conclude(case, receipt, now=now)
    else:
        log.error("erasure of request %s needs attention", case.pk)
    return receipt


def erasures_to_run() -> list[UUID]:
    """Confirmed erasures that are not finished; those that need a person's attention are left to her."""
    stuck = ErasureRun.objects.filter(case_number=OuterRef("number"), state=RunState.NEEDS_ATTENTION)
    found = SubjectRequest.objects.filter(~Exists(stuck), stage=Stage.EXECUTING, right=Right.ERASURE)
    return list(found.order_by("received_at").values_list("pk", flat=True))


def request_by_secret(secret: str) -> SubjectRequest | None:
    """The erasure behind the link which the person's browser got; None for any other text."""
    return SubjectRequest.objects.filter(receipt_digest=secret_digest(secret), right=Right.ERASURE).first()


def _give_back(case: SubjectRequest, action: str, refusal: ErasureRefused, *, now: datetime) -> None:
    """Nothing was erased: the request is open again, on the desk too, and the person is told why."""
    with transaction.atomic():
        case = move(case.pk, Stage.OPEN, action=action, actor=SYSTEM, now=now, **_forgotten(case, now=now))
        erasure_letters.tell_erasure_stopped(case, refusal.message, now=now)


def _conclude(case: SubjectRequest, receipt: ErasureReceipt, *, now: datetime) -> None:
    """Answer the request and send the last letter to the address that only its sealed copy still knows.

    A recipient whose outcome is missing holds it up (Art. 19); once it is told, or staff recorded what came of it, the
    next look concludes.
    """
    follow_notices(now=now, case=case)
    with transaction.atomic():
        case = SubjectRequest.objects.select_for_update().get(pk=case.pk)
        if case.stage != Stage.EXECUTING:
            return
        if not note_erasure_results(case, receipt, now=now):
            log.warning("erasure of request %s waits for the outcome of a recipient", case.pk)
            return
        address, others = _contact(case)
        case = move(
            case.pk,
            Stage.ANSWERED,
            action="erased",
            actor=SYSTEM,
            now=now,
            outcome=Outcome.FULFILLED,
            answered_at=now,
            **_forgotten(case, now=now),
        )
        link = reverse("privacy:receipt", args=[secret_of(receipt)])
        until = receipt.document["archive_until"]
        erasure_letters.tell_erased(
            case,
            address,
            link,
            archive_until=datetime.fromisoformat(until) if until else None,
            others=others,
            now=now,
        )


def _contact(case: SubjectRequest) -> tuple[str, list[SubjectRequest]]:
    """The address, and the person's other requests: from now on only their links lead to them."""
    if case.contact_key is None:
        raise TypeError("A confirmed erasure has a sealed address.")
    sealed = bytes(case.sealed_contact)
    contact = json.loads(unseal(case.contact_key, sealed, context=_context(case.pk)))
    others = SubjectRequest.objects.filter(pk__in=contact["others"]).order_by("number")
    return contact["address"], list(others)


def _other_requests(case: SubjectRequest) -> QuerySet[SubjectRequest]:
    """The requests of the same person that she may still want to follow, the newest twenty."""
    mine = Q(subject_token=case.subject_token) if case.subject_token else Q(email=case.email, user__isnull=True)
    others = SubjectRequest.objects.filter(mine, identified_at__isnull=False).exclude(stage=Stage.WITHDRAWN)
    return others.exclude(pk=case.pk).order_by("-received_at")[:20]


def _forgotten(case: SubjectRequest, *, now: datetime) -> dict[str, Any]:
    if case.contact_key:
        destroy_key(case.contact_key, now=now)
    return {"contact_key": None, "sealed_contact": b""}


def _context(case_id: UUID) -> str:
    return f"dsar_subjectrequest|sealed_contact|{case_id}"


def _latest_copy(user: models.Model) -> SubjectRequest | None:
    return requests_of(user.pk).filter(right=Right.ACCESS).first()


def copy_before(case: SubjectRequest) -> SubjectRequest | None:
    """The request for a copy that comes before this erasure: of the same account, else of the same address where its
    identity was shown or both came in one message. A stranger's request for this address holds nothing up.
    """
    if case.user is not None:
        return _latest_copy(case.user)
    same = SubjectRequest.objects.filter(right=Right.ACCESS, user__isnull=True, email=case.email).exclude(email="")
    mine = Q(identified_at__isnull=False)
    if case.intake_id is not None:
        mine |= Q(intake=case.intake_id)
    return same.filter(mine).select_related("package").order_by("-received_at", "-number").first()


def _is_under_way(copy: SubjectRequest | None) -> bool:
    return copy is not None and copy.stage in RUNNING


def _waits(copy: SubjectRequest | None, now: datetime) -> bool:
    package = getattr(copy, "package", None)
    return package is not None and package.downloads == 0 and is_downloadable(package, now=now)


def _fetched_at(copy: SubjectRequest | None) -> datetime | None:
    """When the latest copy was last downloaded; a download that was cut off is none."""
    package = getattr(copy, "package", None)
    if copy is None or (package is not None and package.downloads == 0):
        return None
    return events_of(copy).filter(action="copy_downloaded").values_list("at", flat=True).last()
