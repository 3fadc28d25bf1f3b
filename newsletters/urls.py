"""Addresses of the newsletter. Links in letters lead here for years: none may ever change."""

from django.urls import path

from newsletters import views

app_name = "newsletters"

urlpatterns = [
    path("", views.subscribe, name="subscribe"),
    path("sent/", views.sent, name="sent"),
    path("confirm/<slug:secret>/", views.confirm_subscription, name="confirm"),
    path("receipt/<slug:link>/", views.receipt_file, name="receipt"),
    path("stop/<slug:link>/", views.stop_subscription, name="stop"),
]
