"""Every use of personal data on consent is on a list and behind the gate; one that is not fails here (Art. 7(3))."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from tests.architecture.consent_sites import Site, guarded_tables, production_modules, purposes, sites
from tests.architecture.consent_uses import DOCUMENT, LISTED, Errand, document, findings, uses

Plant = Callable[..., list[str]]
"""Takes the text of a module, and answers with what is wrong since it is there."""


@pytest.fixture(scope="module")
def found() -> list[Site]:
    return sites(production_modules())


@pytest.fixture
def plant(tmp_path: Path, found: list[Site]) -> Plant:
    def planted(text: str, **modules: str) -> list[str]:
        before = set(findings(found))
        for name, words in {"spy": text, **modules}.items():
            (tmp_path / f"{name}.py").write_text(dedent(words), encoding="utf-8")
        new = sites(sorted(tmp_path.glob("*.py")), root=tmp_path)
        return sorted(set(findings([*found, *new])) - before)

    return planted


@pytest.mark.clause("Q7.4", "Q7.5")
@pytest.mark.requirement("L7")
def test_every_use_on_consent_is_on_the_list_and_behind_the_gate(found: list[Site]) -> None:
    assert list(findings(found)) == []


def test_the_published_list_is_what_the_code_says(found: list[Site]) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(found), "run: python -m tests.architecture.consent_uses"


def test_the_list_names_all_purposes_on_consent_and_what_each_use_does(found: list[Site]) -> None:
    text = document(found)
    assert [code for code in purposes() if f"| {code} |" not in text] == []
    assert [site.path for _code, site, _mark in uses(found) if not site.says] == []
    assert "newsletters.Subscription" in guarded_tables().values()
    assert "mailing.Suppression" not in guarded_tables().values()


def test_a_function_that_reads_a_table_held_on_consent_is_seen(plant: Plant) -> None:
    (finding,) = plant(
        """
        from newsletters.models import Subscription

        def addresses():
            return [row.email for row in Subscription.objects.all()]
        """
    )
    assert finding.startswith("spy.addresses touches newsletters.Subscription without the gate")


@pytest.mark.parametrize(
    "words",
    [
        "def use(person):\n    return offers_for(person, 'MARKETING_EMAIL')",
        "CODE = ConsentPurpose.MARKETING_EMAIL\ndef use(person):\n    return offers_for(person, CODE)",
        "from consent.queries import current_status\ndef use(p):\n    return current_status(p, name(), now=now())",
        "def use():\n    return apps.get_model('newsletters.Subscription')._base_manager.all()",
        "class use:\n    rows = models.Subscription.objects",
        "use = Subscription.objects.values_list('email')",
        "def outer():\n    def use():\n        return Subscription.objects.all()",
    ],
)
def test_no_other_way_to_such_data_is_overlooked(plant: Plant, words: str) -> None:
    (finding,) = plant(words)
    assert "without the gate" in finding


def test_a_name_for_a_purpose_is_followed_into_the_module_that_imports_it(plant: Plant) -> None:
    (finding,) = plant(
        "from words import CODE\n\ndef use(person):\n    return offers_for(person, CODE)",
        words="CODE: Final = 'MARKETING_EMAIL'",
    )
    assert finding.startswith("spy.use touches MARKETING_EMAIL without the gate")


def test_behind_the_gate_it_is_allowed_with_the_private_functions_that_serve_it_alone(plant: Plant) -> None:
    behind = """
        @on_consent("MARKETING_EMAIL")
        def write(person, *, now):
            '''Writes to her.'''
            return _rows(person)

        def _rows(person):
            return Subscription.objects.filter(email__in=person.emails)
        """
    assert plant(behind) == []
    (finding,) = plant(behind, other="from spy import _rows\n\ndef around(person):\n    return _rows(person)")
    assert finding.startswith("spy._rows touches")


def test_whoever_asks_the_gate_himself_asks_before_and_heeds_the_answer(plant: Plant) -> None:
    good = """
        @asks_itself("MARKETING_EMAIL", before="post")
        def deliver(row, *, now):
            if not may_process(row.person, row.purpose, now=now):
                return
            post(row)
        """
    assert plant(good) == []
    late = good.replace("    post(row)\n", "").replace("if not", "post(row)\n            if not")
    unheeded = good.replace("if not may_process", "may_process").replace("now=now):", "now=now)")
    unheeded = unheeded.replace("                return\n", "")
    never = good.replace("may_process", "is_pleasant")
    for words in (late, unheeded, never):
        assert plant(words) == ["spy.deliver is marked as asking the gate itself and calls post without"]


def test_nobody_else_hands_a_letter_over(plant: Plant) -> None:
    (finding,) = plant("from mailing.delivery import hand_over\n\ndef post(message):\n    hand_over(message, 'Hello')")
    assert finding == "spy.post calls hand_over, which only a function that asks the gate may call"


def test_a_mark_names_a_purpose_on_consent(plant: Plant) -> None:
    (finding,) = plant("@on_consent('SERVICE')\ndef use(person, *, now):\n    return 1")
    assert finding == "spy.use is marked for SERVICE, which is no purpose on consent"


def test_a_purpose_without_a_use_and_an_entry_without_its_function_are_seen(found: list[Site]) -> None:
    nothing_unused = replace(LISTED, unused={})
    assert "EMAIL_ANALYSIS rests on consent and has no use on the list" in list(findings(found, nothing_unused))
    one_too_many = replace(LISTED, no_use={**LISTED.no_use, "newsletters.audience.gone": Errand.PREPARES})
    assert list(findings(found, one_too_many)) == [
        "newsletters.audience.gone is listed and touches no data on consent (any more)"
    ]
    without = [site for site in found if site.path != "accounts.contacts.published_contact"]
    assert "CONTACT_PUBLISH rests on consent and has no use on the list" in list(findings(without))


def test_a_purpose_that_nothing_uses_cannot_begin_to_be_used_in_silence(plant: Plant) -> None:
    found = plant("@on_consent('EMAIL_ANALYSIS')\ndef count_clicks(person, *, now):\n    return 1")
    assert found == ["EMAIL_ANALYSIS is listed as used by nothing, and is used"]
