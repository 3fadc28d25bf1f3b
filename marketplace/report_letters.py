"""What we write about reports: to who reports, and to the seller; neither learns who the other one is (Art. 15(4))."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketplace.letters import against, by_a_person, language_of, write, write_to
from marketplace.models import Listing, Removal, Report
from marketplace.report_terms import RemovalState, ReportState


def acknowledge(report: Report, *, now: datetime) -> None:
    """The number, and what happens now; nothing of what was typed, because anybody can type any address."""
    with translation.override(report.language):
        paragraphs = [
            _("We received your report. Its number is %(number)s.") % {"number": report.number},
            _("A person on our side reads it and decides. Then we write to you what was decided, and why."),
            _("If it was not you who wrote to us, you need not do anything."),
        ]
        _tell_reporter(report, _("We received your report"), paragraphs, now=now)


def tell_decision(report: Report, *, now: datetime) -> None:
    """What was decided, on what ground, why, and who can look at it again (2022/2065 Art. 16(5))."""
    with translation.override(report.language):
        said = {
            ReportState.KEPT: _("Nothing is changed about what you reported."),
            ReportState.ASKED: _("We asked the person concerned to change what you reported."),
            ReportState.REDACTED: _("We blacked out a passage of the listing that you reported."),
            ReportState.REMOVED: _("We took down the listing that you reported."),
        }[ReportState(report.state)]
        number = _("This is about your report %(number)s.") % {"number": report.number}
        paragraphs = [number, said, *_why(report.get_ground_display(), report.decision), by_a_person(), against()]
        _tell_reporter(report, _("We decided about your report"), paragraphs, now=now)


def tell_removed(removal: Removal, *, now: datetime) -> None:
    """Which listing was taken down, why, and how to object (2022/2065 Art. 17(3))."""
    seller: Any = removal.seller
    if seller is None or removal.listing is None:
        return
    with translation.override(language_of(seller)):
        paragraphs = [
            _("We took down your listing “%(title)s”. Nobody can read it, and your contact details are not shown.")
            % {"title": removal.listing.title},
            *_why(removal.get_ground_display(), removal.reason),
            by_a_person(),
            _("You can object to it in your listings: then another person decides. You can also go to court."),
        ]
        label = _("Read the reason, or object")
        write_to(
            seller, _("We took down a listing of yours"), paragraphs, link=_to_removal(removal), label=label, now=now
        )


def tell_answer(removal: Removal, *, now: datetime) -> None:
    """What another person decided about the objection."""
    seller: Any = removal.seller
    if seller is None or removal.listing is None:
        return
    with translation.override(language_of(seller)):
        back = _("Your listing is back. Contact details are shown again once you choose them.")
        down = _("Your listing stays down.")
        paragraphs = [
            _("You objected to our taking down your listing “%(title)s”.") % {"title": removal.listing.title},
            back if removal.state == RemovalState.RESTORED else down,
            _("The reason: %(reason)s") % {"reason": removal.answer},
            _("Another person decided this than the one who took it down."),
            _("You can go to court about it."),
        ]
        link, label = reverse("marketplace:mine"), _("Your listings")
        write_to(seller, _("We decided about your objection"), paragraphs, link=link, label=label, now=now)


def tell_changed(listing: Listing, report: Report, *, now: datetime) -> None:
    """To the seller: what she is asked to change, or that a passage was blacked out; not what stood there."""
    seller: Any = listing.seller
    if seller is None:
        return
    with translation.override(language_of(seller)):
        title = {"title": listing.title}
        asked = _("Somebody reported your listing “%(title)s”. It stays, and we ask you to change it.") % title
        bars = _("We blacked out a passage of your listing “%(title)s”. The rest stays as it was.") % title
        is_asked = report.state == ReportState.ASKED
        why = _why(report.get_ground_display(), report.decision)
        paragraphs = [asked if is_asked else bars, *why, by_a_person(), against()]
        heading = _("Please change your listing") if is_asked else _("We changed your listing")
        link, label = reverse("marketplace:mine"), _("Your listings")
        write_to(seller, heading, paragraphs, link=link, label=label, now=now)


def warn(person: Any, report: Report, *, now: datetime) -> None:
    """To who wrote what was reported; neither which message it is nor to whom, because that would name who reported."""
    with translation.override(language_of(person)):
        first = _("We read something that you wrote in messages to somebody. Please do not write such things.")
        paragraphs = [first, *_why(report.get_ground_display(), report.decision), by_a_person(), against()]
        heading = _("About messages that you wrote")
        write_to(person, heading, paragraphs, link=reverse("enquiries:contact"), label=_("Write to us"), now=now)


def _why(ground: str, reason: str) -> list[str]:
    return [_("The ground: %(ground)s.") % {"ground": ground}, _("The reason: %(reason)s") % {"reason": reason}]


def _to_removal(removal: Removal) -> str:
    return reverse("marketplace:removed", args=[removal.listing_id])


def _tell_reporter(report: Report, heading: str, paragraphs: Sequence[str], *, now: datetime) -> None:
    user: Any = report.user
    address = report.email if user is None else user.email
    if not address:
        return
    link, label, whose = reverse("enquiries:contact"), _("Write to us"), report.user_id
    write(address, report.language, heading, paragraphs, link=link, label=label, user_id=whose, now=now)
