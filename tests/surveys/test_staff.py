"""What staff may do with surveys: write, publish in Latvian, close, count; read answers for a reason (Art. 25, 32)."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from qlekta.catalogue.roles import ROLES
from qlekta.roles import permissions_of
from surveys.models import Draw, Participation, Question, Survey
from surveys.terms import Audience, State
from tests.people import log_in
from tests.surveys.making import a_draw, made, over, page_of, stored, take_part

LIST = reverse("admin:surveys_survey_changelist")
ADD = reverse("admin:surveys_survey_add")

pytestmark = pytest.mark.usefixtures("published_texts")


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    officer.user_permissions.add(*Permission.objects.filter(codename__in=["run_survey"]))
    client.force_login(officer)
    return client


@pytest.fixture
def reader(officer: User) -> Client:
    officer.user_permissions.add(*Permission.objects.filter(codename__in=["read_answers"]))
    found = Client()
    found.force_login(officer)
    return found


def form_of(survey: Survey | None = None, **more: Any) -> dict[str, Any]:
    """The admin's form, with one question that is new where there is no survey yet."""
    opens, closes = timezone.localtime(), timezone.localtime() + timedelta(days=2)
    form: dict[str, Any] = {"kind": "survey", "slug": "jauna", "audience": "account", "winners": "0"}
    form |= {"opens_at_0": f"{opens:%Y-%m-%d}", "opens_at_1": "00:00:00"}
    form |= {"closes_at_0": f"{closes:%Y-%m-%d}", "closes_at_1": "00:00:00", "term": "SURVEY_MONTH"}
    questions = list(survey.questions.all()) if survey else []
    form |= {"questions-TOTAL_FORMS": str(len(questions) + 1), "questions-INITIAL_FORMS": str(len(questions))}
    form[f"questions-{len(questions)}-number"] = "1"
    for place, question in enumerate(questions):
        form |= {f"questions-{place}-id": str(question.pk), f"questions-{place}-survey": str(question.survey_id)}
        for name in ("number", "kind", "text_lv", "options_lv"):
            form[f"questions-{place}-{name}"] = str(getattr(question, name))
    return form | more


def asked(**values: str) -> dict[str, Any]:
    """A new question."""
    return {f"questions-0-{name}": value for name, value in ({"number": "1", "text_lv": "Kā?"} | values).items()}


def page(survey: Survey) -> str:
    return reverse("admin:surveys_survey_change", args=[survey.pk])


def step(client: Client, survey: Survey, name: str) -> Any:
    address = reverse("admin:surveys_survey_step", args=[survey.pk, name])
    assert client.get(address).status_code == 200
    return client.post(address, follow=True)


def test_marketing_writes_surveys_and_reads_no_answers_the_officer_the_other_way_round() -> None:
    roles = {role.name: permissions_of(role) for role in ROLES}
    assert "surveys.run_survey" in roles["marketing"]
    assert "surveys.read_answers" not in roles["marketing"]
    assert "surveys.read_answers" in roles["officer"]
    assert "surveys.run_survey" not in roles["officer"]


def test_without_the_permission_nobody_gets_near(client: Client, officer: User) -> None:
    survey = made()
    client.force_login(officer)
    steps = [reverse("admin:surveys_survey_step", args=[survey.pk, name]) for name in ("publish", "close", "draw")]
    export = reverse("admin:surveys_survey_answers", args=[survey.pk])
    for address in (LIST, ADD, page(survey), export, *steps, reverse("admin:surveys_participation_changelist")):
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code == 403, address


@pytest.mark.clause("Q0.3")
def test_it_is_written_and_published_but_not_without_latvian(desk: Client) -> None:
    assert desk.get(ADD).status_code == 200
    form = form_of(title_en="Your street", intro_en="Tell us.", **asked(kind="one", options_lv="Jā\nNē"))
    assert desk.post(ADD, form).status_code == 302
    survey = Survey.objects.get()
    assert (survey.state, survey.questions.count()) == (State.DRAFT, 1)
    assert "latviešu" in step(desk, survey, "publish").content.decode()
    assert desk.get(page_of(survey)).status_code == 404
    more = form_of(survey, title_lv="Tava iela", intro_lv="Pastāsti.")
    assert desk.post(page(survey), more).status_code == 302
    step(desk, survey, "publish")
    survey.refresh_from_db()
    assert (survey.state, survey.title_lv) == (State.PUBLISHED, "Tava iela")
    assert desk.get(page_of(survey)).status_code == 200
    assert {"added", "changed", "survey.published"} <= set(Entry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"kind": "draw"}, "uzvarēt"),
        ({"kind": "draw", "winners": "1", "audience": "nobody"}, "anonīma"),
        ({"closes_at_0": "2020-01-01"}, "pēc atvēršanas"),
        ({"term": "ALWAYS"}, "errorlist"),
        ({"slug": "ar atstarpi"}, "errorlist"),
        (asked(kind="one"), "2 līdz 20"),
        (asked(kind="one", options_lv="Jā\nJā"), "atšķiras"),
        (asked(kind="one", options_lv="Jā\nNē", options_en="Yes"), "tikpat"),
        (asked(kind="short", options_lv="Jā\nNē"), "izvēloties"),
        (asked(kind="short", text_lv=""), "errorlist"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(desk: Client, wrong: dict[str, Any], where: str) -> None:
    refused = desk.post(ADD, form_of(title_lv="Tava iela", **wrong))
    assert refused.status_code == 200
    assert where in refused.content.decode()
    assert not Survey.objects.exists()


def test_once_somebody_has_answered_it_is_only_closed_or_copied(desk: Client, person: User) -> None:
    survey = made()
    visitor = Client()
    log_in(visitor, person)
    take_part(visitor, survey)
    assert 'name="title_lv"' not in desk.get(page(survey)).content.decode()
    assert desk.post(page(survey), form_of(survey, title_lv="Cits")).status_code == 403
    step(desk, survey, "copy")
    copied = Survey.objects.exclude(pk=survey.pk).get()
    assert (copied.state, copied.title_lv, copied.questions.count()) == (State.DRAFT, "Tava iela", 3)
    assert 'name="title_lv"' in desk.get(page(copied)).content.decode()
    step(desk, survey, "close")
    survey.refresh_from_db()
    assert survey.is_over(now=timezone.now())
    assert Participation.objects.get().ends_at == survey.answers_end_at
    assert Question.objects.filter(survey=survey, text_lv="Kāpēc?").exists()


def test_who_saves_while_somebody_answers_is_told(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = made(audience=Audience.NOBODY)
    monkeypatch.setattr("surveys.admin.is_answered", lambda _survey: False)  # as it was when the page was opened
    stored(survey, {})
    late = desk.post(page(survey), form_of(survey, slug="iela", title_lv="Cits", intro_lv="Cits"))
    assert "Pa to laiku kāds ir atbildējis" in late.content.decode()
    survey.refresh_from_db()
    assert survey.title_lv == "Tava iela"


def test_totals_stand_on_the_page_and_in_a_sheet_and_a_look_at_them_is_on_record(desk: Client) -> None:
    survey = made(audience=Audience.NOBODY)
    stored(survey, {str(survey.questions.get(number=1).pk): 2}, number=6)
    over(survey)
    assert "Atbildējuši" not in desk.get(page(survey)).content.decode()
    step(desk, survey, "count")
    assert "Atbildējuši: 6." in desk.get(page(survey)).content.decode()
    sheet = desk.get(reverse("admin:surveys_survey_totals", args=[survey.pk])).content.decode()
    assert ["Cik bieži?", "Bieži", "6"] in list(csv.reader(io.StringIO(sheet)))


def test_the_winners_are_drawn_by_a_button_and_staff_see_no_names(desk: Client, person: User) -> None:
    survey = a_draw()
    visitor = Client()
    log_in(visitor, person)
    take_part(visitor, survey)
    over(survey)
    answered = step(desk, survey, "draw").content.decode()
    found = Draw.objects.get()
    assert found.list_sha256 in answered
    assert found.seed in answered
    assert person.email not in answered
    assert str(person.pk) not in answered
    assert "Uzvarētājus izlozē" in step(desk, survey, "draw").content.decode()
    assert Draw.objects.count() == 1


@pytest.mark.requirement("G6")
def test_a_single_sheet_is_masked_and_shown_once_for_a_reason_that_is_on_record(reader: Client, person: User) -> None:
    visitor = Client()
    log_in(visitor, person)
    take_part(visitor, made(), q3="Ļoti slepeni")
    row = Participation.objects.get()
    address = reverse("admin:surveys_participation_change", args=[row.pk])
    assert "slepeni" not in reader.get(address).content.decode()
    reveal = reverse("admin:surveys_participation_reveal", args=[row.pk])
    assert "slepeni" not in reader.post(reveal).content.decode()
    assert "Kāpēc?: Ļoti slepeni" in reader.post(reveal, {"reason": "person_asked"}).content.decode()
    entry = Entry.objects.get(action="revealed")
    assert (entry.subject, entry.object_id) == (person.pk, str(row.pk))
    assert entry.reason.endswith("person_asked")


@pytest.mark.requirement("G6")
def test_single_answers_are_taken_out_for_a_stated_reason_without_names_and_as_no_formula(
    reader: Client, person: User
) -> None:
    survey = made()
    visitor = Client()
    log_in(visitor, person)
    take_part(visitor, survey, q3='=HYPERLINK("http://x.example";"x")')
    address = reverse("admin:surveys_survey_answers", args=[survey.pk])
    assert reader.get(address).status_code == 200
    assert reader.post(address, {"reason": "īsi"}).status_code == 400
    assert not Entry.objects.filter(action="survey.answers_exported").exists()
    sheet = reader.post(address, {"reason": "Jāpārbauda kopsavilkums"}).content.decode()
    assert "'=HYPERLINK" in sheet
    assert "\n=" not in sheet
    assert ",=" not in sheet
    assert person.email not in sheet
    entry = Entry.objects.get(action="survey.answers_exported")
    assert (entry.reason, entry.details) == ("Jāpārbauda kopsavilkums", {"people": 1})


def test_whoever_only_writes_surveys_takes_no_answers_out(desk: Client) -> None:
    assert desk.get(reverse("admin:surveys_survey_answers", args=[made().pk])).status_code == 403
    assert desk.get(reverse("admin:surveys_participation_changelist")).status_code == 403
