"""Lets a representative fetch what he was authorised to ask for: a second member of the staff decides (security I11).

Without it the copy goes to the person alone, behind her log-in. She is told at every address of her account, and what
changes hands waits as for any request from an address that is not the account's (I7).
"""

from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from dsar import letters
from dsar.cases import note
from dsar.casework import take_up
from dsar.caution import older_addresses
from dsar.models import Representative, SubjectRequest
from dsar.queries import has_shown_by_code
from dsar.refusals import SamePersonHandsOver, WrongStage
from dsar.steps import Step
from dsar.terms import PACKAGED, Stage
from mailing.services import send


def can_be_allowed(case: SubjectRequest) -> bool:
    """Whether a copy could go to the representative: authority checked, address shown, and known whose data it is."""
    if case.right not in PACKAGED or case.user_id is None or case.stage not in {Stage.OPEN, Stage.ANSWERED}:
        return False
    waiting = Representative.objects.filter(case=case, checked_at__isnull=False, may_fetch_at__isnull=True)
    return waiting.exists() and has_shown_by_code(case)


def let_fetch(case_id: UUID, *, step: Step) -> None:
    """The representative may download the copy with a code to his address. Raises WrongStage, SamePersonHandsOver for
    who checked the authority himself.
    """
    with transaction.atomic():
        case = take_up(case_id, step=step)
        if not can_be_allowed(case):
            raise WrongStage
        representative = Representative.objects.get(case=case)
        if representative.checked_by == step.by.pk:
            raise SamePersonHandsOver
        representative.may_fetch_at, representative.may_fetch_by = step.now, step.by.pk
        representative.save(update_fields=["may_fetch_at", "may_fetch_by"])
        note(case, "representative_may_fetch", actor=step.actor, now=step.now, reason=step.reason)
        _tell_person(case, step=step)
        if case.stage == Stage.ANSWERED:
            letters.tell_copy_ready(case, now=step.now)


def _tell_person(case: SubjectRequest, *, step: Step) -> None:
    """To every address of the account: who acts for her gets what is hers."""
    with translation.override(case.language):
        paragraphs = [
            _("Somebody who acts for you asked us for your data (request %(number)s).") % {"number": case.number},
            _("We checked the authority, and two of us agreed that your representative may download the file."),
            _("If you do not want that, please write to us at once; you can also download the file yourself."),
        ]
        context = {
            "heading": _("Your representative may download your data"),
            "paragraphs": [*paragraphs, letters.complaint_sentence()],
            "link": letters.detail_of(case),
            "link_label": _("Open your request"),
            "reference": case.number,
        }
        for address in sorted(older_addresses(case, now=step.now)):
            send(
                "notice",
                to=address,
                language=case.language,
                purpose=letters.PURPOSE,
                context=context,
                now=step.now,
                user_id=case.user_id,
            )
