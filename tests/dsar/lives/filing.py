"""Requests come in: logged in, by address, twice, once more under the same key; and codes come back."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from accounts.models import User
from accounts.services import register_person
from datamap.terms import Right
from dsar.challenges import new_challenge
from dsar.codes import awaits_code, identify
from dsar.deadlines import Channel
from dsar.filing import file_several
from dsar.intake import Arrival
from dsar.models import IdentityCheck, Intake, Representative, SubjectRequest
from dsar.refusals import CaseError
from dsar.services import file_by_address
from dsar.terms import ChallengePurpose, Stage
from retention.erasure import ErasureRefused
from tests.people import PASSWORD
from vault.files import delete_sealed

BEGINNING: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
STRANGER: Final = "liga@example.lv"
STEPS: Final[Counter[str]] = Counter()
"""How often each thing was done, over all histories."""

which = st.integers(0, 15)
some_rights = st.lists(st.sampled_from(Right), min_size=1, max_size=3)
self_served = st.lists(st.sampled_from([Right.ACCESS, Right.ERASURE]), min_size=1, max_size=2)


@dataclass(slots=True)
class Known:
    """What the history knows of a request, apart from the site: who proved what, and who proposed."""

    shown: bool = False
    withdrawn: bool = False
    represented: bool = False
    checked: bool = False
    proposed_by: UUID | None = None
    approved_by: UUID | None = None
    code: str = ""
    code_at: datetime | None = None
    tries: int = 0
    extended_at: datetime | None = None


class Filing(RuleBasedStateMachine):
    """One history, in a transaction that is rolled back: the ledgers could not be emptied otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGINNING
        self.known: dict[UUID, Known] = {}
        self.keys: dict[str, tuple[str, list[Right]]] = {}
        self.number = 0
        self.files: set[str] = set()
        self.last_event = 0
        self.stands: dict[str, str] = {}
        self.frame = transaction.atomic()
        self.frame.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.frame.__exit__(None, None, None)
        for name in self.files:
            delete_sealed(name)

    @initialize()
    def two_people_and_two_of_the_staff(self) -> None:
        self.staff = [self._register(f"{name}@qlekta.example", staff=True) for name in ("ieva", "peteris")]
        self.people = [self._register(f"{name}@example.lv") for name in ("anna", "janis")]
        EmailAddress.objects.filter(user=self.people[1]).update(verified=False)
        self.addresses = [*(person.email for person in self.people), STRANGER]

    def _register(self, email: str, *, staff: bool = False) -> User:
        return register_person(
            email=email, password=PASSWORD, given_name="A", family_name="B", is_staff=staff, now=self.now
        )

    def tried(self, act: Callable[[], Any]) -> Any:
        """What came of it; None where it was refused with a sentence, and then no request has moved."""
        before = self.stages()
        try:
            return act() or True
        except (CaseError, ErasureRefused) as refusal:
            said = str(refusal)
        assert said, "a refusal without a sentence"
        assert self.stages() == before, "a refused step moved a request"
        return None

    def stages(self) -> dict[UUID, str]:
        return dict(SubjectRequest.objects.values_list("pk", "stage"))

    def case(self, nth: int) -> SubjectRequest:
        """One of the requests, the newest first."""
        found = list(self.known)
        return SubjectRequest.objects.select_related("user").get(pk=found[-1 - nth % len(found)])

    @precondition(lambda self: self.people and len(self.known) < 16)
    @rule(nth=which, rights=some_rights | self_served)
    def somebody_logged_in_files(self, nth: int, rights: list[Right]) -> None:
        person = self.people[nth % len(self.people)]
        filed = file_several(person, rights, text="please", now=self.now)
        assert len(filed.opened) + len(filed.under_way) == len(set(rights)), "a right was lost"
        assert all(SubjectRequest.objects.filter(number=number).exists() for number in filed.under_way)
        for case in filed.opened:
            self.known[case.pk] = Known(shown=True)

    @precondition(lambda self: len(self.known) < 16)
    @rule(nth=which, rights=some_rights | self_served, key=st.sampled_from([None, "a", "b", "c"]))
    def a_message_comes(self, nth: int, rights: list[Right], key: str | None) -> None:
        address = self.addresses[nth % len(self.addresses)]
        is_retry = key is not None and Intake.objects.filter(dedupe_key=key).exists()
        if key is not None and is_retry:
            address, rights = self.keys[key]
        arrival = Arrival(channel=Channel.EMAIL, at=self.now - timedelta(hours=nth), sender=address, key=key)
        before = {case.pk: self._proof(case) for case in SubjectRequest.objects.all()}
        cases = file_by_address(address, rights, arrival=arrival, language="lv", now=self.now, text="please")
        if is_retry:
            assert {case.pk for case in cases} <= set(before), "a retry opened something"
            left = SubjectRequest.objects.filter(email=address, right__in=rights).exists()
            assert cases or not left, "a retry led to no request"
            return
        assert [case.right for case in cases] == list(dict.fromkeys(rights)), "a right was lost"
        self._nothing_was_inherited(before)
        if key is not None:
            self.keys[key] = (address, rights)
        for case in cases:
            self.known.setdefault(case.pk, Known())

    def _nothing_was_inherited(self, before: dict[UUID, Any]) -> None:
        after = {case.pk: self._proof(case) for case in SubjectRequest.objects.filter(pk__in=before)}
        assert after == before, "a request inherited something from a later message"

    def _proof(self, case: SubjectRequest) -> Any:
        checks = tuple(IdentityCheck.objects.filter(case=case).values_list("pk", flat=True))
        fields = (case.stage, case.text, case.received_at, case.identified_at, case.user_id, case.email, case.intake_id)
        return fields, checks, Representative.objects.filter(case=case).exists()

    @precondition(lambda self: self.known)
    @rule(nth=which)
    def it_turns_out_that_somebody_is_represented(self, nth: int) -> None:
        case = self.case(nth)
        known = self.known[case.pk]
        if case.stage == Stage.IDENTITY_PENDING and not known.represented:
            Representative.objects.create(case=case, name="Jurists", kind="lawyer")
            known.represented = True

    @precondition(lambda self: self.known)
    @rule(nth=which)
    def a_code_is_mailed(self, nth: int) -> None:
        case = self.case(nth)
        if awaits_code(case):
            known = self.known[case.pk]
            known.code, known.code_at, known.tries = (
                new_challenge(case, ChallengePurpose.IDENTITY, now=self.now),
                self.now,
                0,
            )

    @precondition(lambda self: self.known)
    @rule(nth=which, other=which, how=st.sampled_from(["right", "right", "wrong", "swapped", "another purpose"]))
    def a_code_comes_back(self, nth: int, other: int, how: str) -> None:
        case, foreign = self.case(nth), self.known[self.case(other).pk]
        known, code = self.known[case.pk], self.known[case.pk].code
        if how == "wrong" or not code:
            code = "WRONG-CODES"
        elif how == "swapped":
            code = foreign.code or "OTHER-CODES"
        elif how == "another purpose":
            code = new_challenge(case, ChallengePurpose.DOWNLOAD, now=self.now)
        waiting = awaits_code(case)
        is_right = (
            bool(known.code)
            and code == known.code
            and known.tries < 5
            and known.code_at is not None
            and self.now < known.code_at + timedelta(minutes=10)
        )
        before = self.stages()
        self.number += 1
        shown = self.tried(lambda: identify(case, code, ip=self._ip(), now=self.now) or "no")
        if not waiting:
            assert shown is None
            return
        known.tries += 1
        assert (shown is True) == is_right, (how, shown)
        moved = {pk for pk, stage in self.stages().items() if before[pk] != stage}
        if not is_right:
            assert not moved, "a wrong code moved a request"
            return
        known.code = ""
        assert case.pk in moved
        mates = SubjectRequest.objects.filter(pk__in=moved)
        assert {(mate.intake_id, mate.email) for mate in mates} == {(case.intake_id, case.email)}
        for pk in moved:
            self.known[pk].shown = True

    def _ip(self) -> str:
        return f"10.{self.number // 250 % 250}.{self.number % 250}.1"
