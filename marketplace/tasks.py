"""What happens to listings and orders by themselves."""

from celery import shared_task
from django.utils import timezone

from marketplace.finishing import finish_orders
from marketplace.services import close_ended


@shared_task(name="marketplace.close_ended", ignore_result=True)
def close_listings() -> None:
    """Close what nobody renewed; with it the contact details are published no more."""
    close_ended(now=timezone.now())


@shared_task(name="marketplace.finish_orders", ignore_result=True)
def finish() -> None:
    """End orders paid by card that nobody ends; their money goes where it belongs."""
    finish_orders(now=timezone.now())
