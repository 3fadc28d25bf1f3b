"""Addresses of the policy and of the consents, as `/privacy/…` has them."""

from django.urls import path

from consent import receipt_views, text_views, views

app_name = "consent"

urlpatterns = [
    path("privacy/policy/", views.policy, name="policy"),
    path("privacy/policy/versions/", views.policy_versions, name="policy-versions"),
    path("privacy/policy/versions/<slug:slug>/", views.policy_version, name="policy-version"),
    path("privacy/policy/versions/<slug:slug>/changes/", text_views.policy_changes, name="policy-changes"),
    path("privacy/consents/wordings/", text_views.wordings, name="wordings"),
    path("privacy/consents/wordings/<slug:code>/<slug:slug>/", text_views.wording, name="wording"),
    path(
        "privacy/consents/wordings/<slug:code>/<slug:slug>/changes/", text_views.wording_changes, name="wording-changes"
    ),
    path("privacy/consents/", views.consents, name="consents"),
    path("privacy/consents/<slug:purpose>/receipt.jsonld", receipt_views.receipt_file, name="receipt"),
    path("privacy/consents/<slug:purpose>/receipt-kantara.json", receipt_views.kantara_file, name="receipt-kantara"),
]
