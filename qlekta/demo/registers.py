"""Fills the registers of the demo: a version of the record, a closed breach, a request that waits for approval."""

from datetime import datetime, timedelta

from accounts.models import User
from datamap.terms import Category
from registers import breaches
from registers.authority import NewRequest, register_request
from registers.balancing import keep_tests
from registers.breaches import AuthorityNotice, NewBreach
from registers.disclosures import Secrecy
from registers.extracts import Scope
from registers.terms import RecipientKind, ReportedBy, Risk
from registers.versions import keep_version


def seed_registers(people: list[User], *, now: datetime) -> int:
    """Made by the two members of staff among the people; returns how many breaches were made."""
    keep_version(now=now)
    keep_tests(now=now)
    officer = next(user for user in people if user.is_staff)
    _request(people[0], by=officer, now=now)
    return _breach(by=officer, now=now)


def _request(person: User, *, by: User, now: datetime) -> None:
    new = NewRequest(
        kind=RecipientKind.AUTHORITY,
        requester="Valsts policija",
        power="Kriminālprocesa likuma 190. pants",
        document="Nr. 20/1-17",
        subject_id=person.pk,
        scope=Scope(("accounts.LoginEvent",), since=now - timedelta(days=30)),
        received_at=now - timedelta(hours=3),
        secrecy=Secrecy(),
    )
    register_request(new, by=by, now=now)


def _breach(*, by: User, now: datetime) -> int:
    """Known on a day, told within two, closed within two weeks."""
    aware_at = now - timedelta(days=40)
    new = NewBreach(
        facts="Vēstule ar jaunumiem divām stundām bija redzama nepareizā adrešu sarakstā.",
        discovered_at=aware_at - timedelta(hours=1),
        aware_at=aware_at,
        reported_by=ReportedBy.STAFF,
        confidentiality=True,
    )
    number = breaches.open_breach(new, by=by, now=aware_at).number
    known = {
        "subject_groups": "jaunumu vēstules saņēmēji",
        "subject_count": 34,
        "record_count": 34,
        "data_categories": [Category.EMAIL.value],
        "consequences": "Nevēlamas vēstules.",
        "measures_taken": "Saraksts slēgts, saņēmēji lūgti vēstuli izdzēst.",
        "contact": "Qlekta, privātuma galds",
    }
    breaches.describe(number, known, by=by, now=aware_at + timedelta(hours=4))
    breaches.assess(number, Risk.RISK, "Adreses redzēja maz cilvēku.", by=by, now=aware_at + timedelta(hours=5))
    told_at = aware_at + timedelta(hours=30)
    told = AuthorityNotice(told_at, "Viss, kas zināms.", is_last=True, reference="DVI 2-4.2/118")
    breaches.notify(number, told, by=by, now=told_at)
    lessons = "Sarakstus pārbauda divi cilvēki."
    breaches.close(number, lessons, by=by, now=aware_at + timedelta(days=12))
    return 1
