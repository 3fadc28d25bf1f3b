"""Forms are counted by network: what an earlier test sent must not count against the next."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _rested_limits(db: None) -> None:
    cache.clear()
