"""The addresses of the site and those that the tags of django-cookie-consent lead to."""

from django.urls import include, path

urlpatterns = [path("", include("qlekta.urls")), path("peer/", include("cookie_consent.urls"))]
