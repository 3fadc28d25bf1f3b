"""The site at the beginning of a history: two of the staff, three people, and what every rule needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from django.db import transaction
from django.db.models import Model
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, multiple, rule

from accounts.models import LoginEvent, User
from accounts.services import register_person
from consent.services import publish_texts
from datamap.trace import Subject, subject_of_user
from tests.histories.world import OPT_IN, TWENTY_WEEKS, Fact, Held, Person
from tests.people import PASSWORD
from tests.retention.conftest import everything_about
from vault.files import delete_sealed
from visits.models import Visit
from visits.partitions import ensure_days
from visits.terms import Kind, Platform

BEGINNING: Final = datetime(2021, 1, 4, 12, tzinfo=UTC)

present: Final[Bundle[Person]] = Bundle("present")
unconfirmed: Final[Bundle[Person]] = Bundle("unconfirmed")
gone: Final[Bundle[Person]] = Bundle("gone")
holds: Final[Bundle[Held]] = Bundle("holds")


class Site(RuleBasedStateMachine):
    """One history, in a transaction that is rolled back: the ledgers could not be emptied otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.purged_at: datetime | None = None
        self.people: list[Person] = []
        self.erased: list[Person] = []
        self.holds: list[Held] = []
        self.files: list[str] = []
        self.number = 0
        self.is_searched = False
        """Nothing has gone since the whole database was searched last."""
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)
        for name in self.files:
            delete_sealed(name)

    @initialize(target=present)
    def a_site_with_three_people(self) -> MultipleResults[Person]:
        publish_texts(now=self.now)
        self.first, self.second = (self._register(f"{name}@qlekta.example", name, staff=True) for name in ("a", "b"))
        self.office = Person(None, Subject(), "", "")
        self.people.append(self.office)
        people = [self.somebody() for _ in range(3)]
        for person in people:
            self.visit(person)
        return multiple(*people)

    @rule(target=present)
    def somebody_joins(self) -> Person:
        return self.somebody()

    def somebody(self, address: str = "", *, verified: bool = True) -> Person:
        """Somebody new, with a word in her name that stands nowhere else, at a new address or at this one."""
        self.number += 1
        canary, address = f"knr{self.number:03}x", address or f"adr{self.number:03}x@example.lv"
        user = self._register(address, canary, verified=verified)
        person = Person(user, subject_of_user(user), canary, address)
        if not verified:
            person.kept.append(Fact(user, self.now + OPT_IN))
        self.people.append(person)
        return person

    def _register(self, email: str, name: str, *, verified: bool = True, staff: bool = False) -> User:
        return register_person(
            email=email,
            password=PASSWORD,
            given_name=name,
            family_name=name,
            verified=verified,
            is_staff=staff,
            now=self.now,
        )

    def visit(self, person: Person) -> None:
        ensure_days([self.now.date()])
        login = LoginEvent.objects.create(user=person.user, at=self.now, kind="login", user_agent=person.canary)
        visit = Visit.objects.create(
            at=self.now,
            kind=Kind.PAGE,
            user_id=person.user.pk,
            platform=Platform.DESKTOP,
            path=f"/{person.canary}",
            status=200,
            response_ms=1,
        )
        person.personal += [Fact(login, self.now + TWENTY_WEEKS), Fact(visit, self.now + TWENTY_WEEKS)]

    def here(self, *but: Person) -> list[Person]:
        """Everybody with an account who was not erased."""
        return [person for person in self.people if person.user and person not in [*self.erased, *but]]

    def stands(self, row: Model, person: Person) -> bool:
        """Whether a hold or her own wish keeps this row of hers beyond its term."""
        return person.wants_it_kept or any(hold.covers(row) for hold in self.holds)

    @contextmanager
    def nobody_else_moves(self, *but: Person) -> Iterator[None]:
        others = [person.subject for person in self.here(*but)[-2:]]
        before = [everything_about(subject) for subject in others]
        yield
        assert [everything_about(subject) for subject in others] == before, "somebody else's rows moved"
        self.is_searched = False
