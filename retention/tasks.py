"""The doorbells of retention: beat rings, the rows decide."""

from celery import shared_task

from retention.sweeps import sweep_all


@shared_task(name="retention.purge", ignore_result=True, acks_late=True)
def purge() -> None:
    """Sweep every rule once, with the database's clock."""
    sweep_all(apply=True)
