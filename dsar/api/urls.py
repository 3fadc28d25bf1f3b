"""The addresses of the interface, under `/api/v1/`."""

from django.urls import path, re_path

from dsar.api import opendsr, views
from dsar.api.base import NotThere
from dsar.api.pages import SchemaFile, documentation

app_name = "api"

urlpatterns = [
    path("session/", views.Session.as_view(), name="session"),
    path("requests/", views.Requests.as_view(), name="requests"),
    path("requests/<slug:number>/", views.OneRequest.as_view(), name="request"),
    path("requests/<slug:number>/withdraw/", views.Withdrawal.as_view(), name="request-withdraw"),
    path("requests/<slug:number>/messages/", views.Messages.as_view(), name="request-messages"),
    path("opendsr/requests", opendsr.OpenDsrRequests.as_view(), name="opendsr-requests"),
    path("opendsr/requests/<uuid:request_id>", opendsr.OneOpenDsrRequest.as_view(), name="opendsr-request"),
    path("opendsr/discovery", opendsr.OpenDsrDiscovery.as_view(), name="opendsr-discovery"),
    path("schema/", SchemaFile.as_view(), name="schema"),
    path("docs/", documentation, name="docs"),
    re_path(r"", NotThere.as_view()),
]
