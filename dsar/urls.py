"""The addresses of the privacy portal, under `/privacy/`."""

from django.urls import path

from dsar import account_views, case_views, schemas, views
from retention.transparency import transparency, transparency_file
from retention.views import archive_objection, archive_objection_confirm, archive_objection_sent, verify

app_name = "privacy"

urlpatterns = [
    path("", views.portal, name="portal"),
    path("notice/", views.privacy_notice, name="notice"),
    path("requests/", views.request_list, name="request-list"),
    path("requests/new/", views.request_new, name="request-new"),
    path("requests/<slug:number>/", views.request_detail, name="request-detail"),
    path("requests/<slug:number>/withdraw/", views.request_withdraw, name="request-withdraw"),
    path("requests/<slug:number>/package/", views.package_download, name="package-download"),
    path("cases/<slug:secret>/", case_views.case_page, name="case"),
    path("receipts/<slug:secret>/", account_views.receipt, name="receipt"),
    path("receipts/<slug:secret>/receipt.json", account_views.receipt_file, name="receipt-file"),
    path("schema/<slug:name>.json", schemas.schema, name="schema"),
    path("verify/", verify, name="verify"),
    path("transparency/", transparency, name="transparency"),
    path("transparency/heads.json", transparency_file, name="transparency-file"),
    path("archive/", archive_objection, name="archive-objection"),
    path("archive/sent/", archive_objection_sent, name="archive-objection-sent"),
    path("archive/<slug:secret>/", archive_objection_confirm, name="archive-objection-confirm"),
]
