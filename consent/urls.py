"""Addresses of the policy and of the consents, as `/privacy/…` has them."""

from django.urls import path

from consent import views

app_name = "consent"

urlpatterns = [
    path("privacy/policy/", views.policy, name="policy"),
    path("privacy/policy/versions/", views.policy_versions, name="policy-versions"),
    path("privacy/policy/versions/<slug:slug>/", views.policy_version, name="policy-version"),
    path("privacy/consents/", views.consents, name="consents"),
]
