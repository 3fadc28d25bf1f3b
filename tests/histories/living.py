"""What people do while they have an account."""

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, consumes, multiple, rule

from accounts.models import User
from accounts.services import change_details
from consent.models import SubscriptionEvidence
from consent.services import give, note_subscription, withdraw
from consent.terms import ConsentPurpose
from datamap.terms import Right
from dsar.access import build_package
from dsar.deadlines import Channel
from dsar.services import file_request, withdraw_request
from mailing.models import OutgoingMessage
from retention.plan import plan_erasure
from tests.histories.beginning import Site, present, unconfirmed
from tests.histories.world import COPY_TERM, TWENTY_WEEKS, Fact, Person, years_after


class Living(Site):
    """Sign-ups, visits, letters, consents, requests and copies."""

    @rule(target=unconfirmed)
    def somebody_signs_up_and_does_not_confirm(self) -> Person:
        return self.somebody(verified=False)

    @rule(target=present, person=consumes(unconfirmed))
    def she_confirms_at_last(self, person: Person) -> MultipleResults[Person]:
        if not User.objects.filter(pk=person.user.pk).exists():
            return multiple()
        EmailAddress.objects.filter(user=person.user).update(verified=True)
        person.kept = [fact for fact in person.kept if fact.row != person.user]
        return multiple(person)

    @rule(person=present, street=st.integers(0, 999))
    def she_edits_her_details(self, person: Person, street: int) -> None:
        change_details(person.user, details={}, profile={"street": f"{person.canary} iela {street}"}, now=self.now)

    @rule(person=present)
    def she_visits_and_logs_in(self, person: Person) -> None:
        self.visit(person)

    @rule(person=present)
    def what_is_observed_makes_no_plan_void(self, person: Person) -> None:
        before = plan_erasure(person.subject, now=self.now, archive=True).digest
        self.visit(person)
        held = any(hold.covers(fact.row) for fact in person.personal[-2:] for hold in self.holds)
        assert plan_erasure(person.subject, now=self.now, archive=True).digest == before or held

    @rule(person=present)
    def she_is_written_to(self, person: Person) -> None:
        letter = OutgoingMessage.objects.create(
            to_address=person.address, purpose="SERVICE", language="lv", subject=person.canary, created_at=self.now
        )
        person.personal.append(Fact(letter, self.now + TWENTY_WEEKS))

    @rule(days=st.integers(1, 14))
    def a_session_is_opened(self, days: int) -> None:
        ends = self.now + timedelta(days=days)
        session = Session.objects.create(session_key=f"{Session.objects.count()}-{ends}", expire_date=ends)
        self.office.personal.append(Fact(session, ends))

    @rule(person=present)
    def she_subscribes(self, person: Person) -> None:
        event = give(
            person.user.pk,
            ConsentPurpose.MARKETING_EMAIL,
            language="lv",
            method="consents_page",
            place="/privacy/consents/",
            now=self.now,
        )
        evidence = note_subscription(event, ip="192.0.2.1")
        if all(fact.row != evidence for fact in person.kept):
            person.kept += [Fact(evidence), Fact(event)]

    @rule(person=present)
    def she_unsubscribes(self, person: Person) -> None:
        self.unsubscribe(person)

    def unsubscribe(self, person: Person) -> datetime:
        """When it counts from: a clock that was set back makes no decision older than the one before it."""
        event = withdraw(
            person.user.pk,
            ConsentPurpose.MARKETING_EMAIL,
            language="lv",
            method="consents_page",
            place="/privacy/consents/",
            now=self.now,
        )
        person.kept.append(Fact(event))
        self.proof_term_begins(person, at=event.at)
        return event.at

    def proof_term_begins(self, person: Person, *, at: datetime | None = None) -> None:
        for fact in person.facts_of(SubscriptionEvidence):
            fact.ends = fact.ends or years_after(at or self.now, 3)

    @rule(person=present)
    def she_asks_for_something_and_takes_it_back(self, person: Person) -> None:
        case = file_request(
            user=person.user, right=Right.RECTIFICATION, channel=Channel.PORTAL_AUTH, now=self.now, text=person.canary
        )
        withdraw_request(case, now=self.now)
        person.kept.append(Fact(case, years_after(self.now, 3)))

    @rule(person=present)
    def she_has_a_copy_made(self, person: Person) -> None:
        case = file_request(user=person.user, right=Right.ACCESS, channel=Channel.PORTAL_AUTH, now=self.now)
        package = build_package(case.pk, now=self.now)
        assert package is not None
        package.refresh_from_db()
        self.files.append(package.file_name)
        person.kept.append(Fact(case, years_after(self.now, 3)))
        person.personal.append(Fact(package, self.now + COPY_TERM))
