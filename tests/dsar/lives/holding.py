"""What holds at any time, whatever was done before."""

from hypothesis.stateful import invariant

from audit.ledger import verify
from datamap.terms import Right
from dsar.deadlines import Extension
from dsar.fulfilment import is_done
from dsar.models import CaseEvent, IdentityCheck, Package, RecipientNotice, Snapshot, SubjectRequest
from dsar.queries import deadline_of, has_shown, viewed
from dsar.terms import (
    ACTIONS,
    ANSWERING,
    AT_ONCE,
    CLOSED,
    GIVES,
    NEEDS_NO_IDENTITY,
    PACKAGED,
    RUNNING,
    SELF_SERVICE,
    SETTLED,
    TRANSITIONS,
    Outcome,
    PackageState,
    Stage,
)
from retention.models import ErasureRun
from tests.dsar.lives.acting import Acting
from tests.dsar.lives.filing import STEPS

__all__ = ["STEPS", "Lives"]


class Lives(Acting):
    """The whole machine: all rules, and what must never stop being true."""

    def teardown(self) -> None:
        try:
            assert verify(CaseEvent).is_whole
        finally:
            super().teardown()

    @invariant()
    def every_request_is_as_it_may_be(self) -> None:
        STEPS["all"] += 1
        cases = list(SubjectRequest.objects.prefetch_related("pauses"))
        assert {case.pk for case in cases} == set(self.known), "a request was lost or came from nowhere"
        shown = set(IdentityCheck.objects.filter(outcome="shown").values_list("case_id", flat=True))
        copied = set(Package.objects.filter(state=PackageState.READY).values_list("request_id", flat=True))
        for case in cases:
            STEPS[case.stage] += 1
            viewed(case, now=self.now)
            self._is_proven(case, has_check=case.pk in shown)
            self._has_its_end(case, has_copy=case.pk in copied)
            self._is_extended_once(case)
            assert case.stage != Stage.ANSWERED or is_done(case), "answered, and nothing was done"
            assert not (case.stage == Stage.CLOSED_UNIDENTIFIED and has_shown(case)), "turned away in spite of a proof"
        self._each_right_once(cases)

    def _is_proven(self, case: SubjectRequest, *, has_check: bool) -> None:
        known = self.known[case.pk]
        if case.stage not in GIVES:
            return
        assert has_check, "given without an identity check of its own"
        assert known.shown or case.right in NEEDS_NO_IDENTITY, "given to somebody who showed nothing"
        is_absolute = case.right == Right.MARKETING_OBJECTION
        assert known.checked or not known.represented or is_absolute, "given to a representative without authority"
        assert not known.withdrawn, "a withdrawn request went on"

    def _has_its_end(self, case: SubjectRequest, *, has_copy: bool) -> None:
        known = self.known[case.pk]
        assert (case.closed_at is not None) == (case.stage in CLOSED)
        assert (case.stage == Stage.WITHDRAWN) == known.withdrawn, "withdrawn is for good"
        if case.stage in ANSWERING:
            assert case.answered_at is not None
            assert case.outcome in {Outcome.FULFILLED, Outcome.PARTLY_FULFILLED}
            is_forgotten = not case.email
            assert case.answer or has_copy or is_forgotten or case.right in SELF_SERVICE, "no answer"
            is_partial = case.stage == Stage.PARTLY_REFUSED
            assert bool(case.refusal_proposed_by) == is_partial, "an answer carries what nobody agreed to"
        if case.stage in {Stage.REFUSED, Stage.PARTLY_REFUSED}:
            assert (case.refusal_proposed_by, case.refusal_approved_by) == (known.proposed_by, known.approved_by)
            assert known.proposed_by != known.approved_by
            assert case.answer or not case.email
            assert case.answered_at
            assert case.refusal_reason
        if case.stage in RUNNING:
            assert case.outcome == ""
            assert case.answered_at is None

    def _is_extended_once(self, case: SubjectRequest) -> None:
        known = self.known[case.pk]
        if case.extended_at is not None and known.extended_at is None:
            known.extended_at = case.extended_at
            assert case.right not in AT_ONCE
            assert case.extension_reason
            assert deadline_of(case).extension is Extension.VALID, "extended too late"
        assert case.extended_at == known.extended_at, "extended again"

    def _each_right_once(self, cases: list[SubjectRequest]) -> None:
        nameless = [
            (case.email, case.right)
            for case in cases
            if case.user_id is None and case.email and case.stage in RUNNING and case.right in SELF_SERVICE
        ]
        assert len(nameless) == len(set(nameless)), "one address has two of the same"

    @invariant()
    def nothing_ends_before_every_recipient_was_told(self) -> None:
        open_ones = RecipientNotice.objects.exclude(outcome__in=SETTLED).filter(case__stage__in=CLOSED)
        assert not open_ones.exists(), "closed while a notice lacks its outcome"

    @invariant()
    def what_was_erased_was_not_withdrawn(self) -> None:
        erased = ErasureRun.objects.values_list("case_number", flat=True)
        assert not SubjectRequest.objects.filter(number__in=erased, stage=Stage.WITHDRAWN).exists()

    @invariant()
    def what_will_go_is_set_aside_as_long_as_it_is_asked_for(self) -> None:
        asked = SubjectRequest.objects.filter(right__in=PACKAGED)
        ordered = set(Snapshot.objects.values_list("case_id", flat=True))
        known = asked.filter(stage__in=RUNNING - {Stage.REOPENED}, closed_at=None).exclude(email="")
        reopened = set(CaseEvent.objects.filter(action="reopened").values_list("case_number", flat=True))
        lacking = known.exclude(pk__in=ordered).exclude(number__in=reopened)
        assert not lacking.exists(), "nothing is set aside"
        assert not asked.filter(pk__in=ordered, stage=Stage.WITHDRAWN).exists(), "set aside for nobody"
        assert not asked.filter(pk__in=ordered, stage__in=CLOSED, identified_at=None).exists(), "set aside for nobody"

    @invariant()
    def every_move_is_written_down_once(self) -> None:
        for event in CaseEvent.objects.filter(id__gt=self.last_event).order_by("id"):
            self.last_event = event.pk
            assert event.action in ACTIONS
            if event.case_number not in self.stands:
                assert (event.action, event.stage_after) == ("received", Stage.RECEIVED)
            elif event.stage_before != event.stage_after:
                assert event.stage_after in TRANSITIONS[Stage(event.stage_before)]
            assert self.stands.get(event.case_number, Stage.RECEIVED) == event.stage_before, "a move left no event"
            self.stands[event.case_number] = event.stage_after
        assert self.stands == dict(SubjectRequest.objects.values_list("number", "stage")), "a move left no event"
