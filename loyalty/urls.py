"""The address of a person's points."""

from django.urls import path

from loyalty import views

app_name = "loyalty"

urlpatterns = [path("", views.page, name="page")]
