"""The mail backend of the tests under the name of the service: what it is handed lies in `mail.outbox`."""

from django.core.mail.backends.locmem import EmailBackend


class Backend(EmailBackend):
    esp_name = "Mailgun"
