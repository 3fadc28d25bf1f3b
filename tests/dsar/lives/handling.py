"""Staff, workers, the person and the clock take requests on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from audit.trail import Actor
from datamap.processors import Outcome as Told
from datamap.terms import Right
from dsar import casework
from dsar.access import build_package, copies_to_build, take_download
from dsar.attachments import Incoming
from dsar.conversation import write_to_us
from dsar.deadlines import Channel, PauseKind
from dsar.documents import ask_document, hand_in
from dsar.erasure import Wish, confirm_case, confirm_erasure, erasures_to_run, preview, preview_of_case, run_erasure
from dsar.identity import check_authority, doubt_identity
from dsar.models import Package, RecipientNotice, SubjectRequest
from dsar.recipients import Settlement, settle_notice
from dsar.services import withdraw_request
from dsar.staff_erasure import approve_erasure, propose_erasure
from dsar.steps import Step
from dsar.terms import (
    AttachmentPurpose,
    DelayReason,
    IdentityMethod,
    IdentityOutcome,
    NoticeChannel,
    RefusalReason,
    Stage,
)
from retention.standing import RestrictionGround
from tests.dsar.lives.filing import Filing, Known, which

either = st.integers(0, 1)
_QUIET: Final[dict[str, Callable[[SubjectRequest, Step], object]]] = {
    "ask identity": lambda case, step: casework.ask_person(case.pk, PauseKind.IDENTITY, "Who?", step=step),
    "ask meaning": lambda case, step: casework.ask_person(case.pk, PauseKind.CLARIFICATION, "What?", step=step),
    "take answer": lambda case, step: casework.take_answer(case.pk, step=step),
    "close unidentified": lambda case, step: casework.close_unidentified(case.pk, step=step),
    "extend": lambda case, step: casework.extend_deadline(case.pk, DelayReason.VOLUME, step=step),
    "answer": lambda case, step: casework.answer_request(case.pk, "Done.", step=step),
    "write": lambda case, step: casework.write_to_person(case.pk, "A word.", step=step),
    "note": lambda case, step: casework.write_note(case.pk, step=step),
    "propose erasure": lambda case, step: propose_erasure(
        case.pk, objection_to_archive=False, waive_copy=True, step=step
    ),
    "restrict": lambda case, step: casework.restrict(case.pk, RestrictionGround.ACCURACY, step=step),
    "reopen": lambda case, step: casework.reopen(case.pk, step=step),
}
"""Steps that prove nothing and refuse nothing."""


class Handling(Filing):
    """What is done with a request after it was filed."""

    def step(self, who: int) -> Step:
        return Step(by=self.staff[who], reason="seen", now=self.now)

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, name=st.sampled_from(sorted(_QUIET)))
    def staff_take_a_step(self, nth: int, who: int, name: str) -> None:
        case, step = self.case(nth), self.step(who)
        self.tried(lambda: _QUIET[name](case, step))

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, method=st.sampled_from([IdentityMethod.KNOWN_FACTS, IdentityMethod.ID_DOCUMENT]))
    def staff_know_the_person(self, nth: int, who: int, method: IdentityMethod) -> None:
        case = self.case(nth)
        if self.tried(lambda: casework.accept_identity(case.pk, method, step=self.step(who))):
            self.known[case.pk].shown = True

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, outcome=st.sampled_from([IdentityOutcome.DOUBTED, IdentityOutcome.FAILED]))
    def staff_doubt_the_person(self, nth: int, who: int, outcome: IdentityOutcome) -> None:
        case, actor = self.case(nth), Actor.of(self.staff[who])
        self.tried(lambda: doubt_identity(case.pk, outcome, actor=actor, now=self.now, reason="odd"))

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_ask_for_a_document_and_get_one(self, nth: int, who: int) -> None:
        case, step = self.case(nth), self.step(who)
        if self.tried(lambda: ask_document(case.pk, "Who are you?", "odd facts", step=step)):
            assert case.channel != Channel.PORTAL_AUTH
            hand_in(case, [Incoming("id.pdf", b"%PDF-1")], AttachmentPurpose.IDENTITY, now=self.now)

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_check_the_authority(self, nth: int, who: int) -> None:
        case, by = self.case(nth), self.staff[who]

        def check() -> None:
            check_authority(case.pk, actor=Actor.of(by), now=self.now, by=by.pk, document="mandate", reason="seen")

        if self.tried(check):
            assert self.known[case.pk].represented
            self.known[case.pk].checked = True

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, why=st.sampled_from(RefusalReason), partly=st.booleans())
    def staff_propose_to_refuse(self, nth: int, who: int, why: RefusalReason, partly: bool) -> None:
        case, step = self.case(nth), self.step(who)
        if self.tried(lambda: casework.propose_refusal(case.pk, why, "No.", step=step, act="Section 8", partly=partly)):
            self.known[case.pk].proposed_by = self.staff[who].pk

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_agree_to_refuse(self, nth: int, who: int) -> None:
        case = self.case(nth)
        if self.tried(lambda: casework.approve_refusal(case.pk, step=self.step(who))):
            known = self.known[case.pk]
            assert known.proposed_by not in {None, self.staff[who].pk}, "one person alone refused"
            known.approved_by = self.staff[who].pk

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_do_not_agree_to_refuse(self, nth: int, who: int) -> None:
        case = self.case(nth)
        if self.tried(lambda: casework.return_refusal(case.pk, step=self.step(who))):
            self.known[case.pk].proposed_by = None

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_agree_to_erase(self, nth: int, who: int) -> None:
        case = self.case(nth)
        if self.tried(lambda: approve_erasure(case.pk, step=self.step(who))):
            case.refresh_from_db()
            assert case.erasure_proposed_by not in {None, self.staff[who].pk}, "one person alone erased"

    @precondition(lambda self: self.known)
    @rule(nth=which, recipient=st.sampled_from(["Mailgun", "Omniva"]))
    def somebody_must_be_told(self, nth: int, recipient: str) -> None:
        case = self.case(nth)
        if case.stage == Stage.OPEN:
            RecipientNotice.objects.get_or_create(
                case=case, recipient=recipient, article="16", defaults={"ordered_at": self.now}
            )

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, outcome=st.sampled_from([Told.CONFIRMED, Told.KEPT, Told.REQUESTED, Told.FAILED]))
    def a_recipient_answers(self, nth: int, who: int, outcome: Told) -> None:
        notice = RecipientNotice.objects.filter(case=self.case(nth)).first()
        if notice is not None:
            settled = Settlement(outcome=outcome, channel=NoticeChannel.EMAIL, detail="wrote back")
            self.tried(lambda: settle_notice(notice.pk, settled, by=self.staff[who], now=self.now))

    @precondition(lambda self: self.known)
    @rule(nth=which)
    def the_person_withdraws(self, nth: int) -> None:
        case = self.case(nth)
        if self.tried(lambda: withdraw_request(case, now=self.now)):
            self.known[case.pk].withdrawn = True

    @precondition(lambda self: self.known)
    @rule(nth=which)
    def the_person_writes(self, nth: int) -> None:
        case = self.case(nth)
        self.tried(lambda: write_to_us(case, "Here I am.", now=self.now))

    @rule()
    def a_worker_builds_what_waits(self) -> None:
        if waiting := copies_to_build(self.now):
            case_id = waiting[0]
            withdrawn = self.known[case_id].withdrawn
            package = self.tried(lambda: build_package(case_id, now=self.now))
            assert not withdrawn, "a copy was built for a withdrawn request"
            if isinstance(package, Package):
                self.files.update(Package.objects.exclude(file_name="").values_list("file_name", flat=True))

    @precondition(lambda self: self.known)
    @rule(nth=which)
    def a_worker_comes_too_late(self, nth: int) -> None:
        case = self.case(nth)
        if case.stage != Stage.OPEN:
            assert build_package(case.pk, now=self.now) is None
        if case.stage != Stage.EXECUTING:
            assert run_erasure(case.pk, now=self.now) is None

    @precondition(lambda self: self.files)
    @rule(nth=which, is_cut=st.booleans())
    def a_copy_is_fetched(self, nth: int, is_cut: bool) -> None:
        ready = list(Package.objects.select_related("request").exclude(file_name="").order_by("-built_at"))
        if not ready:
            return
        package = ready[nth % len(ready)]
        before = package.downloads
        frames = self.tried(lambda: take_download(package, now=self.now))
        if frames is not None:
            next(frames)
            if is_cut:
                frames.close()
            else:
                assert len(list(frames)) >= 0
            package.refresh_from_db()
            assert package.downloads == before + (not is_cut)

    @precondition(lambda self: self.people)
    @rule(nth=which, waive=st.booleans())
    def somebody_logged_in_confirms_an_erasure(self, nth: int, waive: bool) -> None:
        person = self.people[nth % len(self.people)]
        plan = preview(person, now=self.now).plan

        def confirm() -> Any:
            return confirm_erasure(
                user=person, plan_digest=plan.digest, objection_to_archive=False, waive_copy=waive, now=self.now
            )

        confirmed = self.tried(confirm)
        if confirmed is not None:
            self.known.setdefault(confirmed.case.pk, Known(shown=True))

    @precondition(lambda self: self.known)
    @rule(nth=which, waive=st.booleans())
    def an_erasure_is_confirmed_by_code(self, nth: int, waive: bool) -> None:
        erasures = [pk for pk in self.known if SubjectRequest.objects.filter(pk=pk, right=Right.ERASURE).exists()]
        if not erasures:
            return
        case = SubjectRequest.objects.select_related("user").get(pk=erasures[-1 - nth % len(erasures)])
        wish = Wish(preview_of_case(case, now=self.now).plan.digest, waive_copy=waive)
        if self.tried(lambda: confirm_case(case, wish, now=self.now)):
            assert self.known[case.pk].shown
            assert not self.known[case.pk].represented

    @rule()
    def a_worker_erases(self) -> None:
        if waiting := erasures_to_run():
            case_id = waiting[0]
            assert not self.known[case_id].withdrawn, "a withdrawn request was carried out"
            self.tried(lambda: run_erasure(case_id, now=self.now))
        present = set(type(self.staff[0]).objects.values_list("pk", flat=True))
        self.people = [person for person in self.people if person.pk in present]

    @rule(minutes=st.sampled_from([1, 9, 10, 60 * 24, 60 * 24 * 15, 60 * 24 * 40]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
