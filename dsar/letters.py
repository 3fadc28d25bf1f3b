"""What we write to people about their requests; every letter names the authority (Q16.9, Q19.1)."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from datamap.catalogue import catalogue, cited
from datamap.periods import RIGA
from datamap.terms import Right
from dsar.cases import case_key
from dsar.deadlines import Channel, Deadline
from dsar.models import Caution, SubjectRequest
from dsar.queries import deadline_of, is_at_own_address, may_fetch
from dsar.terms import CautionCause, Stage, ground_words
from mailing.services import send

PURPOSE = "ACCOUNTABILITY"


def acknowledge(case: SubjectRequest, *linked: SubjectRequest, now: datetime) -> None:
    """Number, time of receipt, due date with its rule, how to withdraw, how to complain (clauses.md D4).

    The requests of one message share one letter: they came at the same moment.
    """
    with translation.override(case.language):
        deadline = deadline_of(case)
        paragraphs = [
            *(_received_sentence(item) for item in (case, *linked)),
            _due_sentence(deadline),
            *deadline.steps,
            _("You can withdraw the request on its page as long as it has not been carried out."),
        ]
        mail_about(case, _("We received your request"), paragraphs, now=now)


def acknowledge_by_link(cases: Sequence[SubjectRequest], first: SubjectRequest, code: str, *, now: datetime) -> None:
    """The same for who has no account: the link leads to the request, and the code shows that the address is theirs."""
    with translation.override(first.language):
        paragraphs = [
            *(_received_sentence(case) for case in cases),
            _due_sentence(deadline_of(first)) if not code else _until_code_sentence(),
        ]
        if code:
            paragraphs += [
                _("Your code: %(code)s") % {"code": code},
                _("Enter it on the page of the request within ten minutes; there you can also ask for a new one."),
                _("If it was not you, you need not do anything: nobody gets anything without the code."),
            ]
        paragraphs.append(_("You can withdraw the request on its page as long as it has not been carried out."))
        mail_about(first, _("We received your request"), paragraphs, now=now)


def tell_code(case: SubjectRequest, code: str, *, now: datetime) -> None:
    """A new code, asked for on the page of the request."""
    with translation.override(case.language):
        paragraphs = [
            _("Your code for the request %(number)s: %(code)s") % {"number": case.number, "code": code},
            _("It works once and for ten minutes. If it was not you who asked for it, you need not do anything."),
        ]
        mail_about(case, _("Your code"), paragraphs, now=now)


def tell_copy_ready(case: SubjectRequest, *, now: datetime) -> None:
    """The link alone opens no copy: that takes the log-in or a fresh code (security D6)."""
    with translation.override(case.language):
        ends_at = case.package.link_ends_at
        is_portable = case.right == Right.PORTABILITY
        heading = _("Your data are ready to be taken along") if is_portable else _("The copy of your data is ready")
        ready = (
            _("The data that you gave us are ready as a file that other services can read (request %(number)s).")
            if is_portable
            else _("The copy of your data is ready (request %(number)s).")
        )
        paragraphs = [
            ready % {"number": case.number},
            _download_sentence(case) % {"day": day_of(ends_at) if ends_at else ""},
        ]
        mail_about(case, heading, paragraphs, now=now)


def _download_sentence(case: SubjectRequest) -> str:
    if (not is_by_log_in(case) and is_at_own_address(case)) or may_fetch(case):
        return _("You can download it three times until %(day)s. For each download we mail you a code.")
    return _("You can download it three times until %(day)s. Please log in; we will ask for your password again.")


def tell_answer(case: SubjectRequest, *, now: datetime) -> None:
    """An answer or a refusal is read on the page of the request; the mail says that it is there (Art. 12(4))."""
    with translation.override(case.language):
        paragraphs = [
            _("We have answered your request %(number)s. Please read the answer on its page.")
            % {"number": case.number},
            _court_sentence(),
        ]
        mail_about(case, _("The answer to your request"), paragraphs, now=now)


def tell_done_at_once(case: SubjectRequest, *, now: datetime) -> None:
    """What took effect when the request arrived, with its proof: the number (Art. 7(3), 21(3))."""
    with translation.override(case.language):
        done = _("Your request %(number)s is done.") % {"number": case.number}
        mail_about(case, _("It is done"), [done, case.answer], now=now)


def ask(case: SubjectRequest, question: str, *, now: datetime) -> None:
    """A question to the person; the clock may stand still until the answer."""
    with translation.override(case.language):
        paragraphs = [_("We need something from you for your request %(number)s:") % {"number": case.number}, question]
        mail_about(case, _("A question about your request"), paragraphs, now=now)


def tell_unproven(case: SubjectRequest, *, now: datetime) -> None:
    """A mail that we cannot tell from a forged one answers our question only when the person says so."""
    with translation.override(case.language):
        paragraphs = [
            _("An e-mail from your address about the request %(number)s reached us.") % {"number": case.number},
            _("Anybody can put your address on an e-mail, so by itself it changes nothing."),
            _("If it was you, please answer on the page of the request: that counts at once."),
        ]
        mail_about(case, _("Please answer on the page of your request"), paragraphs, now=now)


def tell_too_large(case: SubjectRequest, *, now: datetime) -> None:
    """A mail was larger than we keep: its words reached us, what was attached did not."""
    with translation.override(case.language):
        paragraphs = [
            _("Your message about the request %(number)s reached us, but it was too large.") % {"number": case.number},
            _("We kept its words, but not what was attached. Please send the attachments in smaller messages."),
        ]
        mail_about(case, _("Your attachments were too large"), paragraphs, now=now)


def tell_extension(case: SubjectRequest, *, now: datetime) -> None:
    """The notice of extension with its reason, before the first due date (Art. 12(3))."""
    with translation.override(case.language):
        paragraphs = [
            _("Your request %(number)s needs more time, because: %(reason)s.")
            % {"number": case.number, "reason": case.get_extension_reason_display()},
            _due_sentence(deadline_of(case)),
        ]
        mail_about(case, _("Your request needs more time"), paragraphs, now=now)


def tell_older_address(wait: Caution, address: str, link: str, *, now: datetime) -> None:
    """To an address of the account, or one that was: what was asked for, and how to stop it (security I7)."""
    case, until = wait.case, wait.waits_until
    with translation.override(case.language):
        paragraphs = [
            _("Somebody, probably you, asked us for this: %(right)s (request %(number)s).")
            % {"right": Right(case.right).label, "number": case.number},
            _why_it_waits(wait),
            _("So we hand nothing out and erase nothing before %(day)s, %(time)s.")
            % {"day": day_of(until), "time": _time(until)},
            _("If this was not you, stop it with the link below. If it was you, you need not do anything."),
            complaint_sentence(),
        ]
        context = {
            "heading": _("Was this you?"),
            "paragraphs": paragraphs,
            "link": link,
            "link_label": _("Stop this request"),
        }
        send(
            "notice",
            to=address,
            language=case.language,
            purpose=PURPOSE,
            context=context,
            now=now,
            user_id=case.user_id,
        )


def _why_it_waits(wait: Caution) -> str:
    if wait.cause == CautionCause.FOREIGN:
        return _("The request came from an address that is not this account's; our staff found that it is about you.")
    return _("A short while ago the address, telephone or password of this account was changed.")


def alarm_stopped(case: SubjectRequest, *, now: datetime) -> None:
    """To the desk: somebody has stopped a request from an address of the account; staff release or uphold that."""
    with translation.override("lv"):
        context = {
            "heading": _("A request was stopped from an address of the account"),
            "paragraphs": [
                _("Request %(number)s: nothing goes on before you have looked into it.") % {"number": case.number}
            ],
            "link": reverse("admin:dsar_subjectrequest_change", args=[case.pk]),
            "link_label": _("Open the desk"),
        }
        send("notice", to=catalogue().controller.email, language="lv", purpose=PURPOSE, context=context, now=now)


def with_remedies(case: SubjectRequest, text: str) -> str:
    """An answer in the person's language, with whom she can complain to and that she can go to court (Q16.9)."""
    with translation.override(case.language):
        return "\n\n".join([text.strip(), *_remedies()])


def refusal_text(case: SubjectRequest, text: str) -> str:
    """The same for a refusal, with its ground and the act it rests on (Art. 12(4))."""
    with translation.override(case.language):
        ground = _("Ground: %(ground)s (%(act)s).") % {
            "ground": ground_words(case.refusal_reason),
            "act": cited(case.refusal_act),
        }
        return "\n\n".join([text.strip(), ground, *_remedies()])


def tell_message(case: SubjectRequest, *, now: datetime) -> None:
    """A message waits on the page of the request; what it says is read there."""
    with translation.override(case.language):
        paragraphs = [
            _("We have written to you about your request %(number)s. Please read our message on its page.")
            % {"number": case.number}
        ]
        mail_about(case, _("A message about your request"), paragraphs, now=now)


def tell_fee(case: SubjectRequest, why: str, *, now: datetime) -> None:
    """A fee is said before any work, with the reason that we must be able to show (Art. 12(5)(a))."""
    with translation.override(case.language):
        fee = f"{(case.fee_cents or 0) / 100:.2f} EUR"
        paragraphs = [
            _("Your request %(number)s is manifestly unfounded or excessive in our view (Art. 12(5) GDPR), because:")
            % {"number": case.number},
            why,
            _("We would ask %(fee)s for it. We have not begun. Tell us whether to begin, or withdraw it at no cost.")
            % {"fee": fee},
            _court_sentence(),
        ]
        mail_about(case, _("Your request would cost a fee"), paragraphs, now=now)


def turned_into_text(case: SubjectRequest, cases: Sequence[SubjectRequest]) -> str:
    """Which requests we read in a message, with its own time of receipt (Q19.3)."""
    with translation.override(case.language):
        return with_remedies(case, "\n".join(_turned_into(case, cases)))


def tell_turned_into(case: SubjectRequest, cases: Sequence[SubjectRequest], *, now: datetime) -> None:
    """The same by mail."""
    with translation.override(case.language):
        mail_about(case, _("What we read in your message"), _turned_into(case, cases), now=now)


def _turned_into(case: SubjectRequest, cases: Sequence[SubjectRequest]) -> list[str]:
    return [
        _("We read your message %(number)s as these requests:") % {"number": case.number},
        *(f"{item.number}: {Right(item.right).label}" for item in cases),
        _("They count as received when your message arrived. If you meant something else, please write to us."),
    ]


def link_to(case: SubjectRequest) -> str:
    """The page of a request: behind the log-in for who filed it there, behind the key of the request for all others.

    Who came without a log-in is sent to none, also where the code showed that there is an account.
    """
    if is_by_log_in(case):
        return detail_of(case)
    return reverse("privacy:case", args=[case_key(case)])


def detail_of(case: SubjectRequest) -> str:
    """The page of a request behind the log-in of the account that it is about."""
    return reverse("privacy:request-detail", args=[case.number])


def is_by_log_in(case: SubjectRequest) -> bool:
    """Whether the request was filed behind a log-in, by an account that is still there."""
    return case.user_id is not None and case.channel == Channel.PORTAL_AUTH


def mail_about(case: SubjectRequest, heading: str, paragraphs: Sequence[str], *, now: datetime, link: str = "") -> None:
    """Queue a letter about a request; to who gave no address nothing goes out."""
    if not case.email:
        return
    context = {
        "heading": heading,
        "paragraphs": [*paragraphs, complaint_sentence()],
        "link": link or link_to(case),
        "link_label": _("Open your request") if not link else _("Continue"),
        "reference": case.number,
    }
    send(
        "notice",
        to=case.email,
        language=case.language,
        purpose=PURPOSE,
        context=context,
        now=now,
        user_id=case.user_id,
    )


def on_paper(case: SubjectRequest) -> list[str]:
    """What goes on paper to who gave no address for e-mail: the acknowledgement, or the answer once there is one."""
    with translation.override(case.language):
        if case.is_closed:
            return [case.answer] if case.answer else why_closed(case)
        deadline = deadline_of(case)
        return [
            _received_sentence(case),
            _due_sentence(deadline),
            *deadline.steps,
            _("You can withdraw the request by writing to us as long as it has not been carried out."),
            *_remedies(),
        ]


def why_closed(case: SubjectRequest) -> list[str]:
    """Why a request was closed after 30 days of silence, and the remedies (Art. 12(4)), in the active language; nothing
    for a request that ended otherwise."""
    if case.stage == Stage.CLOSED_UNIDENTIFIED:
        return [
            _("We cannot act on your request %(number)s, because it was not shown that it comes from you (Art. 12(2)).")
            % {"number": case.number},
            _("Answer at any time: we will open the request again."),
            _("If you have no account, your cookie settings show the number of your browser, by which we can find it."),
            *_remedies(),
        ]
    asked = case.pauses.order_by("-asked_at").first()
    if case.stage != Stage.CLOSED_UNANSWERED or asked is None:
        return []
    return [
        _("On %(day)s we asked you what you mean by your request %(number)s. Without your answer we cannot act.")
        % {"day": day_of(asked.asked_at), "number": case.number},
        _("Answer at any time: we will open the request again."),
        *_remedies(),
    ]


def _received_sentence(case: SubjectRequest) -> str:
    received = _("We received your request on %(day)s, %(time)s. Its number is %(number)s.") % {
        "day": day_of(case.received_at),
        "time": _time(case.received_at),
        "number": case.number,
    }
    return f"{received} " + _("What you asked for: %(right)s.") % {"right": Right(case.right).label}


def _until_code_sentence() -> str:
    return _("We answer without delay, at the latest one month after you have shown that this address is yours.")


def _due_sentence(deadline: Deadline) -> str:
    if deadline.due is None:
        return _("The time for our answer stands still until we hear from you.")
    return _("We will answer without delay, at the latest on %(day)s.") % {
        "day": date_format(deadline.due, "DATE_FORMAT")
    }


def _remedies() -> list[str]:
    return [complaint_sentence(), _court_sentence()]


def _court_sentence() -> str:
    return _("You can also go to court if you think that we have infringed your rights.")


def complaint_sentence() -> str:
    """Where to complain, in every letter (Q16.9)."""
    authority = catalogue().authority
    return _("You can complain at any time to the supervisory authority: %(name)s, %(address)s, %(url)s.") % {
        "name": authority.name,
        "address": authority.address,
        "url": authority.url,
    }


def day_of(moment: datetime) -> str:
    """A day of Riga, as the language of the letter writes it."""
    return date_format(moment.astimezone(RIGA), "DATE_FORMAT")


def _time(moment: datetime) -> str:
    return date_format(moment.astimezone(RIGA), "TIME_FORMAT")
