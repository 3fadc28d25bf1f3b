"""Addresses of the policy and of the consents, as `/privacy/…` has them."""

from django.urls import path

from consent import receipt_views, views

app_name = "consent"

urlpatterns = [
    path("privacy/policy/", views.policy, name="policy"),
    path("privacy/policy/versions/", views.policy_versions, name="policy-versions"),
    path("privacy/policy/versions/<slug:slug>/", views.policy_version, name="policy-version"),
    path("privacy/consents/", views.consents, name="consents"),
    path("privacy/consents/<slug:purpose>/receipt.jsonld", receipt_views.receipt_file, name="receipt"),
    path("privacy/consents/<slug:purpose>/receipt-kantara.json", receipt_views.kantara_file, name="receipt-kantara"),
]
