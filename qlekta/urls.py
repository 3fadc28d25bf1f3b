"""All addresses of the site. The public surface is fixed: other people build on it."""

from django.contrib import admin
from django.urls import include, path

from cookies.views import set_language
from qlekta import views

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("consent.urls")),
    path("newsletter/", include("newsletters.urls")),
    path("privacy/loyalty/", include("loyalty.urls")),
    path("privacy/profile/", include("profiling.urls")),
    path("cookies/", include("cookies.urls")),
    path("visits/", include("visits.urls")),
    path("privacy/", include("dsar.urls")),
    path("account/delete/", include("dsar.account_urls")),
    path("webhooks/mailgun/", include("mailing.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("dsar.api.urls")),
]

handler400 = "qlekta.views.bad_request"
handler403 = "qlekta.views.permission_denied"
handler404 = "qlekta.views.page_not_found"
handler500 = "qlekta.views.server_error"
