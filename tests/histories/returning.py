"""Who comes back: a person at her old address, and the erased ones with a backup (Q10.9, Q18.2)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, consumes, multiple, rule

from consent.queries import current_status
from consent.terms import ConsentPurpose
from datamap.gate import may_process
from replay import kinds
from replay.models import JournalEntry
from replay.segments import GENESIS, Line
from retention.models import ArchiveRecord
from tests.histories.beginning import gone, present
from tests.histories.leaving import Leaving
from tests.histories.searching import whole_database
from tests.histories.world import Fact, Held, Person
from tests.retention.conftest import everything_about

MARKETING: Final = ConsentPurpose.MARKETING_EMAIL
REFUSED_LATER: Final = "refused later"


@dataclass(frozen=True, slots=True)
class State:
    """What the history knew when a backup was made."""

    people: list[tuple[Person, list[Fact], list[Fact]]]
    erased: list[Person]
    copies: list[tuple[Held, dict[str, set[object]]]]


class Returning(Leaving):
    """New accounts at erased addresses, and restored backups."""

    @rule(target=present, person=gone)
    def somebody_joins_with_her_address(self, person: Person) -> MultipleResults[Person]:
        if person.address in {other.address for other in self.here()}:
            return multiple()
        anew = self.somebody(person.address)
        seen = everything_about(anew.subject)
        assert person.canary not in str(seen)
        # That a hold keeps rows of hers is told to whoever has her address; the access answer leaves the number out.
        assert {row["subject_id"] for row in seen.pop("retention.HeldCopy")} <= {gone.user.pk for gone in self.erased}
        assert str(person.user.pk) not in str(seen)
        assert may_process(anew.subject, "SERVICE", now=self.now), "an old restriction fell on somebody new"
        assert not current_status(anew.user.pk, MARKETING, now=self.now).permits
        self.is_searched = False
        return multiple(anew)

    @rule(person=gone)
    def an_old_line_of_the_journal_is_heard_again(self, person: Person) -> None:
        before = whole_database()
        for entry in JournalEntry.objects.filter(subject=person.user.pk):
            kinds.repeat(_line(entry), now=self.now)
        assert whole_database() == before, "what is known already was done again"

    @rule(
        target=gone,
        person=consumes(present),
        other=present,
        child=st.booleans(),
        archive=st.sampled_from(["wanted", "refused", REFUSED_LATER]),
        taken=st.booleans(),
        days=st.integers(0, 34),
    )
    def a_backup_from_before_she_left_is_restored(
        self, person: Person, other: Person, *, child: bool, archive: str, taken: bool, days: int
    ) -> Person:
        backup, state = transaction.savepoint(), self._state()
        known = set(JournalEntry.objects.values_list("pk", flat=True))
        left_at = self._leave_somehow(person, child=child, archive=archive)
        ended_at = self.unsubscribe(other) if other is not person else self.now
        if taken:
            self.somebody(person.address)
        self.now += timedelta(days=days)
        lines = [_line(entry) for entry in JournalEntry.objects.exclude(pk__in=known)]
        lines.sort(key=lambda line: line.at)
        transaction.savepoint_rollback(backup)
        self._back_to(state)
        archives = set(ArchiveRecord.objects.values_list("pk", flat=True))
        self.note_copies(person)
        with self.nobody_else_moves(person, other):
            self._hear(lines)
        self._note_what_is_left(person, archives, at=left_at)
        if other is not person:
            assert not current_status(other.user.pk, MARKETING, now=self.now).permits
            self.proof_term_begins(other, at=ended_at)
        self.the_sweeps_run()
        return person

    def _leave_somehow(self, person: Person, *, child: bool, archive: str) -> datetime:
        if child:
            self.erase_as_child(person)
            return self.now
        if person.wants_it_kept:
            self.lift_restrictions(person)
        self.leave(person, objects=archive == "refused")
        left_at = self.now
        self.now += timedelta(minutes=1)
        if archive == REFUSED_LATER:
            self.object_later(person)
        return left_at

    def _hear(self, lines: list[Line]) -> None:
        """As the replay of a restored backup does, and once more, as after a kill."""
        for line in lines:
            kinds.repeat(line, now=self.now)
            values = {name: getattr(line, name) for name in ("kind", "at", "subject", "born", "details")}
            JournalEntry.objects.get_or_create(pk=line.id, defaults=values)
        after = whole_database()
        for line in lines:
            kinds.repeat(line, now=self.now)
        assert whole_database() == after, "a second replay did something"

    def _note_what_is_left(self, person: Person, archives: set[UUID], *, at: datetime) -> None:
        archived = list(ArchiveRecord.objects.exclude(pk__in=archives))
        now, self.now = self.now, at
        self.note_what_stays(person, archived)
        self.now = now
        for fact in person.facts_of(ArchiveRecord):
            if isinstance(fact.row, ArchiveRecord) and fact.row in archived:
                fact.ends = fact.row.ends_at  # an objection may have ended it: only a hold keeps it then
        person.rows = {}
        self.receipt_tells_what_is_held(person)

    def _state(self) -> State:
        return State(
            people=[(person, [*person.personal], [replace(fact) for fact in person.kept]) for person in self.people],
            erased=[*self.erased],
            copies=[(hold, {**hold.copies}) for hold in self.holds],
        )

    def _back_to(self, state: State) -> None:
        self.people = [person for person, *_rest in state.people]
        for person, personal, kept in state.people:
            person.personal, person.kept = personal, kept
        self.erased = state.erased
        for hold, copies in state.copies:
            hold.copies = copies


def _line(entry: JournalEntry) -> Line:
    return Line(1, entry.pk, entry.kind, entry.at, entry.subject, entry.born, entry.details, GENESIS)
