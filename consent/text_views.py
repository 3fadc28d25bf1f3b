"""Every version of the policy and of each consent's wording, and what differs between two (policy clause 20)."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from consent import texts
from consent.differences import Kind, differences
from consent.models import TextVersion
from consent.rendering import blocks
from consent.terms import ConsentPurpose
from datamap.terms import Text


@require_safe
def policy_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What a version of the policy changed, beside the one before it or the one that `from` names."""
    return _changes(request, texts.POLICY, slug)


@require_safe
def wordings(request: HttpRequest) -> HttpResponse:
    """The wordings of all consents, every version of them."""
    masters = TextVersion.objects.filter(code__in=ConsentPurpose.values, language=texts.MASTER)
    shown: dict[Text, list[tuple[TextVersion, TextVersion]]] = {purpose.label: [] for purpose in ConsentPurpose}
    for master in masters.prefetch_related("translations").order_by("-valid_from", "-version"):
        shown[ConsentPurpose(master.code).label].append((master, texts.in_language(master, _language())))
    return render(request, "consent/wordings.html", {"wordings": shown})


@require_safe
def wording(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """One version of the wording of one consent."""
    master = _master(_known(code), slug)
    text = texts.in_language(master, _language())
    context = {"text": text, "master": master, "blocks": list(blocks(text)), "earlier": _earlier(master).first()}
    return render(request, "consent/wording.html", context)


@require_safe
def wording_changes(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """What a version of the wording of a consent changed."""
    return _changes(request, _known(code), slug)


def _changes(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    new = _master(code, slug)
    earlier = _earlier(new)
    old = _master(code, request.GET["from"]) if "from" in request.GET else earlier.first()
    language = _common_language(new, old)
    after, before = texts.in_language(new, language), texts.in_language(old, language) if old else None
    paragraphs = differences(before, after) if before else []
    context = {
        "new": after,
        "old": before,
        "earlier": earlier,
        "paragraphs": paragraphs,
        "is_policy": code == texts.POLICY,
        "wanted": _language(),
        "counts": {kind.value: sum(part.kind == kind for part in paragraphs) for kind in Kind},
    }
    return render(request, "consent/changes.html", context)


def _common_language(new: TextVersion, old: TextVersion | None) -> str:
    """The language of the page, if both versions have it; the Latvian texts otherwise, which prevail."""
    wanted = _language()
    versions = [new, old] if old else [new]
    return wanted if all(texts.in_language(one, wanted).language == wanted for one in versions) else texts.MASTER


def _master(code: str, slug: str) -> TextVersion:
    found = TextVersion.objects.filter(code=code, version=slug, language=texts.MASTER).first()
    if found is None:
        raise Http404
    return found


def _earlier(master: TextVersion) -> QuerySet[TextVersion]:
    """The versions before this one, the newest first."""
    versions = TextVersion.objects.filter(code=master.code, language=texts.MASTER, valid_from__lte=master.valid_from)
    return versions.exclude(pk=master.pk).order_by("-valid_from", "-version")


def _known(code: str) -> str:
    if code.upper() not in ConsentPurpose.values:
        raise Http404
    return code.upper()


def _language() -> str:
    return get_language() or settings.LANGUAGE_CODE
