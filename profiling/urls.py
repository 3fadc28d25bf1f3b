"""The address of a person's profile."""

from django.urls import path

from profiling import views

app_name = "profiling"

urlpatterns = [path("", views.page, name="page")]
