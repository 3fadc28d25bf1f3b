"""The address of the deletion page, under `/account/delete/`."""

from django.urls import path

from dsar.account_views import account_delete

urlpatterns = [path("", account_delete, name="account-delete")]
