"""The conversations of a person (policy clause 17). None of these pages is there for anybody else."""

from typing import cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from marketplace import messaging
from marketplace.forms import MessageForm
from marketplace.models import Conversation, Listing
from marketplace.pages import page_of
from marketplace.terms import NOT_FOR_ALL

PAGE = 50
"""Messages of a conversation, and conversations, on one page."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: UUID) -> HttpResponse:
    """Write to the seller of a listing."""
    listing = get_object_or_404(Listing.objects.exclude(state__in=NOT_FOR_ALL), pk=number)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            text, own = form.cleaned_data["text"], form.cleaned_data["number"]
            conversation = messaging.ask(listing, _person(request), text, number=own, now=timezone.now())
        except messaging.MessageRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Your message is sent."))
            return redirect("marketplace:conversation", conversation.pk)
    context = {"form": form, "listing": listing}
    return render(request, "marketplace/ask.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request: HttpRequest, number: UUID) -> HttpResponse:
    """What the two wrote, the newest last, and the form for an answer."""
    shown = _shown(request, number)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        try:
            text, own = form.cleaned_data["text"], form.cleaned_data["number"]
            messaging.answer(shown.conversation, _person(request), text, number=own, now=timezone.now())
        except messaging.MessageRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("marketplace:conversation", number)
    written = page_of(shown.conversation.messages.order_by("-at", "-id"), request.GET, size=PAGE)
    context = {"form": form, "shown": shown, "written": written, "texts": written.rows[::-1]}
    return render(request, "marketplace/conversation.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """Everybody one writes with."""
    person = _person(request)
    found = page_of(messaging.conversations_of(person), request.GET, size=PAGE)
    rows = [(one, messaging.seen_by(person, one)) for one in found.rows]
    return render(request, "marketplace/conversations.html", {"found": found, "rows": rows})


@login_required
@require_POST
def block(request: HttpRequest, number: UUID) -> HttpResponse:
    """Take no more messages of the other one; the same button takes them again."""
    shown = _shown(request, number)
    if shown.mine.blocked_at:
        messaging.unblock(shown.conversation, _person(request))
        messages.success(request, _("You take messages of this person again."))
    else:
        messaging.block(shown.conversation, _person(request), now=timezone.now())
        messages.success(request, _("You take no more messages of this person, about other listings neither."))
    return redirect("marketplace:conversation", number)


def _shown(request: HttpRequest, number: UUID) -> messaging.Shown:
    found = get_object_or_404(
        Conversation.objects.select_related("listing").prefetch_related("participants__user"), pk=number
    )
    shown = messaging.seen_by(_person(request), found)
    if shown is None:
        raise Http404
    return shown


def _form(request: HttpRequest) -> MessageForm:
    given = request.POST if request.method == "POST" else None
    return MessageForm(given, initial={"number": uuid4()})


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
