"""Where Escrow.com rings."""

from django.urls import path

from payments.escrow import webhooks

app_name = "escrow"
urlpatterns = [path("", webhooks.ring, name="ring")]
