"""Makes the demo through the services that real people use, with the times given, so that it is the same every day."""

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation

from accounts.models import Profile, User
from accounts.services import register_person
from audit.trail import Actor
from consent import services as consent
from consent.terms import Method
from datamap.terms import Right
from datamap.trace import subject_of_user
from dsar.deadlines import Channel
from dsar.services import file_request, withdraw_request
from qlekta import roles
from qlekta.demo.advertising import seed_advertising
from qlekta.demo.asked import seed_survey
from qlekta.demo.market import seed_market
from qlekta.demo.offers import seed_offers
from qlekta.demo.people import LEFT_LATELY, LEFT_LONG_AGO, MARKETER, PASSWORD, PEOPLE, DemoPerson
from qlekta.demo.registers import seed_registers
from qlekta.demo.visits import seed_visits
from retention.erasure import execute_erasure, plan_erasure

_SEED = 20180525


def seed(*, listings: int, now: datetime) -> dict[str, int]:
    """Everything at once, with so many listings; returns how much was made."""
    roles.set_up(now=now)
    people = [_person(item, now=now) for item in PEOPLE]
    for item, days_ago in ((LEFT_LONG_AGO, 6 * 366 + 3), (LEFT_LATELY, 120)):
        _left(item, left_at=now - timedelta(days=days_ago), now=now)
    cases = _cases({user.email: user for user in people}, now=now)
    chance = random.Random(_SEED)  # noqa: S311 - the demo must be the same every day, nothing here is secret
    visits = seed_visits([user.pk for user in people], now=now, chance=chance)
    breaches = seed_registers(people, now=now)
    market = seed_market(people, listings=listings, now=now, chance=chance)
    surveys = seed_survey(now=now)
    campaigns = seed_advertising(next(user for user in people if user.email == MARKETER), now=now)
    made = {"visits": visits, "cases": cases, "breaches": breaches, "surveys": surveys, "campaigns": campaigns}
    return {**made, **market}


@transaction.atomic
def _person(item: DemoPerson, *, now: datetime) -> User:
    joined_at = now - timedelta(days=item.joined_days_ago)
    user = register_person(
        email=item.email,
        password=PASSWORD,
        given_name=item.given_name,
        family_name=item.family_name,
        language=item.language,
        is_staff=item.is_staff,
        now=joined_at,
    )
    if not item.is_staff:
        user.display_name = f"{item.given_name} {item.family_name[0]}."
        user.save(update_fields=["display_name"])
    for role in item.roles:
        roles.give(role, user, now=now)
    Profile(
        user=user, phone=item.phone, street=item.street, city=item.city, postal_code=item.postal_code, country="LV"
    ).save(force_update=True)
    _consents(user, item, now=now)
    seed_offers(user, set(item.consents) - set(item.withdrawn), now=now)
    return user


def _consents(user: User, item: DemoPerson, *, now: datetime) -> None:
    """Given on the page of consents within the last days: a wording cannot be agreed to before it is in force."""
    language, method, place = item.language, Method.CONSENTS_PAGE, "/privacy/consents/"
    for number, purpose in enumerate(item.consents):
        at = now - timedelta(days=4 - number)
        consent.give(user.pk, purpose, language=language, method=method, place=place, now=at)
    for purpose in item.withdrawn:
        at = now - timedelta(days=1)
        consent.withdraw(user.pk, purpose, language=language, method=method, place=place, now=at)


def _left(item: DemoPerson, *, left_at: datetime, now: datetime) -> None:
    """Somebody who had an account and deleted it, without objecting to the archive."""
    user = _person(item, now=now)
    subject = subject_of_user(user)
    with translation.override(item.language):
        execute_erasure(
            case_number=f"DEMO-{left_at:%Y}",
            subject=subject,
            plan_digest=plan_erasure(subject, now=left_at, archive=True).digest,
            objection_to_archive=False,
            actor=Actor.system("seed_demo"),
            now=left_at,
        )


def _cases(people: dict[str, User], *, now: datetime) -> int:
    """Requests in several states: new, old, near their due date, taken back."""
    filed = [
        ("janis@example.lv", Right.RECTIFICATION, 12, "Manā kontā uzvārds ir uzrakstīts ar kļūdu."),
        ("liga@example.lv", Right.OBJECTION, 27, "Iebilstu pret apmeklējumu datu analīzi."),
        ("martins@example.lv", Right.RESTRICTION, 3, "Lūdzu ierobežot apstrādi, kamēr pārbaudāt adresi."),
        ("olga@example.lv", Right.COMPLAINT, 20, "Прошу объяснить, почему я получила письмо."),
        ("edgars@example.lv", Right.PORTABILITY, 8, ""),
        ("zane@example.lv", Right.HUMAN_REVIEW, 1, ""),
    ]
    for email, right, days_ago, text in filed:
        file_request(
            user=people[email], right=right, channel=Channel.PORTAL_AUTH, text=text, now=now - timedelta(days=days_ago)
        )
    taken_back = file_request(
        user=people["emily@example.lv"],
        right=Right.COMPLAINT,
        channel=Channel.PORTAL_AUTH,
        now=now - timedelta(days=40),
    )
    withdraw_request(taken_back, now=now - timedelta(days=39))
    return len(filed) + 1
