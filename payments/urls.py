"""Addresses of payments."""

from django.urls import path

from payments.cards.views import card, token
from payments.escrow.urls import urlpatterns as of_escrow
from payments.invoices import urls as of_invoices
from payments.payouts.views import payout

app_name = "payments"
urlpatterns = [
    path("cards/<uuid:number>/", card, name="card"),
    path("cards/<uuid:number>/token/", token, name="card-token"),
    path("payouts/<uuid:number>/", payout, name="payout"),
    *of_escrow,
    *of_invoices.urlpatterns,
]
