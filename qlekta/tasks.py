"""What every task of the site has in common: nothing is done while the site is closed (security O1, F25)."""

from typing import Any, Final

from celery import Task
from celery.exceptions import Ignore
from django.utils.module_loading import import_string

GUARD: Final = "replay.guard.GUARD"
"""Found when a task runs: the worker's application is made before the models are there."""


RUNS_WHILE_CLOSED: Final = frozenset({"qlekta.heartbeat"})
"""Touches no row."""


class OpenSiteTask(Task):
    """A task that leaves its work undone while the site is closed: what is due stands in rows, and beat rings again."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.name not in RUNS_WHILE_CLOSED and import_string(GUARD).look() is not None:
            raise Ignore
        return super().__call__(*args, **kwargs)
