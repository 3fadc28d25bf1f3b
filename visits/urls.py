"""The one address of the visit log that browsers know."""

from django.urls import path

from visits import views

app_name = "visits"

urlpatterns = [path("page-use/", views.page_use, name="page-use")]
