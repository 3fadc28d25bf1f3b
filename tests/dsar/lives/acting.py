"""What stops at once, what is asked for somebody else, what a machine sends twice, and what silence does."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from consent.queries import current_status
from consent.services import give
from datamap.gate import may_process
from datamap.refusing import open_to_objection
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.api.filing import Order, file_for_person
from dsar.corrections import correct, correctable
from dsar.filing import Form, file_form
from dsar.linking import link_person
from dsar.models import Objection, Representative
from dsar.objections import overrule, propose_grounds
from dsar.silence import follow_questions
from dsar.snapshots import Snapshot
from dsar.taking import snapshots_to_take, take_snapshot
from dsar.terms import AT_ONCE, AuthorityKind, Stage
from tests.dsar.lives.filing import Known, some_rights, which
from tests.dsar.lives.handling import Handling, either

LOYALTY: Final = "LOYALTY"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a machine sent under a name of its own, and what came of it."""

    rights: list[Right]
    opened: set[UUID]


class Acting(Handling):
    """The rights that need no staff, and the people and machines that come between."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[tuple[UUID, str], Sent] = {}

    @precondition(lambda self: self.people)
    @rule(nth=which)
    def somebody_agrees(self, nth: int) -> None:
        person = self.people[nth % len(self.people)]
        give(person.pk, LOYALTY, language="lv", method="consents_page", place="/privacy/consents/", now=self.now)

    @precondition(lambda self: self.people and len(self.known) < 16)
    @rule(nth=which, right=st.sampled_from([Right.WITHDRAWAL, Right.MARKETING_OBJECTION, Right.OBJECTION]))
    def somebody_stops_something(self, nth: int, right: Right) -> None:
        self.somebody_logged_in_files(nth, [right])
        person = self.people[nth % len(self.people)]
        case = self.case(0)
        if right in AT_ONCE:
            assert case.stage == Stage.ANSWERED, "what takes effect at once waits"
        if right is Right.WITHDRAWAL:
            assert not current_status(person.pk, LOYALTY, now=self.now).permits, "a consent outlived its withdrawal"
        if right is Right.OBJECTION:
            subject = subject_of_user(person)
            going_on = [code for code in open_to_objection() if may_process(subject, code, now=self.now)]
            assert going_on == [], "it goes on while it is examined"

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_find_grounds_against_an_objection(self, nth: int, who: int) -> None:
        found = Objection.objects.filter(case_number=self.case(nth).number, overruled_at=None).first()
        if found is not None:
            self.tried(lambda: propose_grounds(found.pk, "A claim.", by=self.staff[who], now=self.now))

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_overrule_an_objection(self, nth: int, who: int) -> None:
        case, by = self.case(nth), self.staff[who]
        found = Objection.objects.filter(case_number=case.number, overruled_at=None).first()
        if found is not None and self.tried(lambda: overrule(found.pk, by=by, reason="agreed", now=self.now)):
            assert found.proposed_by not in {None, by.pk}, "one person alone overruled"
            assert case.stage == Stage.OPEN, "overruled after the answer"

    @precondition(lambda self: len(self.known) < 16)
    @rule(nth=which, rights=some_rights)
    def somebody_acts_for_another(self, nth: int, rights: list[Right]) -> None:
        address, ip = self.addresses[nth % len(self.addresses)], self._ip()
        self.number += 1
        form = Form(
            address=address,
            rights=tuple(rights),
            language="lv",
            once=str(self.number),
            name="Juris",
            capacity=AuthorityKind.LAWYER,
        )
        for case in self.tried(lambda: file_form(form, ip=ip, now=self.now)) or []:
            is_new = case.pk not in self.known
            self.known.setdefault(case.pk, Known(represented=True))
            assert Representative.objects.filter(case=case).exists() or not is_new, "nobody noted who acts"

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either, whose=which)
    def staff_link_the_person(self, nth: int, who: int, whose: int) -> None:
        case, address = self.case(nth), self.addresses[whose % len(self.addresses)]
        if self.tried(lambda: link_person(case.pk, address, step=self.step(who))):
            assert self.known[case.pk].shown, "linked before anybody showed anything"

    @precondition(lambda self: self.known)
    @rule(nth=which, who=either)
    def staff_correct_a_value(self, nth: int, who: int) -> None:
        case = self.case(nth)
        known, value = self.known[case.pk], next(iter(correctable(case)), None)
        if self.tried(lambda: correct(case.pk, value.key if value else "", "X", step=self.step(who))):
            assert known.shown, "corrected for somebody who showed nothing"
            assert known.checked or not known.represented, "corrected without authority"

    @precondition(lambda self: self.people and len(self.known) < 16)
    @rule(nth=which, rights=some_rights, once=st.sampled_from(["a", "b"]))
    def a_machine_sends_an_order(self, nth: int, rights: list[Right], once: str) -> None:
        person = self.people[nth % len(self.people)]
        before = self.sent.get((person.pk, once))
        rights = before.rights if before else rights
        order = Order(rights=rights, once=once, body={"rights": rights})
        filed: Any = self.tried(lambda: file_for_person(person, order, now=self.now))
        if filed is None:
            return
        opened = {case.pk for case in filed.opened}
        if before is not None:
            assert opened == before.opened, "the same order led to something else"
            return
        assert len(filed.opened) + len(filed.under_way) == len(set(rights)), "a right was lost"
        self.sent[person.pk, once] = Sent(rights, opened)
        for pk in opened:
            self.known[pk] = Known(shown=True)

    @rule()
    def beat_follows_open_questions(self) -> None:
        follow_questions(now=self.now)

    @rule()
    def a_worker_sets_aside_what_will_go(self) -> None:
        if waiting := snapshots_to_take(self.now):
            snapshot = take_snapshot(waiting[0], now=self.now)
            if isinstance(snapshot, Snapshot):
                self.files.add(snapshot.file_name)
