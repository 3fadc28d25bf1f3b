"""The roof as a Django app, so that its commands are found."""

from django.apps import AppConfig

# Wherever Django runs, commands included, a committed effect must ring for this site's worker.
from qlekta.celery import app

__all__ = ["QlektaConfig", "app"]


class QlektaConfig(AppConfig):
    """Holds the demo and the front page; no models."""

    name = "qlekta"
