"""Where Braintree rings."""

from django.urls import path

from payments.cards import webhooks

app_name = "braintree"
urlpatterns = [path("", webhooks.ring, name="ring")]
