"""Histories that once failed, written out: what the random ones found stays found."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from consent.models import ConsentEvent, ProofTerm
from tests.histories.returning import Returning
from tests.histories.world import Person, years_after

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Iterator[Returning]:
    site = Returning()
    yield site
    site.teardown()


def begin(site: Returning, *, years_ago: int = 0) -> Person:
    """Somebody of a site that began so long ago."""
    site.now = years_after(timezone.now(), -years_ago)
    site.a_site_with_three_people()
    return site.here()[-1]


@pytest.mark.clause("Q5.10")
def test_the_end_of_a_proof_waits_for_its_proof_and_that_for_the_clock_of_the_database(site: Returning) -> None:
    person = begin(site)
    site.she_subscribes(person)
    site.she_unsubscribes(person)
    site.years_pass(2)
    site.she_leaves(person, objects=True)
    site.now = years_after(site.now, 3)
    site.the_sweeps_run(confirm_clock=True)


@pytest.mark.clause("Q5.10")
def test_the_sweep_that_takes_a_proof_takes_the_end_of_its_term_too(site: Returning) -> None:
    person = begin(site, years_ago=5)
    site.she_unsubscribes(person)
    site.she_leaves(person, objects=True)
    site.now = years_after(site.now, 3)
    site.the_sweeps_run(confirm_clock=True)
    assert not ProofTerm.objects.exists()


@pytest.mark.clause("Q5.10")
@pytest.mark.requirement("R6")
def test_a_consent_that_a_clock_dated_ahead_ends_with_its_account_all_the_same(site: Returning) -> None:
    person = begin(site, years_ago=4)
    begun = site.now
    site.days_pass(100)
    ahead = site.now
    site.she_subscribes(person)
    site.the_clock_jumps_back(100 * 24 * 60)
    assert site.now == begun
    site.she_leaves(person, objects=True)
    for site.now in (years_after(begun, 3), years_after(ahead, 3)):
        site.the_sweeps_run(confirm_clock=True)
    assert not ProofTerm.objects.exists()
    assert not ConsentEvent.objects.exclude(subject_token="").exists()
