"""One transaction in each database that holds people's data; most sites have one database."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connections, transaction


@contextmanager
def together() -> Iterator[None]:
    """A transaction in every database; the site's own, where the result stands on record, commits last.

    So what is on record as done is done everywhere. Where the last commit fails, rows may be gone of which no record
    speaks: whoever deletes so must be able to do it again.
    """
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        yield
