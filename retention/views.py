"""Pages for people without an account: the check of a receipt, and the objection to the six-year archive."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from audit.client import client_ip
from datamap.catalogue import catalogue
from retention.forms import ObjectionForm, ReceiptForm
from retention.objections import TooManyAttempts, ask_for_link, look, object_by_link, sentence_of
from retention.receipts import facts_of, verify_document
from vault import signing


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Say whether this site signed the receipt that was pasted or uploaded; nothing of it is stored."""
    form = ReceiptForm(request.POST, request.FILES) if request.method == "POST" else ReceiptForm()
    context = {"form": form, "keys": signing.published_keys()}
    if form.is_bound and form.is_valid():
        document = form.cleaned_data["document"]
        erasure, facts = verify_document(document), facts_of(document)
        context |= {"checked": True, "valid": erasure or facts is not None, "facts": facts, "receipt": document}
    return render(request, "retention/verify.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def archive_objection(request: HttpRequest) -> HttpResponse:
    """Ask for an address and mail it a link: the answer is the same for every address (policy clause 10)."""
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ask_for_link(
                form.cleaned_data["email"],
                language=translation.get_language() or "",
                ip=client_ip(request),
                now=timezone.now(),
            )
        except TooManyAttempts:
            return render(request, "429.html", status=429)
        return redirect("privacy:archive-objection-sent")
    return render(request, "retention/archive_objection.html", {"form": form}, status=400 if form.errors else 200)


@never_cache
@require_safe
def archive_objection_sent(request: HttpRequest) -> HttpResponse:
    """The one answer for everybody."""
    return render(request, "retention/archive_objection_sent.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def archive_objection_confirm(request: HttpRequest, secret: str) -> HttpResponse:
    """What is archived under the address that the link was mailed to, and the button that has it destroyed."""
    now = timezone.now()
    context: dict[str, object] = {"authority": catalogue().authority}
    if request.method == "POST":
        try:
            result = object_by_link(secret, ip=client_ip(request), now=now)
        except TooManyAttempts:
            return render(request, "429.html", status=429)
        found = result is not None
        context |= {"result": result, "sentence": sentence_of(result) if result else ""}
    else:
        waiting = look(secret, now=now)
        found = waiting is not None
        context |= {"waiting": waiting}
    response = render(request, "retention/archive_objection_confirm.html", context, status=200 if found else 410)
    # Not "no-referrer": a browser would then send the form with the origin "null", and the form would be refused.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
