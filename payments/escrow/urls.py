"""The pages of payments through Escrow.com, for the two people of each."""

from django.urls import path

from payments.escrow import views

urlpatterns = [
    path("escrow/account/", views.account, name="escrow-account"),
    path("escrow/<uuid:number>/", views.deal, name="escrow-deal"),
]
