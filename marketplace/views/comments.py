"""Commenting under a listing, taking a comment back, and disputing one or what a buyer said (policy clause 14)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from audit.client import client_ip
from datamap.catalogue import period
from datamap.standstill import without_restricted
from mailing.services import InvalidAddress
from marketplace.comment_forms import CommentForm, NoticeForm
from marketplace.comment_terms import CommentState
from marketplace.commenting import CommentRefused, take_back, write
from marketplace.disputing import dispute
from marketplace.models import Comment, Feedback, Listing
from marketplace.searching import is_hidden
from marketplace.terms import NOT_FOR_ALL
from marketplace.views.open_forms import language_for, turned_away
from vault.tokens import new_secret


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def comment(request: HttpRequest, number: UUID) -> HttpResponse:
    """Write under a listing: the name is chosen here, the address of the account is kept apart (Q14.1, Q14.4)."""
    listing = get_object_or_404(Listing, pk=number)
    if listing.state in NOT_FOR_ALL or is_hidden(listing):
        raise Http404
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"once": new_secret()})
    if request.method == "POST" and form.is_valid():
        try:
            write(listing, form.said(), user=request.user, ip=client_ip(request), now=timezone.now())
        except CommentRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your comment is published."))
            return redirect(f"{reverse('marketplace:listing', args=[number])}#comments")
    context = {"form": form, "listing": listing, "kept": period("COMMENT_TRACE").label}
    return render(request, "marketplace/comment.html", context, status=400 if form.errors else 200)


@never_cache
@require_POST
@login_required
def delete_comment(request: HttpRequest, number: UUID) -> HttpResponse:
    """Take one's own comment back; somebody else's does not exist."""
    try:
        listing = take_back(number, user=request.user)
    except Comment.DoesNotExist:
        raise Http404 from None
    except CommentRefused as refusal:
        messages.error(request, str(refusal))
        listing = get_object_or_404(Comment, pk=number).listing
    else:
        messages.success(request, _("Your comment is deleted."))
    return redirect("marketplace:listing", number=listing.pk) if listing else redirect("marketplace:listings")


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_comment(request: HttpRequest, number: UUID) -> HttpResponse:
    """Say why a comment is unlawful: open to everybody, the same for every address (Art. 16; security I2).

    Who is not logged in gets no token against foreign forms, and so no cookie.
    """
    shown = Comment.objects.filter(state=CommentState.SHOWN, listing__isnull=False)
    return _answer(request, get_object_or_404(without_restricted(shown), pk=number))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_feedback(request: HttpRequest, number: UUID) -> HttpResponse:
    """The same against what a buyer said of a seller."""
    return _answer(request, get_object_or_404(Feedback, pk=number, state=CommentState.SHOWN))


def _answer(request: HttpRequest, found: Comment | Feedback) -> HttpResponse:
    return _with_token(request, found) if request.user.is_authenticated else _disputed(request, found, user=None)


@csrf_protect
def _with_token(request: HttpRequest, found: Comment | Feedback) -> HttpResponse:
    return _disputed(request, found, user=request.user)


def _disputed(request: HttpRequest, found: Comment | Feedback, *, user: Any) -> HttpResponse:
    if (answer := turned_away(request, user=user)) is not None:
        return answer
    data = request.POST if request.method == "POST" else None
    form = NoticeForm(data, initial={"once": new_secret()}, has_account=user is not None)
    status, is_sent = 200, False
    if request.method == "POST" and form.is_valid():
        try:
            dispute(found, form.complaint(language_for(user)), user=user, now=timezone.now())
            is_sent = True
        except InvalidAddress:
            form.add_error("email", _("We cannot send a letter to this address. Please check it."))
    if form.errors:
        status = 400
    context = {"form": form, "disputed": found, "is_sent": is_sent, "kept": period("NOTICE").label}
    return render(request, "marketplace/notice.html", context, status=status)
