"""All addresses of the site. The public surface is fixed: other people build on it."""

from django.contrib import admin
from django.contrib.sitemaps.views import index as sitemap_index
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from cookies.views import gpc, set_language
from marketplace.sitemaps import SITEMAPS
from qlekta import views
from qlekta.dashboard import dashboard

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sitemap.xml", sitemap_index, {"sitemaps": SITEMAPS, "sitemap_url_name": "sitemap"}, name="sitemap-index"),
    path("sitemap-<section>.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path(".well-known/gpc.json", gpc, name="gpc"),
    path("accounts/again/", views.logged_in_again, name="logged-in-again"),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("consent.urls")),
    path("newsletter/", include("newsletters.urls")),
    path("contact/", include("enquiries.urls")),
    path("privacy/loyalty/", include("loyalty.urls")),
    path("privacy/profile/", include("profiling.urls")),
    path("surveys/", include("surveys.urls")),
    path("cookies/", include("cookies.urls")),
    path("visits/", include("visits.urls")),
    path("", include("marketplace.urls")),
    path("payments/", include("payments.urls")),
    path("privacy/", include("dsar.urls")),
    path("account/delete/", include("dsar.account_urls")),
    path("webhooks/mailgun/", include("mailing.urls")),
    path("webhooks/braintree/", include("payments.cards.webhook_urls")),
    path("webhooks/escrow/", include("payments.escrow.webhook_urls")),
    path("admin/figures/", admin.site.admin_view(dashboard), name="dashboard"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("dsar.api.urls")),
]

handler400 = "qlekta.views.bad_request"
handler403 = "qlekta.views.permission_denied"
handler404 = "qlekta.views.page_not_found"
handler500 = "qlekta.views.server_error"
