"""The doorbells of retention: beat rings, the rows decide."""

from celery import shared_task

from replay.journal import forget_expired, write_out
from retention.heads import publish_heads as publish
from retention.latecomers import erase_latecomers
from retention.minors import finish_cut_off
from retention.queries import database_now
from retention.sealing import seal_ledgers
from retention.sweeps import sweep_all


@shared_task(name="retention.purge", ignore_result=True, acks_late=True)
def purge() -> None:
    """Sweep every rule once, with one `now` from the database's clock; the journal first gets what a crash kept."""
    now = database_now()
    write_out()
    forget_expired(now=now)
    erase_latecomers(now=now)
    finish_cut_off(now=now)
    sweep_all(now=now, apply=True)


@shared_task(name="retention.seal_ledgers", ignore_result=True, acks_late=True)
def seal() -> None:
    """Seal what has been written to the ledgers of leaves since the last time."""
    seal_ledgers(now=database_now())


@shared_task(name="retention.publish_heads", ignore_result=True, acks_late=True)
def publish_heads() -> None:
    """Sign the heads of all ledgers once."""
    publish(now=database_now())
