"""The real worker of the tests: on the test's own database and queues, and it does what it is rung for."""

import time

import pytest
from django.core.cache import cache

from qlekta.celery import HEARTBEAT_KEY, heartbeat
from runner.children import Child


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_worker_carries_out_a_task(celery_worker_process: Child) -> None:
    cache.delete(HEARTBEAT_KEY)
    heartbeat.delay()
    deadline = time.monotonic() + 20
    while cache.get(HEARTBEAT_KEY) is None:
        assert time.monotonic() < deadline
        assert celery_worker_process.is_alive
        time.sleep(0.1)
