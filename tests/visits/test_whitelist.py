"""The log holds the listed items and no others, and every copy has a term (Q5.12, Q5.14, Q5.18, Q5.20)."""

import pytest

from datamap.catalogue import catalogue, period
from datamap.registry import registry
from datamap.terms import RIGHTS_BY_BASIS, Category, LawfulBasis, Right
from visits.models import Visit

TECHNICAL = {"ip": "IP", "browser": "type", "browser_version": "version", "os": "OS", "platform": "platform"}
VISIT = {
    "path": "URLs",
    "referrer": "URLs",
    "at": "clickstream with time",
    "method": "clickstream",
    "item": "items viewed",
    "search": "searches",
    "response_ms": "response time",
    "status": "download errors",
    "kind": "interaction",
}
KEYS = {"id", "user_id", "visitor_key"}


@pytest.mark.clause("Q5.12", "Q5.14")
def test_the_table_holds_the_listed_items_and_no_others() -> None:
    assert {field.name for field in Visit._meta.concrete_fields} == {*TECHNICAL, *VISIT, *KEYS}


@pytest.mark.clause("Q5.18")
def test_the_log_rests_on_a_weighed_interest_for_the_two_purposes() -> None:
    holding = registry().holding(Visit)
    assert holding.basis is LawfulBasis.LEGITIMATE_INTERESTS
    assert set(holding.purposes) == {"STABILITY", "SECURITY"}
    for code in holding.purposes:
        purpose = catalogue().purposes[code]
        assert purpose.balancing is not None
        assert purpose.basis is LawfulBasis.LEGITIMATE_INTERESTS


@pytest.mark.clause("Q5.18")
def test_a_visitor_may_object() -> None:
    assert Right.OBJECTION in RIGHTS_BY_BASIS[registry().holding(Visit).basis]


@pytest.mark.clause("Q5.20", "X8")
@pytest.mark.requirement("R5")
def test_every_table_and_store_with_an_address_or_a_device_has_a_rule() -> None:
    found = {
        holding.model: holding
        for holding in registry().holdings
        if any(item.category in {Category.NETWORK, Category.DEVICE} for item in holding.personal.values())
    }
    assert "visits.Visit" in found
    for holding in found.values():
        rule = period(holding.period)
        assert rule.term is None or holding.clock or holding.ends, holding.model
    assert {store.period for store in registry().stores} <= set(catalogue().periods)


@pytest.mark.clause("X8")
def test_a_visit_keeps_no_hold_on_an_account() -> None:
    assert not any(field.is_relation for field in Visit._meta.concrete_fields)
