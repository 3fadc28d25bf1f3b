"""A child's data go at once: one action of staff, no archive, nothing public left (policy clause 6, Q6.2, X15).

Only a legal hold that two people decided on and statutory records stay, each named in the receipt.
"""

from datetime import datetime
from typing import Any, Final

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
from datamap.periods import RIGA
from datamap.registry import registry
from datamap.standstill import deleting
from datamap.trace import subject_of_user
from mailing.services import send
from retention.erasure import ErasureRefused, carry_out, finish
from retention.models import ErasureReceipt, ErasureRun, RunState
from retention.plan import ErasurePlan, plan_erasure
from vault.keys import require_master_key

SERIES: Final = "CH"


class StaffAccount(ErasureRefused):
    """Staff are no children: this would be a slip of the hand."""

    message = _("This is an account of staff. It cannot be erased as a child's.")


class NoReason(ErasureRefused):
    """The action needs its why."""

    message = _("Please write how it became known that this is a child; without names.")


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
        with transaction.atomic():
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
