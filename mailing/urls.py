"""Where the mail service calls; each address also carries a secret (security V2)."""

from django.urls import path

from mailing import webhooks

app_name = "mailing"
urlpatterns = [
    path("inbound_mime/", webhooks.inbound, name="inbound"),
    path("tracking/", webhooks.status, name="status"),
]
