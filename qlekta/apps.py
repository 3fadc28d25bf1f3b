"""The roof as a Django app, so that its commands are found."""

from django.apps import AppConfig


class QlektaConfig(AppConfig):
    """Holds the demo and the front page; no models."""

    name = "qlekta"
