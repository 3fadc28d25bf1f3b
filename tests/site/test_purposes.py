"""The purposes of clause 7 as they are published: each on the basis that the policy names, and for nothing else."""

import pytest

from datamap.catalogue import catalogue
from datamap.registry import registry
from datamap.terms import LawfulBasis


def used_by(code: str) -> set[str]:
    """The tables that are kept for this purpose."""
    return {holding.model for holding in registry().holdings if code in holding.purposes}


@pytest.mark.clause("Q7.2")
def test_an_offer_is_made_before_a_contract_and_on_request_only() -> None:
    offer = catalogue().purposes["OFFER"]
    assert (offer.basis, offer.on_request, offer.is_marketing) == (LawfulBasis.CONTRACT, True, False)
    assert {model.partition(".")[0] for model in used_by("OFFER")} == {"enquiries"}


@pytest.mark.clause("Q7.8")
def test_registration_is_part_of_the_contract_and_what_an_account_is_kept_for() -> None:
    assert catalogue().purposes["REGISTRATION"].basis is LawfulBasis.CONTRACT
    assert "accounts.User" in used_by("REGISTRATION")


@pytest.mark.clause("Q7.9")
def test_disputes_are_an_interest_with_a_balancing_test_that_is_due_for_review() -> None:
    claims = catalogue().purposes["CLAIMS"]
    assert claims.basis is LawfulBasis.LEGITIMATE_INTERESTS
    assert claims.balancing is not None
    assert all((claims.balancing.interest, claims.balancing.necessity, claims.balancing.balance))
    assert claims.balancing.review_on is not None
    assert "retention.ArchiveRecord" in used_by("CLAIMS")


@pytest.mark.clause("Q7.10")
def test_showing_pages_profiles_nobody() -> None:
    showing = catalogue().purposes["CONTENT_DELIVERY"]
    assert (showing.basis, showing.is_marketing) == (LawfulBasis.CONTRACT, False)
    profiles = used_by("PROFILING")
    assert profiles, "profiles are declared"
    assert used_by("CONTENT_DELIVERY") & profiles == set()
