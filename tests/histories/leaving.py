"""How people leave, what must be left then, and what they may still ask for afterwards."""

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import consumes, rule

from audit.trail import Actor
from datamap.registry import registry
from datamap.trace import rows_about
from dsar.erasure import confirm_erasure, run_erasure
from mailing.models import OutgoingMessage
from mailing.sealing import open_letter
from replay.models import JournalEntry
from retention.erasure import ErasureRestricted, carry_out, finish, plan_erasure
from retention.minors import erase_child, plan_for_child
from retention.models import ArchiveRecord, ErasureRun, HeldCopy, RunState
from retention.objections import ask_for_link, object_by_link
from tests.histories.beginning import gone, present
from tests.histories.living import Living
from tests.histories.searching import numbers_of_runs_and_ledgers, stored
from tests.histories.standing import Standing
from tests.histories.world import BACKUP_TERM, Fact, Held, Person, years_after

LINK: Final = re.compile(r"/privacy/archive/([\w-]{43})/")


class Leaving(Living, Standing):
    """Erasures by one's own hand and of children; objections to the archive."""

    @rule(target=gone, person=consumes(present), objects=st.booleans())
    def she_leaves(self, person: Person, objects: bool) -> Person:
        if person.wants_it_kept:
            self._her_erasure_waits(person)
            self.lift_restrictions(person)
        with self.nobody_else_moves(person):
            self.leave(person, objects=objects)
        return person

    def _her_erasure_waits(self, person: Person) -> None:
        digest = plan_erasure(person.subject, now=self.now, archive=True).digest
        with pytest.raises(ErasureRestricted):
            self._confirm(person, digest, objects=False)

    def leave(self, person: Person, *, objects: bool) -> None:
        """By her own hand; `objects` to the archive."""
        person.objected = objects
        person.plan_digest = plan_erasure(person.subject, now=self.now, archive=not objects).digest
        case = self._confirm(person, person.plan_digest, objects=objects).case
        person.case_number = case.number
        archives = set(ArchiveRecord.objects.values_list("pk", flat=True))
        self.note_copies(person)
        receipt = run_erasure(case.pk, now=self.now)
        assert receipt is not None
        assert receipt.document["state"] == RunState.DONE
        # The last letter is handed over, and forgotten with that: it alone still names her.
        OutgoingMessage.objects.filter(forget_after_delivery=True).delete()
        person.kept.append(Fact(case, years_after(self.now, 3)))
        archived = list(ArchiveRecord.objects.exclude(pk__in=archives))
        assert len(archived) == (0 if objects else 1)
        self.note_what_stays(person, archived)
        self.receipt_tells_what_is_held(person)

    def _confirm(self, person: Person, digest: str, *, objects: bool) -> Any:
        return confirm_erasure(
            user=person.user, plan_digest=digest, objection_to_archive=objects, waive_copy=True, now=self.now
        )

    @rule(target=gone, person=consumes(present))
    def she_was_a_child(self, person: Person) -> Person:
        with self.nobody_else_moves(person):
            self.erase_as_child(person)
        return person

    def erase_as_child(self, person: Person) -> None:
        """At once, whatever stands in the way but a hold that two people decided on."""
        person.objected = person.child = True
        person.plan_digest = plan_for_child(person.user, now=self.now).digest
        self.note_copies(person)
        receipt = erase_child(
            person.user, plan_digest=person.plan_digest, reason="a letter", actor=Actor.of(self.first), now=self.now
        )
        assert receipt.document["state"] == RunState.DONE
        person.case_number = receipt.case_number
        for hold in self.holds:
            if "" in hold.copies:
                hold.copies[person.case_number] = hold.copies.pop("")
        self.note_what_stays(person, [])
        self.receipt_tells_what_is_held(person)

    def note_copies(self, person: Person) -> None:
        """Which of her rows the holds keep; an erasure of a child knows only confirmed ones."""
        for hold in self.against(child=person.child):
            if hold.model is ArchiveRecord:
                continue
            rows = rows_about(registry().holding(hold.model), person.subject, owned_only=True)
            if keys := {row.pk for row in rows if hold.covers(row)}:
                hold.copies[person.case_number] = keys

    def note_what_stays(self, person: Person, archived: list[ArchiveRecord]) -> None:
        """From now on only this is left of her, each with its end."""
        assert stored(person.personal) == set()
        person.personal.clear()
        self.proof_term_begins(person)
        self.restrictions_end(person)
        if person.objected:
            self._archives_end(person.address, child=person.child)
        person.kept.append(Fact(ErasureRun.objects.get(case_number=person.case_number), years_after(self.now, 3)))
        person.kept += [Fact(record, years_after(self.now, 6)) for record in archived]
        for hold in self.holds:
            if keys := hold.copies.get(person.case_number):
                copy = HeldCopy.objects.get(hold=hold.number, erasure__case_number=person.case_number)
                assert copy.count == len(keys)
        for entry in JournalEntry.objects.filter(subject=person.user.pk, kind="retention.erased"):
            person.kept.append(Fact(entry, self.now + BACKUP_TERM))
        self.erased.append(person)

    @rule(person=gone)
    def her_erasure_is_run_again(self, person: Person) -> None:
        if not ErasureRun.objects.filter(case_number=person.case_number).exists():
            return  # the journal itself has reached its term
        before = numbers_of_runs_and_ledgers()
        run = carry_out(
            case_number=person.case_number,
            subject=person.subject,
            plan_digest=person.plan_digest,
            objection_to_archive=person.objected,
            actor=Actor.system("replay"),
            now=self.now,
            child=person.child,
        )
        finish(run, now=self.now)
        assert numbers_of_runs_and_ledgers() == before, "a replay left a trace"

    @rule(person=gone)
    def she_objects_to_the_archive_later(self, person: Person) -> None:
        self.object_later(person)

    def object_later(self, person: Person) -> None:
        """By a link that is mailed to her address, as whoever reads its mail."""
        self.number += 1
        ip = f"198.51.{self.number // 250}.{self.number % 250}"
        ask_for_link(person.address, language="lv", ip=ip, now=self.now)
        letters = OutgoingMessage.objects.filter(to_address=person.address, forget_after_delivery=True)
        found = [match[1] for letter in letters if (match := LINK.search(open_letter(letter).text))]
        letters.delete()
        if not found:
            return  # asked for too often
        result = object_by_link(found[0], ip=ip, now=self.now)
        letters.delete()
        assert result is not None
        assert (result.destroyed, result.kept) == self._archives_end(person.address)
        self.is_searched = False

    def _archives_end(self, address: str, *, child: bool = False) -> tuple[int, int]:
        """No record under this address is kept any more but for a hold; how many are gone, and how many kept."""
        records = [(person, fact) for person in self.people for fact in person.facts_of(ArchiveRecord)]
        mine = [(person, fact) for person, fact in records if person.address == address]
        held = [fact for _person, fact in mine if any(hold.covers(fact.row) for hold in self.against(child=child))]
        for person, fact in mine:
            if fact not in held:
                person.kept.remove(fact)
            elif isinstance(fact.row, ArchiveRecord) and fact.ends:
                soonest = fact.row.created_at + timedelta(microseconds=1)
                fact.ends = min(fact.ends, max(self.now, soonest))
        return len(mine) - len(held), len(held)

    def against(self, *, child: bool) -> list[Held]:
        """The holds that stand against an erasure; against a child's only those that two people decided on."""
        return [hold for hold in self.holds if hold.confirmed or not child]
