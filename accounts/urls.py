"""The account page, and our own versions of three pages of allauth; mounted before allauth's addresses."""

from allauth.account.views import email
from django.contrib.auth.decorators import login_required
from django.urls import path, re_path

from accounts import views
from accounts.step_up import step_up_required

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/history/forget/", views.forget_history, name="account_history_forget"),
    path("accounts/email/", step_up_required(email), name="account_email"),
    path("accounts/sessions/", login_required(views.SessionsView.as_view()), name="usersessions_list"),
    re_path(
        r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", views.ConfirmAddressView.as_view(), name="account_confirm_email"
    ),
]
