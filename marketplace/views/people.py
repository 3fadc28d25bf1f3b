"""Public pages of people, and where one chooses the address of one's own (clauses Q8.12, Q14.8)."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from marketplace.forms import HandleForm
from marketplace.models import Handle
from marketplace.names import public_name
from marketplace.pages import page_of
from marketplace.people import HandleRefused, choose_handle, give_up_handle, is_gone, person_at
from marketplace.photos import with_first_photo
from marketplace.searching import PAGE, open_listings


@require_safe
def person(request: HttpRequest, handle: str) -> HttpResponse:
    """The chosen name and what is offered now. An address that was somebody's is gone for good (410)."""
    found = person_at(handle)
    if found is None:
        if not is_gone(handle):
            raise Http404
        return render(request, "marketplace/person_gone.html", status=410)
    offered = open_listings(now=timezone.now()).filter(seller=found).order_by("-published_at", "-id")
    context = {"name": public_name(found), "found": page_of(with_first_photo(offered), request.GET, size=PAGE)}
    return render(request, "marketplace/person.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_page(request: HttpRequest) -> HttpResponse:
    """Whether I have a public page, and under which address."""
    user = cast("User", request.user)
    held = Handle.objects.filter(user=user).first()
    form = HandleForm(request.POST or None, initial={"name": held.name if held else ""})
    if request.method == "POST" and form.is_valid():
        try:
            choose_handle(user, form.cleaned_data["name"], now=timezone.now())
        except HandleRefused as refusal:
            form.add_error("name", str(refusal))
        except User.DoesNotExist:
            return redirect("marketplace:own-page")  # whose session is gone as well: it leads to the log-in
        else:
            messages.success(request, _("Your public page has this address now."))
            return redirect("marketplace:own-page")
    context = {"form": form, "held": held, "name": public_name(user)}
    return render(request, "marketplace/own_page.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def end_own_page(request: HttpRequest) -> HttpResponse:
    """No public page any more."""
    if give_up_handle(cast("User", request.user)):
        messages.success(request, _("Your public page is gone. Nobody gets its address again."))
    return redirect("marketplace:own-page")
