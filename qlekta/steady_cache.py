"""A cache that goes on when Valkey is away: log-in and its limits must not fall with it (security F7, F8)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

QUIET_AFTER_SILENCE: Final = 5.0
"""Seconds in which nobody asks again, so that a Valkey that hangs costs one request its timeout, not every one."""
_quiet_until: Final[dict[str, float]] = {}
"""By the address of the Valkey: each thread has a cache of its own, and one of them shall find out for all."""


class SteadyCache(RedisCache):
    """Valkey; while it does not answer, the memory of this process.

    A limit then counts in each process by itself, so its number holds once per process. What must hold to the letter
    (codes, requests per address) is counted in PostgreSQL and never here.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server
        self._own = LocMemCache(server, {name: value for name, value in params.items() if name != "OPTIONS"})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """As Django's; so are all others."""
        added: bool = self._ask(super().add, self._own.add, key, value, timeout, version)
        return added

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(super().get, self._own.get, key, default, version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(super().set, self._own.set, key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        touched: bool = self._ask(super().touch, self._own.touch, key, timeout, version)
        return touched

    def delete(self, key: Any, version: int | None = None) -> bool:
        deleted: bool = self._ask(super().delete, self._own.delete, key, version)
        return deleted

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask(super().get_many, self._own.get_many, [*keys], version)
        return found

    def has_key(self, key: Any, version: int | None = None) -> bool:
        is_there: bool = self._ask(super().has_key, self._own.has_key, key, version)
        return is_there

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        counted: int = self._ask(super().incr, self._own.incr, key, delta, version)
        return counted

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        failed: list[Any] = self._ask(super().set_many, self._own.set_many, data, timeout, version)
        return failed

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        self._ask(super().delete_many, self._own.delete_many, [*keys], version)

    def clear(self) -> None:
        self._own.clear()
        self._ask(super().clear, self._own.clear)

    def _ask(self, shared: Callable[..., Any], own: Callable[..., Any], *arguments: Any) -> Any:
        if monotonic() >= _quiet_until.get(self._server, 0.0):
            try:
                return shared(*arguments)
            except RedisError as error:
                _quiet_until[self._server] = monotonic() + QUIET_AFTER_SILENCE
                logger.warning("the cache does not answer (%s); this process counts by itself", type(error).__name__)
        return own(*arguments)
