"""The addresses of the privacy portal, under `/privacy/`."""

from django.urls import path

from dsar import (
    account_views,
    case_views,
    file_views,
    filing_views,
    giving_views,
    help_views,
    portal_views,
    schemas,
    views,
)
from dsar.calendar_views import due_calendar
from retention.transparency import transparency, transparency_file
from retention.views import archive_objection, archive_objection_confirm, archive_objection_sent, verify

app_name = "privacy"

urlpatterns = [
    path("", portal_views.portal, name="portal"),
    path("timeline/", portal_views.timeline, name="timeline"),
    path("notice/", views.privacy_notice, name="notice"),
    path("help/", help_views.index, name="help"),
    path("help/<slug:slug>/", help_views.topic, name="help-topic"),
    path("requests/", views.request_list, name="request-list"),
    path("requests/new/", filing_views.request_new, name="request-new"),
    path("requests/sent/", filing_views.request_sent, name="request-sent"),
    path("requests/<slug:number>/", views.request_detail, name="request-detail"),
    path("requests/<slug:number>/message/", views.request_message, name="request-message"),
    path("requests/<slug:number>/again/", views.request_copy_again, name="request-copy-again"),
    path("requests/<slug:number>/files/", file_views.request_files, name="request-files"),
    path("requests/<slug:number>/withdraw/", views.request_withdraw, name="request-withdraw"),
    path("requests/<slug:number>/package/", views.package_download, name="package-download"),
    path("cases/<slug:secret>/", case_views.case_page, name="case"),
    path("cases/<slug:secret>/identity/", case_views.case_identity, name="case-identity"),
    path("cases/<slug:secret>/code/", case_views.case_code, name="case-code"),
    path("cases/<slug:secret>/message/", case_views.case_message, name="case-message"),
    path("cases/<slug:secret>/again/", case_views.case_copy_again, name="case-copy-again"),
    path("cases/<slug:secret>/files/", file_views.case_files, name="case-files"),
    path("cases/<slug:secret>/withdraw/", case_views.case_withdraw, name="case-withdraw"),
    path("cases/<slug:secret>/package/", giving_views.case_package, name="case-package"),
    path("cases/<slug:secret>/erasure/", giving_views.case_erasure, name="case-erasure"),
    path("stop/<slug:secret>/", giving_views.request_stop, name="request-stop"),
    path("receipts/<slug:secret>/", account_views.receipt, name="receipt"),
    path("receipts/<slug:secret>/receipt.json", account_views.receipt_file, name="receipt-file"),
    path("schema/<slug:name>.json", schemas.schema, name="schema"),
    path("calendar/<slug:secret>/due.ics", due_calendar, name="due-calendar"),
    path("verify/", verify, name="verify"),
    path("transparency/", transparency, name="transparency"),
    path("transparency/heads.json", transparency_file, name="transparency-file"),
    path("archive/", archive_objection, name="archive-objection"),
    path("archive/sent/", archive_objection_sent, name="archive-objection-sent"),
    path("archive/<slug:secret>/", archive_objection_confirm, name="archive-objection-confirm"),
]
