"""Addresses of the cookie settings and the choice."""

from django.urls import path

from cookies import views

app_name = "cookies"

urlpatterns = [
    path("", views.cookie_settings, name="settings"),
    path("receipts/<slug:service>.jsonld", views.receipt_file, name="receipt"),
    path("choice/", views.choice, name="choice"),
    path("account/end/", views.end_account_choice, name="end_account_choice"),
]
