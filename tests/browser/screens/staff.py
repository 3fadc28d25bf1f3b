"""The pages of those who work for Qlekta."""

from collections.abc import Iterator
from typing import Final

from django.contrib import admin
from django.utils import translation

from tests.browser.screens.ways import Screen, Visit, at, first, sent, then

OFFICER: Final = "peteris@qlekta.example"
"""Of all roles, so that nothing is hidden."""
_FIRST: Final = "#result_list tbody th a"
_CASES: Final = "/admin/dsar/subjectrequest/"
_CASE: Final = first(_CASES, _FIRST)
# What the demo holds, so that its record can be opened.
_WITH_RECORDS: Final = """
    accounts.loginevent accounts.profile accounts.user audit.entry consent.consentevent consent.textversion
    dsar.caseevent loyalty.pointsentry mailing.outgoingmessage mailing.suppression marketplace.commentnotice
    marketplace.commenttrace marketplace.report outbox.effect payments.accountingentry payments.invoice
    registers.authorityrequest registers.balancingversion registers.breach registers.breachentry
    registers.registerversion retention.erasurerun surveys.survey
"""


def _lists() -> Iterator[Screen]:
    """Every list of the administration, and the first record of each that has one."""
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label_lower):
        app, name = model._meta.app_label, model._meta.model_name
        with translation.override("en"):
            title = str(model._meta.verbose_name_plural).capitalize()
        address = f"/admin/{app}/{name}/"
        yield Screen(f"desk-{app}-{name}", title, at(address), f"admin:{app}_{name}_changelist")
        if model._meta.label_lower in _WITH_RECORDS.split():
            yield Screen(
                f"desk-{app}-{name}-one", f"{title}: one of them", first(address, _FIRST), f"admin:{app}_{name}_change"
            )


def _searched(visit: Visit) -> None:
    at(f"{_CASES}?q=zzzzzz")(visit)


DESK: Final = (
    Screen("desk", "The first page of the administration", at("/admin/"), "admin:index"),
    Screen("desk-figures", "Figures", at("/admin/figures/"), "dashboard"),
    Screen("desk-app", "One part of the administration", at("/admin/dsar/"), "admin:app_list"),
    *_lists(),
    Screen("desk-queue-nothing", "The queue, nothing found", _searched),
    Screen("desk-case", "A case", _CASE, "admin:dsar_subjectrequest_change"),
    Screen("desk-case-print", "A case on paper", then(_CASE, "a[href$='/print/']"), "admin:dsar_subjectrequest_print"),
    Screen("desk-case-step", "A step of a case", then(_CASE, "a[href*='/steps/']"), "admin:dsar_subjectrequest_step"),
    Screen("desk-case-answer", "Answer a case", then(_CASE, "a[href$='/steps/answer/']")),
    Screen(
        "desk-case-step-error",
        "A step of a case, after a mistake",
        sent(then(_CASE, "a[href*='/steps/']"), button="#content-main form button, #content form [type=submit]"),
    ),
    Screen("desk-enter", "Enter a request that came by post", at(f"{_CASES}enter/"), "admin:dsar_subjectrequest_enter"),
    Screen(
        "desk-calendar", "The calendar of due dates", at(f"{_CASES}calendar/"), "admin:dsar_subjectrequest_calendar"
    ),
    Screen(
        "desk-document",
        "A new document of consents",
        at("/admin/consent/consentdocument/new/"),
        "admin:consent_consentdocument_new",
    ),
    Screen(
        "desk-enquiry-note", "Note an enquiry", at("/admin/enquiries/enquiry/note/"), "admin:enquiries_enquiry_note"
    ),
    Screen("desk-breach", "Enter a breach", at("/admin/registers/breach/new/"), "admin:registers_breach_new"),
    Screen(
        "desk-authority",
        "Enter a request of an authority",
        at("/admin/registers/authorityrequest/new/"),
        "admin:registers_authorityrequest_new",
    ),
    Screen(
        "desk-authority-step",
        "A step of such a request",
        then(first("/admin/registers/authorityrequest/", _FIRST), "#content a[href*='/steps/']"),
        "admin:registers_authorityrequest_step",
    ),
    Screen(
        "desk-disclosure",
        "Enter a disclosure",
        at("/admin/registers/disclosure/new/"),
        "admin:registers_disclosure_new",
    ),
    Screen(
        "desk-contract",
        "Enter a contract",
        first("/admin/registers/contractversion/", "#content a[href*='/enter/']"),
        "admin:registers_contractversion_enter",
    ),
    Screen(
        "desk-balancing",
        "Review a balance of interests",
        first("/admin/registers/balancingversion/", "#content a[href*='/review/']"),
        "admin:registers_balancingversion_review",
    ),
    Screen(
        "desk-compare",
        "Compare versions of the register",
        at("/admin/registers/registerversion/compare/"),
        "admin:registers_registerversion_compare",
    ),
    Screen(
        "desk-hold", "Place a legal hold", at("/admin/retention/legalhold/place/"), "admin:retention_legalhold_place"
    ),
    Screen(
        "desk-opening",
        "Ask to open the archive",
        at("/admin/retention/opening/request/"),
        "admin:retention_opening_request",
    ),
    Screen(
        "desk-child",
        "Erase a child's account",
        then(first("/admin/accounts/user/", _FIRST), "#content a[href*='/child/']:not([href$='/restrict/'])"),
        "admin:retention_erase_child",
    ),
    Screen(
        "desk-child-restrict",
        "Restrict what may be a child's",
        then(first("/admin/accounts/user/", _FIRST), "#content a[href$='/restrict/']"),
        "admin:retention_suspect_child",
    ),
    Screen(
        "desk-survey-answers",
        "Answers of a survey",
        then(first("/admin/surveys/survey/", _FIRST), "#content a[href$='/answers/']"),
        "admin:surveys_survey_answers",
    ),
    Screen(
        "desk-visits",
        "Visits as pictures",
        at("/admin/visits/dailystatistic/plots/"),
        "admin:visits_dailystatistic_plots",
    ),
    Screen(
        "desk-incident", "Visits of an incident", at("/admin/visits/visit/incident/"), "admin:visits_visit_incident"
    ),
)
