"""A child's data go at once: one action of staff, no archive, nothing public left (policy clause 6, Q6.2, X15).

A sign of it restricts everything about her, before anybody knows more (security I12). Only a legal hold that two people
decided on and statutory records stay, each named in the receipt.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit import trail
from audit.trail import Actor
from datamap.catalogue import catalogue
from datamap.databases import together
from datamap.periods import RIGA
from datamap.registry import registry
from datamap.standstill import deleting
from datamap.trace import Subject, subject_of_user
from mailing.services import send
from retention.erasure import ErasureRefused, carry_out, finish
from retention.models import ErasureReceipt, ErasureRun, RunState
from retention.plan import ErasurePlan, plan_erasure
from retention.restriction import active, is_restricted, place, place_at
from retention.standing import Restriction, RestrictionGround
from vault.keys import require_master_key

SERIES: Final = "CH"


class StaffAccount(ErasureRefused):
    """Staff are no children: this would be a slip of the hand."""

    message = _("This is an account of staff. It cannot be erased as a child's.")


class NoReason(ErasureRefused):
    """The action needs its why."""

    message = _("Please write how it became known that this is a child; without names.")


def suspect(user: Any, *, case_number: str, reason: str, by: models.Model, now: datetime) -> Restriction:
    """A sign that somebody is under 16: from now on her data are stored and nothing else, until staff know (I12).

    Nothing is undone: where it is true, `erase_child` follows; where not, the restriction is lifted as any other. She
    hears of it at once, by a letter that she can answer. A second sign changes nothing. Raises StaffAccount.
    """
    if user.is_staff:
        raise StaffAccount
    with transaction.atomic():
        before = is_suspected(user)
        restriction = place(
            user, ground=RestrictionGround.CHILD, case_number=case_number, reason=reason, by=by, now=now
        )
        if not before:
            _tell_suspected(user.email, language=user.language, user_id=user.pk, now=now)
    return restriction


def suspect_at(
    address: str, *, language: str, case_number: str, reason: str, by: models.Model, now: datetime
) -> Restriction:
    """The same for who has no account and has shown that she reads the mail at this address."""
    with transaction.atomic():
        before = is_restricted(Subject(emails=frozenset({address})))
        restriction = place_at(
            address,
            language=language,
            ground=RestrictionGround.CHILD,
            case_number=case_number,
            reason=reason,
            by=by,
            now=now,
        )
        if not before:
            _tell_suspected(address, language=language, user_id=None, now=now)
    return restriction


def is_suspected(user: models.Model) -> bool:
    """Whether such a sign came, and nobody has settled it yet."""
    return active().filter(user_id=user.pk, ground=RestrictionGround.CHILD).exists()


def _tell_suspected(address: str, *, language: str, user_id: UUID | None, now: datetime) -> None:
    with translation.override(language):
        paragraphs = [
            gettext("We were told that you may be under 16. Our site is for people who are 16 or older."),
            gettext("Until we know, we only store your data: nobody sees what you published, nothing is sent to you."),
            gettext("If you are 16 or older, please write to us. If not, we delete your account with all in it."),
        ]
        send(
            "notice",
            to=address,
            language=language,
            purpose="ACCOUNTABILITY",
            context={"heading": gettext("We only store your data for now"), "paragraphs": paragraphs},
            now=now,
            user_id=user_id,
        )


def plan_for_child(user: models.Model, *, now: datetime) -> ErasurePlan:
    """What the action would do; changes nothing."""
    return plan_erasure(subject_of_user(user), now=now, archive=False, child=True)


def erase_child(user: Any, *, plan_digest: str, reason: str, actor: Actor, now: datetime) -> ErasureReceipt:
    """Invalidate the consents, erase everything about the account without an archive, and give the receipt.

    All in one transaction, with `reason` sealed beside the run and a letter to the operator: the act of one person is
    seen at once. The trail keeps only the number and counts. Raises ErasureRefused and what it covers, and
    WrongMasterKey; then nothing was changed.
    """
    if user.is_staff:
        raise StaffAccount
    if not reason.strip():
        raise NoReason
    require_master_key(user.pk)
    with translation.override(getattr(user, "language", None) or translation.get_language()):
        with together():
            deleting()
            number = _next_number(now)
            for path in registry().child_handlers:
                import_string(path)(user.pk, now=now)
            run = carry_out(
                case_number=number,
                subject=subject_of_user(user),
                plan_digest=plan_digest,
                objection_to_archive=True,
                actor=actor,
                now=now,
                child=True,
                why=reason.strip(),
            )
            _tell_operator(number, actor, now=now)
        receipt = finish(run, now=now)
    trail.record(
        "child.erased", actor=actor, reason=number, details={"findings": receipt.document["findings"]}, now=now
    )
    return receipt


def finish_cut_off(*, now: datetime) -> int:
    """Finish the erasures of children that a killed worker left without their receipt; how many."""
    runs = ErasureRun.objects.filter(case_number__startswith=f"{SERIES}-", state=RunState.EXECUTED)
    for run in runs:
        with translation.override(run.language):
            finish(run, now=now)
    return len(runs)


def is_of_child(run: ErasureRun) -> bool:
    """Whether an erasure was that of a child: its number says so, and nothing else does."""
    return run.case_number.startswith(f"{SERIES}-")


def _tell_operator(number: str, actor: Actor, *, now: datetime) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        paragraphs = [
            gettext("Staff erased the account of a child: %(number)s, by %(actor)s.")
            % {"number": number, "actor": actor.id or actor.kind},
            gettext("One person decided this alone, because it cannot wait. The journal says why: please read it."),
        ]
        send(
            "notice",
            to=catalogue().controller.email,
            language=settings.LANGUAGE_CODE,
            purpose="SECURITY",
            context={
                "heading": gettext("The account of a child was erased"),
                "paragraphs": paragraphs,
                "link": reverse("admin:retention_erasurerun_changelist"),
                "link_label": gettext("Open the journal"),
            },
            now=now,
        )


def _next_number(now: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('retention_child_number')")
        (count,) = cursor.fetchone()
    return f"{SERIES}-{now.astimezone(RIGA).year}-{count:06d}"
