"""A few pages to be visited: plain, with a secret in the path, of the staff, and one that knows its reader."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path


def plain(_request: HttpRequest, **_named: str) -> HttpResponse:
    return HttpResponse("a page")


def greeting(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"logged in: {request.user.is_authenticated}")


urlpatterns = [
    path("", plain),
    path("greeting/", greeting),
    path("code/<key>/", plain),
    path("listings/<slug>/", plain),
    path("healthz", plain),
    path("static/site.css", plain),
    path("admin/", admin.site.urls),
]
