"""What stands in the way: legal holds on a row or on a query, and restrictions."""

from collections import Counter
from datetime import timedelta
from typing import Any, Final

from django.db.models import Model
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, consumes, invariant, multiple, rule

from accounts.models import LoginEvent
from mailing.models import OutgoingMessage
from retention import holds as legal_holds
from retention import lifting, restriction
from retention.holds import NewHold
from retention.models import ArchiveRecord, ErasureReceipt, ErasureRun, HeldCopy, LegalHold, Restriction
from retention.receipts import verify_document
from retention.standing import HoldGround, RestrictionGround
from tests.histories.beginning import gone, holds, present
from tests.histories.passing import Passing
from tests.histories.world import Fact, Held, Person, years_after
from tests.retention.conftest import hand_over_letters
from vault.keys import has_key
from visits.models import Visit

CLOCKS: Final[dict[type[Model], str]] = {
    LoginEvent: "at",
    Visit: "at",
    OutgoingMessage: "created_at",
    ArchiveRecord: "created_at",
}
"""The tables whose rows are held here, each with the field that a query asks for."""


class Standing(Passing):
    """Places, confirms and releases holds; restricts, tells and lifts."""

    @rule(target=holds, person=st.one_of(present, gone), which=st.integers(0, 9))
    def a_row_of_hers_is_held(self, person: Person, which: int) -> MultipleResults[Held]:
        rows = self._holdable(person)
        if not rows:
            return multiple()
        row = rows[which % len(rows)]
        return self._hold(type(row), {"pk": str(row.pk)}, lambda found: bool(found.pk == row.pk))

    @rule(target=holds, person=st.one_of(present, gone), which=st.integers(0, 9), days=st.integers(0, 30))
    def the_rows_of_some_days_are_held(self, person: Person, which: int, days: int) -> MultipleResults[Held]:
        rows = self._holdable(person)
        if not rows:
            return multiple()
        row = rows[which % len(rows)]
        clock = CLOCKS[type(row)]
        at, span = getattr(row, clock), timedelta(days=days)
        query = {f"{clock}__gte": (at - span).isoformat(), f"{clock}__lte": (at + span).isoformat()}
        return self._hold(type(row), query, lambda found: bool(abs(getattr(found, clock) - at) <= span))

    def _holdable(self, person: Person) -> list[Model]:
        return [fact.row for fact in person.facts if type(fact.row) in CLOCKS]

    def _hold(self, model: type[Model], query: dict[str, Any], condition: Any) -> MultipleResults[Held]:
        new = NewHold(
            table=model._meta.label,
            query=query,
            case_number="C-1",
            reason="a claim",
            ground=HoldGround.CLAIM,
            act="GDPR Art. 17(3)(e)",
            owner=self.first.pk,
            review_on=(self.now + timedelta(days=90)).date(),
        )
        try:
            placed = legal_holds.place(new, by=self.first, now=self.now)
        except legal_holds.HoldRefused:  # it would take all there is of somebody: rightly not placed
            return multiple()
        hold = Held(placed.pk, model, condition)
        self.holds.append(hold)
        self.office.kept.append(Fact(placed))
        return multiple(hold)

    @rule(hold=holds)
    def a_second_person_confirms(self, hold: Held) -> None:
        if hold in self.holds and not hold.confirmed:
            legal_holds.confirm(hold.number, by=self.second, reason="agreed", now=self.now)
            hold.confirmed = True

    @rule(hold=consumes(holds))
    def two_people_release(self, hold: Held) -> None:
        copies = list(HeldCopy.objects.filter(hold=hold.number).values_list("pk", flat=True))
        legal_holds.propose_release(hold.number, by=self.first, reason="settled", now=self.now)
        legal_holds.release(hold.number, by=self.second, reason="settled", now=self.now)
        self.holds.remove(hold)
        for fact in self.office.facts_of(LegalHold):
            if fact.row.pk == hold.number:
                fact.ends = years_after(self.now, 3)
        assert not HeldCopy.objects.filter(hold=hold.number).exists()
        assert not any(has_key(key) for key in copies)
        for person in self.erased:
            if person.case_number in hold.copies:
                self.receipt_tells_what_is_held(person)
        self.the_sweeps_run()

    def receipt_tells_what_is_held(self, person: Person) -> None:
        """The latest receipt counts each row once: as gone, or as kept for the holds that still stand."""
        if not ErasureRun.objects.filter(case_number=person.case_number).exists():
            return
        document = ErasureReceipt.objects.filter(case_number=person.case_number).latest("id").document
        assert verify_document(document)
        counted: Counter[str] = Counter()
        held: Counter[str] = Counter()
        for line in document["lines"]:
            counted[line["table"]] += line["count"]
            held[line["table"]] += line["count"] if line["kept_as"] else 0
        person.rows = person.rows or dict(counted)
        assert {table: counted[table] for table in person.rows} == person.rows, "the receipt lost rows"
        for model in CLOCKS:
            standing = [hold for hold in self.holds if hold.model is model]
            rows = {key for hold in standing for key in hold.copies.get(person.case_number, ())}
            assert held[model._meta.label] == len(rows), "the receipt does not say what is held"

    @rule(person=present, ground=st.sampled_from(RestrictionGround))
    def her_data_are_restricted(self, person: Person, ground: RestrictionGround) -> None:
        placed = restriction.place(
            person.user, ground=ground, case_number="R-1", reason="she asked", by=self.first, now=self.now
        )
        if ground not in person.restrictions:
            person.restrictions[ground.value] = placed.pk
            person.kept.append(Fact(placed))

    @rule(person=present)
    def she_is_told_and_her_restrictions_are_lifted(self, person: Person) -> None:
        self.lift_restrictions(person)

    def lift_restrictions(self, person: Person) -> None:
        for number in person.restrictions.values():
            lifting.tell(number, by=self.first, reason="settled", now=self.now)
        hand_over_letters(self.now)
        self.now += timedelta(days=1)
        for number in person.restrictions.values():
            lifting.lift(number, by=self.first, reason="settled", now=self.now)
        self.restrictions_end(person)

    @invariant()
    def nobody_who_is_gone_is_restricted(self) -> None:
        gone_ones = [person.user.pk for person in self.erased]
        assert not restriction.active().filter(user_id__in=gone_ones).exists(), "it binds whoever gets the address"

    def restrictions_end(self, person: Person) -> None:
        person.restrictions.clear()
        for fact in person.facts_of(Restriction):
            fact.ends = fact.ends or years_after(self.now, 3)
