"""What allauth asks of this site: how mails leave, whose address is behind a request, what a sign-up stores."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.history import keep_earlier
from accounts.models import Profile, User
from accounts.queries import user_of_address
from accounts.terms import AGE_TEXT_VERSION, Language, LoginKind
from audit.client import client_ip
from audit.trail import Actor, record
from mailing.composing import compose
from mailing.services import send_rendered

LABELS: Final = {"activate_url": _("Confirm the address"), "signup_url": _("Sign up")}
"""What the button of a mail says, by the name of its link; any other link leads to a new password."""


class AccountAdapter(DefaultAccountAdapter):
    """allauth's decisions, made the way this site promises."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail address and password do not belong together. Please check both."),
        "too_many_login_attempts": _("Too many attempts. Please wait a few minutes and try again."),
        "incorrect_password": _("This is not your password. Please try again."),
        "enter_current_password": _("This is not your current password. Please try again."),
        "incorrect_code": _("This code is not right or was used already. Please take a new one."),
        "invalid_password_reset": _("This link was used already or is too old. Please ask for a new one."),
        "rate_limited": _("Too many attempts. Please wait a few minutes and try again."),
    }

    # --- Sign-up ---
    @transaction.atomic
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Names and age from the form, language from the page; mails later go out in that language (Q5.6)."""
        user.given_name = form.cleaned_data["given_name"]
        user.family_name = form.cleaned_data["family_name"]
        user.language = page_language()
        user.age_confirmed_at = timezone.now()
        user.age_text_version = AGE_TEXT_VERSION
        super().save_user(request, user, form, commit=commit)
        if commit:
            Profile.objects.create(user=user)
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """An address that is another account's log-in stays there, even where that account never confirmed it."""
        if User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id).exists():
            self.add_message(request, messages.ERROR, "account/messages/email_confirmation_failed.txt")
            return False
        return bool(super().confirm_email(request, email_address))

    # --- Mail ---
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Renders in the person's language and hands over to `mailing`; links lead to the configured domain (H10)."""
        user = context.get("user") or user_of_address(email)
        language = user.language if user else page_language()
        words = {**context, **_own_links(context), "user": user, "site_url": settings.SITE_URL}
        with override(language):
            message = self.render_mail(template_prefix, email, words)
        notice = {"heading": message.subject, **_around_the_link(message.body, words)}
        letter = compose("notice", language=language, purpose="REGISTRATION", context=notice)
        send_rendered(
            letter,
            to=email,
            language=language,
            purpose="REGISTRATION",
            now=timezone.now(),
            user_id=user.pk if user else None,
            template=template_prefix,
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """A change of password, address or second factor that is worth a letter is worth a line in the trail."""
        change = template_prefix.rpartition("/")[2]
        now = timezone.now()
        record(f"account.{change}", actor=Actor.of(user), subject=user.pk, now=now)
        if change == "email_changed" and context:
            keep_earlier(user, {"email": (context["from_email"], context["to_email"])}, now=now)
        super().send_notification_mail(template_prefix, user, {**(context or {}), "user": user}, email)

    # --- Who is there, and where may they go ---
    def get_client_ip(self, request: HttpRequest) -> str:
        """The address behind exactly the proxies that we know (H6)."""
        if address := client_ip(request):
            return address
        raise PermissionDenied

    def is_safe_url(self, url: str | None) -> bool:
        """Only this very site is a target of redirects (H11)."""
        host = {self.request.get_host()}
        return url_has_allowed_host_and_scheme(url, allowed_hosts=host, require_https=self.request.is_secure())

    def is_ajax(self, request: HttpRequest) -> bool:
        """A page is a page: allauth's second answers, in JSON, are a second surface that nobody needs."""
        return False

    # --- Log-in events (policy clause 5.2) ---
    def login(self, request: HttpRequest, user: User) -> None:
        with transaction.atomic():
            # An erasure waits for the session and takes it along, or the account is gone: none outlives its account.
            if not User.objects.select_for_update(no_key=True).filter(pk=user.pk).exists():
                raise ImmediateHttpResponse(redirect("account_login"))
            super().login(request, user)
            UserSession.objects.create_from_request(request)
            self._record(LoginKind.LOGGED_IN, request, user)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            self._record(LoginKind.LOGGED_OUT, request, request.user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        self._record(LoginKind.REFUSED, request, user_of_address(credentials.get("email", "")))

    def _record(self, kind: LoginKind, request: HttpRequest, user: User | None) -> None:
        services.record_login(
            kind,
            user=user,
            ip=client_ip(request),
            user_agent=request.headers.get("User-Agent", ""),
            now=timezone.now(),
        )


def page_language() -> str:
    """The language of the page, Latvian where it is none of ours."""
    language = (get_language() or "")[:2]
    return language if language in Language.values else Language.LATVIAN


def _own_links(context: dict[str, Any]) -> dict[str, str]:
    """The links of a mail with the host replaced: what the browser claimed as host never reaches a mailbox."""
    links = {name: value for name, value in context.items() if name.endswith("_url") and isinstance(value, str)}
    return {name: settings.SITE_URL + _path_and_query(link) for name, link in links.items()}


def _around_the_link(body: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """The words of a mail as a notice takes them: its link stands in a line of its own."""
    link = next((line for line in body.splitlines() if line.startswith(f"{settings.SITE_URL}/")), "")
    before, _link, after = body.partition(link) if link else (body, "", "")
    label = next((label for name, label in LABELS.items() if words.get(name) == link), _("Set a new password"))
    return {
        "paragraphs": _paragraphs(before),
        "link": link,
        "link_label": label,
        "afterwards": _paragraphs(after),
    }


def _paragraphs(text: str) -> list[str]:
    return [paragraph for part in text.split("\n\n") if (paragraph := part.strip())]


def _path_and_query(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
