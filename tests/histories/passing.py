"""What time does, and what holds at any time."""

from datetime import timedelta
from typing import Final

from django.db.models import Model
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from audit.ledger import ledgers, verify
from consent.models import ProofTerm
from datamap.declarations import Holding
from datamap.trace import rows_about
from retention.clock import FORWARD
from retention.rules import due_rows, is_counted, swept_holdings
from retention.sweeps import sweep_all
from tests.histories.beginning import Site
from tests.histories.searching import stored, tables_that_may_keep_an_id, tables_that_mention
from tests.histories.world import years_after

WITH_ITS_PROOF: Final = ProofTerm._meta.label
"""What goes when its proof has gone; and that the database gives up by its own clock only, which a history outruns."""
TOLERATED: Final = timedelta(minutes=10)
"""So far back a clock is not in doubt."""


class Passing(Site):
    """Time goes on or jumps back, and the sweeps take what is due, as far as nothing stands in their way."""

    @rule(days=st.integers(1, 200))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(years=st.integers(1, 4))
    def years_pass(self, years: int) -> None:
        self.now = years_after(self.now, years)

    @rule(
        which=st.integers(0, 30), short_of=st.sampled_from([timedelta(), timedelta(microseconds=1), timedelta(days=1)])
    )
    def a_term_ends_or_nearly(self, which: int, short_of: timedelta) -> None:
        ends = sorted(
            fact.ends for person in self.people for fact in person.facts if fact.ends and fact.ends > self.now
        )
        if ends:
            self.now = max(self.now, ends[min(which, len(ends) - 1)] - short_of)
            self.the_sweeps_run()

    @rule(back=st.one_of(st.integers(1, 30), st.integers(1, 300_000)))
    def the_clock_jumps_back(self, back: int) -> None:
        self.now -= timedelta(minutes=back)

    @rule()
    def the_sweeps_are_rung(self) -> None:
        self.the_sweeps_run()

    @rule()
    def somebody_confirms_the_clock(self) -> None:
        self.the_sweeps_run(confirm_clock=True)

    def the_sweeps_run(self, *, confirm_clock: bool = False) -> None:
        is_doubtful = self.purged_at is not None and self.now < self.purged_at - TOLERATED and not confirm_clock
        runs = sweep_all(now=self.now, apply=True, confirm_clock=confirm_clock)
        assert sum(run.failed for run in runs) == 0
        (failure,) = {run.failure for run in runs}
        assert failure == "clock" or not is_doubtful
        if failure:
            assert sum(run.deleted for run in runs) == 0
            if not is_doubtful:  # a jump forward that nothing bears witness to, and much would go
                assert self.purged_at is not None
                assert self.now - self.purged_at > FORWARD
                self.the_sweeps_run(confirm_clock=True)
            return
        self.purged_at, self.is_searched = self.now, False
        for holding in swept_holdings():
            if is_counted(holding) and not holding.ledger:
                self._nothing_is_due_but_what_is_kept(holding)
        over = [
            (person, fact)
            for person in self.people
            for fact in person.facts
            if fact.is_over(self.now) and not self.stands(fact.row, person)
        ]
        assert stored(fact for _person, fact in over) == set(), "something outlived its term"
        for person in self.people:
            mine = [fact for owner, fact in over if owner is person]
            person.personal = [fact for fact in person.personal if fact not in mine]
            person.kept = [fact for fact in person.kept if fact not in mine]

    def _nothing_is_due_but_what_is_kept(self, holding: Holding) -> None:
        moment = min(self.now, timezone.now()) if holding.model == WITH_ITS_PROOF else self.now
        due: set[Model] = set(due_rows(holding, now=moment))
        free = {row for row in due if not any(hold.covers(row) for hold in self.holds)}
        if free:
            free -= {
                row for person in self.here() if person.wants_it_kept for row in rows_about(holding, person.subject)
            }
        assert free == set(), f"something due was left: {free}"

    @invariant()
    def nothing_is_deleted_before_its_term(self) -> None:
        facts = [fact for person in self.people for fact in person.facts]
        assert {fact.row for fact in facts} - stored(facts) == set(), "something went before its term"

    @invariant()
    def of_the_erased_only_the_keep_list_is_left_and_every_chain_is_whole(self) -> None:
        if self.is_searched:
            return
        taken = {person.address for person in self.here()}
        words = {word for person in self.erased for word in (person.canary, person.address) if word not in taken}
        assert tables_that_mention(words) == set()
        ids = {str(person.user.pk) for person in self.erased}
        assert tables_that_mention(ids) <= tables_that_may_keep_an_id()
        assert [ledger for ledger in ledgers() if not verify(ledger).is_whole] == []
        self.is_searched = True
