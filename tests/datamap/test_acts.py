"""Acts are stored in short and read in words: in Latvian as Latvian law is cited."""

import pytest
from django.utils import translation

from datamap.catalogue import catalogue, cited
from datamap.declarations import Erasure
from datamap.registry import registry

LATIN = "Art."


@pytest.mark.parametrize(
    ("language", "spelt"),
    [
        ("lv", "VDAR 5. panta 2. punkts, 12. pants, 17. panta 3. punkta e) apakšpunkts"),
        ("ru", "ст. 5(2), 12, 17(3)(e) GDPR"),
        ("en", "Art. 5(2), 12, 17(3)(e) GDPR"),
    ],
)
def test_a_citation_is_spelt_in_the_language_of_the_reader(language: str, spelt: str) -> None:
    with translation.override(language):
        assert cited("GDPR Art. 5(2), 12, 17(3)(e)") == cited("Art. 5(2), 12, 17(3)(e) GDPR") == spelt


@pytest.mark.parametrize(
    ("language", "spelt"),
    [
        ("lv", "Grāmatvedības likuma 28. panta 5. daļa; Komerclikuma 406. pants"),
        ("ru", "ст. 28(5) Закона о бухгалтерском учёте; ст. 406 Коммерческого закона"),
        ("en", "Accounting Law s. 28(5); Commercial Law s. 406"),
    ],
)
def test_so_are_the_laws_of_latvia(language: str, spelt: str) -> None:
    with translation.override(language):
        assert cited("Accounting Law s. 28(5); Commercial Law s. 406") == spelt
        assert cited("VAT Law s. 41(1)") == "VAT Law s. 41(1)"


def test_what_is_around_a_citation_stays_and_so_does_what_is_cited_otherwise() -> None:
    with translation.override("lv"):
        assert cited("policy 10; Art. 32 GDPR") == "mūsu privātuma politikas 10. punkts; VDAR 32. pants"
        assert cited("VAT Directive Art. 242a, if the site sells") == "VAT Directive Art. 242a, if the site sells"
        assert cited("") == ""


def test_every_act_of_the_declarations_is_spelt_in_latvian() -> None:
    facts = catalogue()
    acts = {purpose.act for purpose in facts.purposes.values()}
    acts |= {holding.act for holding in registry().holdings}
    acts |= {
        item.on_erasure.act
        for holding in registry().holdings
        for item in holding.personal.values()
        if item.on_erasure.verdict is Erasure.KEEP
    }
    with translation.override("lv"):
        left = {act for act in acts if "GDPR" in cited(act)}
    assert len(acts) > 10
    assert left == set()


def test_every_clause_of_the_policy_that_a_period_cites_is_spelt_in_latvian() -> None:
    sources = [item.source for item in catalogue().periods.values() if "policy" in item.source]
    assert len(sources) > 10
    with translation.override("lv"):
        assert [source for source in sources if "policy" in cited(source)] == []
