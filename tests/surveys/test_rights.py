"""Answers are declared data: in the copy under their question, gone with an erasure and at their term (Q5.2, Q16.2)."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from audit.trail import Actor
from consent.children import invalidate_consents
from consent.services import withdraw
from datamap.registry import registry
from datamap.trace import Subject, subject_of_user
from dsar.access_copy import write_copy
from retention.erasure import execute_erasure, plan_erasure
from retention.sweeps import sweep
from surveys.models import Participation
from surveys.wordings import spoken
from tests.consents import HOW
from tests.people import log_in
from tests.surveys.making import made, over, stored, take_part
from vault.models import DataKey

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def answered(client: Client, person: User) -> Participation:
    log_in(client, person)
    take_part(client, made(), q1="2", q2=["1", "2"], q3="Klusa un zaļa.")
    return Participation.objects.get()


def copy_of(subject: Subject) -> str:
    sink = io.BytesIO()
    write_copy(sink, subject, case=None, package=None, now=timezone.now())
    with zipfile.ZipFile(sink) as package:
        return "\n".join(package.read(name).decode() for name in package.namelist())


@pytest.mark.clause("Q16.2")
def test_the_copy_shows_each_answer_under_its_question_in_words(answered: Participation, person: User) -> None:
    copy = copy_of(subject_of_user(person))
    for words in ("Tava iela", "Cik bieži?: Bieži", "Ko?: Grāmatas, Mēbeles", "Kāpēc?: Klusa un zaļa."):
        assert words in copy, words


def test_the_copy_of_somebody_else_shows_nothing_of_it(answered: Participation, other_person: User) -> None:
    assert "Klusa un zaļa." not in copy_of(subject_of_user(other_person))


def test_answers_are_said_in_the_language_of_the_reader(answered: Participation) -> None:
    question = answered.survey.questions.get(number=1)
    question.text_ru, question.options_ru = "Как часто?", "Редко\nЧасто\nНикогда"
    question.save()
    with translation.override("ru"):
        assert spoken(answered.answers).startswith("Как часто?: Часто\nKo?: Grāmatas, Mēbeles")
    assert spoken("no json") == "no json"


@pytest.mark.clause("Q16.4")
def test_an_erasure_takes_answers_and_key(answered: Participation, person: User) -> None:
    subject, now = subject_of_user(person), timezone.now()
    plan = plan_erasure(subject, now=now, archive=False)
    execute_erasure(
        case_number="QP-2026-0001",
        subject=subject,
        plan_digest=plan.digest,
        objection_to_archive=True,
        actor=Actor.system("test"),
        now=now,
    )
    assert not Participation.objects.exists()
    assert DataKey.objects.get(owner=answered.pk).wrapped is None


@pytest.mark.clause("Q5.2")
def test_answers_go_on_the_day_that_the_page_named_anonymous_ones_too(answered: Participation) -> None:
    survey, holding = answered.survey, registry().holding(Participation)
    stored(survey, {}, number=2)
    sweep(holding, now=survey.answers_end_at - timedelta(seconds=1), apply=True)
    assert Participation.objects.count() == 3
    sweep(holding, now=survey.answers_end_at, apply=True)
    assert not Participation.objects.exists()
    assert DataKey.objects.get(owner=answered.pk).wrapped is None


def test_what_closes_early_goes_early(answered: Participation) -> None:
    over(answered.survey, ago=timedelta(hours=5))
    answered.refresh_from_db()
    assert answered.ends_at == answered.survey.closes_at + timedelta(days=30)


@pytest.mark.clause("Q16.6")
def test_whichever_way_the_consent_ends_the_answers_end(answered: Participation, person: User) -> None:
    withdraw(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=answered.survey.scope)
    assert not Participation.objects.exists()


@pytest.mark.clause("Q6.3")
def test_a_child_s_consent_was_never_valid_and_its_answers_go(answered: Participation, person: User) -> None:
    assert invalidate_consents(person.pk, now=timezone.now()) == 1
    assert not Participation.objects.exists()


def test_the_end_of_another_consent_leaves_them(answered: Participation, person: User) -> None:
    withdraw(person.pk, "PROFILING", **HOW, now=timezone.now())
    withdraw(person.pk, "SURVEY", **HOW, now=timezone.now(), scope=made(slug="cita").scope)
    assert Participation.objects.exists()
