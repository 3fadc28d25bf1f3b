"""Staff decide about what was reported, with a reason; who objects is heard by somebody else (Q14.6, Q14.10)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.trail import Actor, record
from datamap.catalogue import period
from marketplace import report_letters
from marketplace.contacts_in_text import BLACKED_OUT
from marketplace.models import Listing, Removal, Report, ReportedText
from marketplace.refusals import Refused
from marketplace.report_terms import OF_GDPR, STAYS, RemovalState, ReportGround, ReportKind, ReportState
from marketplace.searching import note_words
from marketplace.services import take_down
from marketplace.terms import ListingState

TERM: Final = "NOTICE"


class DecisionRefused(Refused):
    """Nothing was decided; `message` is the sentence for the member of the staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of a report, on what ground, why; `passage` is what is blacked out, and is kept nowhere."""

    outcome: ReportState
    ground: ReportGround
    reason: str
    passage: str = ""


@transaction.atomic
def decide(report_id: UUID, decision: Decision, *, by: Any, now: datetime) -> Report:
    """Decide about a report, once, and tell both sides. A removal settles every open report against the listing.

    Raises DecisionRefused without a reason or a fitting ground, for a report that is decided, for what is gone, and for
    a member of the staff who is one of the two sides.
    """
    # The listing before any report: two who decide about one listing wait for each other in one order.
    listing = Listing.objects.select_for_update(of=("self",)).filter(reports=report_id).first()
    report: Report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    _refuse_what_does_not_fit(report, decision)
    _refuse_own(report, listing, by)
    if decision.outcome != ReportState.KEPT:
        _carry_out(report, listing, decision, by=by, now=now)
    settled = [report]
    if decision.outcome == ReportState.REMOVED:
        others = Report.objects.select_for_update(of=("self",)).filter(listing=listing, state=ReportState.OPEN)
        settled += others.exclude(pk=report.pk).order_by("pk")
    for one in settled:
        _settle(one, decision, by=by, now=now)
    return report


def _refuse_what_does_not_fit(report: Report, decision: Decision) -> None:
    if not decision.reason.strip():
        raise DecisionRefused(_("Nothing is decided without a reason: both sides read it."))
    if not report.is_open:
        raise DecisionRefused(_("This report is decided already."))
    if (decision.ground in STAYS) != (decision.outcome == ReportState.KEPT):
        raise DecisionRefused(_("This ground does not fit what you decide."))
    if report.kind == ReportKind.OWN_DATA and decision.ground not in OF_GDPR:
        raise DecisionRefused(_("Somebody asks that her own data go: name the ground in Art. 17 GDPR."))


def _refuse_own(report: Report, listing: Listing | None, by: Any) -> None:
    sides = {report.user_id, listing.seller_id if listing else None}
    if report.conversation:
        sides |= set(report.conversation.participants.values_list("user", flat=True))
    if by.pk in sides:
        raise DecisionRefused(_("You are one of the two sides. Somebody else decides."))


def _carry_out(report: Report, listing: Listing | None, decision: Decision, *, by: Any, now: datetime) -> None:
    if report.conversation is not None and decision.outcome == ReportState.ASKED:
        _warn(report, decision, by=by, now=now)
    elif listing is None or listing.state == ListingState.REMOVED:
        raise DecisionRefused(_("It is gone already. Decide that nothing is changed."))
    elif decision.outcome == ReportState.REMOVED:
        _remove(listing, decision, by=by, now=now)
    else:
        if decision.outcome == ReportState.REDACTED:
            _black_out(listing, decision, by=by, now=now)
        else:
            record("listing.change_asked", actor=Actor.of(by), subject=listing.seller_id, about=listing, now=now)
        _note(report, decision)
        report_letters.tell_changed(listing, report, now=now)


def _warn(report: Report, decision: Decision, *, by: Any, now: datetime) -> None:
    _note(report, decision)
    sides = report.conversation.participants.select_related("user") if report.conversation else ()
    for side in sides:
        if side.user_id != report.user_id:
            record("listing.change_asked", actor=Actor.of(by), subject=side.user_id, about=report, now=now)
            report_letters.warn(side.user, report, now=now)


def _remove(listing: Listing, decision: Decision, *, by: Any, now: datetime) -> None:
    removal = Removal.objects.create(
        listing=listing,
        seller_id=listing.seller_id,
        was=listing.state,
        ground=decision.ground,
        reason=decision.reason,
        removed_at=now,
        removed_by=by.pk,
        ends_at=period(TERM).ends_at(now),
    )
    take_down(listing, now=now)
    record("listing.removed", actor=Actor.of(by), subject=listing.seller_id, about=listing, now=now)
    report_letters.tell_removed(removal, now=now)


def _black_out(listing: Listing, decision: Decision, *, by: Any, now: datetime) -> None:
    """Bars in place of a passage wherever it stands, also in what was kept of the listing for reports."""
    passage = decision.passage.replace("\r\n", "\n").strip()
    kept = ReportedText.objects.select_for_update(of=("self",)).filter(report__listing=listing)
    if not passage or not _barred(listing, passage):
        raise DecisionRefused(_("This passage does not stand in the listing. Copy it exactly as it stands there."))
    listing.save(update_fields=["title", "description"])
    if listing.seller_id is not None:  # of who has left no words are kept to be found by
        note_words(listing)
    for text in kept:
        if _barred(text, passage):
            text.save(update_fields=["title", "description"])
    details: dict[str, str | int] = {"ground": decision.ground.value, "signs": len(passage)}
    actor = Actor.of(by)
    record("listing.redacted", actor=actor, subject=listing.seller_id, about=listing, details=details, now=now)


def _barred(text: Listing | ReportedText, passage: str) -> bool:
    """Put bars into both fields of a text; whether the passage stood there. Bars are never longer than it."""
    found = False
    for name in ("title", "description"):
        words = getattr(text, name).replace("\r\n", "\n")
        found |= passage in words
        setattr(text, name, words.replace(passage, BLACKED_OUT[: len(passage)]))
    return found


def _note(report: Report, decision: Decision) -> None:
    report.state, report.ground, report.decision = decision.outcome, decision.ground, decision.reason


def _settle(report: Report, decision: Decision, *, by: Any, now: datetime) -> None:
    _note(report, decision)
    report.decided_by, report.decided_at, report.ends_at = by.pk, now, period(TERM).ends_at(now)
    report.save(update_fields=["state", "ground", "decision", "decided_by", "decided_at", "ends_at"])
    ReportedText.objects.filter(report=report).update(ends_at=report.ends_at)
    record("report.decided", actor=Actor.of(by), subject=report.user_id, about=report, now=now)
    report_letters.tell_decision(report, now=now)


@transaction.atomic
def object_to(removal_id: UUID, text: str, *, user: Any, now: datetime) -> Removal:
    """The seller says why her listing should come back; once, and a second click changes nothing.

    Raises Removal.DoesNotExist for somebody else's.
    """
    removal: Removal = Removal.objects.select_for_update(of=("self",)).get(pk=removal_id, seller=user)
    if removal.state == RemovalState.STANDS:
        removal.state, removal.objection, removal.objected_at, removal.ends_at = RemovalState.OBJECTED, text, now, None
        removal.save(update_fields=["state", "objection", "objected_at", "ends_at"])
        record("removal.objected", actor=Actor.of(user), subject=user.pk, about=removal, now=now)
    return removal


@transaction.atomic
def answer_objection(removal_id: UUID, *, restores: bool, reason: str, by: Any, now: datetime) -> Removal:
    """Another person of the staff brings the listing back or leaves it down, with a reason for the seller.

    Raises DecisionRefused without one, where nobody objects, and for who took the listing down or sells it.
    """
    if not reason.strip():
        raise DecisionRefused(_("Nothing is decided without a reason: the seller reads it."))
    removal: Removal = Removal.objects.select_for_update(of=("self",)).get(pk=removal_id)
    if removal.state != RemovalState.OBJECTED:
        raise DecisionRefused(_("Nobody waits for this decision."))
    if by.pk in (removal.removed_by, removal.seller_id):
        raise DecisionRefused(_("Somebody else must decide this: you took the listing down, or it is yours."))
    removal.state = RemovalState.RESTORED if restores else RemovalState.UPHELD
    removal.answer, removal.decided_by, removal.decided_at = reason, by.pk, now
    removal.ends_at = period(TERM).ends_at(now)
    removal.save(update_fields=["state", "answer", "decided_by", "decided_at", "ends_at"])
    if restores and removal.listing_id:
        rows = Listing.objects.filter(pk=removal.listing_id, state=ListingState.REMOVED)
        rows.update(state=removal.was)
    act = "removal.restored" if restores else "removal.upheld"
    record(act, actor=Actor.of(by), subject=removal.seller_id, about=removal, now=now)
    report_letters.tell_answer(removal, now=now)
    return removal
