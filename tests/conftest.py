"""What every test stands on: the site's privileges, no network, real stores."""

from collections.abc import Iterator

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests.database import django_db_setup, flush_as_owner, in_every_database, published_texts
from tests.network import GUARD
from tests.people import officer, other_person, person
from tests.worker import celery_worker_process

__all__ = ["celery_worker_process", "django_db_setup", "officer", "other_person", "person", "published_texts"]

# A busy machine is no fault of the code: no test may fail for being slow.
settings.register_profile("site", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("site")

GUARD.install()
flush_as_owner()


@pytest.fixture(autouse=True)
def own_language() -> None:
    """The language of the last page that an earlier test opened is nobody's language here."""
    translation.activate(site_settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def rested_limits() -> None:
    """Attempts are counted by network: what earlier tests sent, on a machine fast enough, counts against nobody."""
    cache.clear()


@pytest.fixture(autouse=True)
def open_site() -> None:
    """What earlier tests wrote into the journal, in databases that are gone, is nothing that this one has missed."""
    from replay.guard import GUARD

    GUARD.assume_open()


@pytest.fixture(autouse=True)
def no_banners() -> None:
    """Nor has this test's site published the words that the one before has shown."""
    from cookies.banner import BANNERS

    BANNERS.forget()


@pytest.fixture(autouse=True)
def readable_letters(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test is about: each letter it has the site write can be read, and loads and leads to nothing foreign.

    Those that a test makes itself, without HTML, are its own affair.
    """
    from mailing.composing import Letter
    from tests.mailing.reading import complaints

    sealed, found = Letter.to_bytes, dict[str, list[str]]()

    def noticed(letter: Letter) -> bytes:
        if letter.html and (against := complaints(letter)):
            found[letter.subject] = against
        return sealed(letter)

    monkeypatch.setattr(Letter, "to_bytes", noticed)
    yield
    if request.node.get_closest_marker("odd_letters") is None:
        assert found == {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_every_database(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with GUARD.for_test(item):
        return (yield)
