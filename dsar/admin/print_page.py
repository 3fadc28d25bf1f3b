"""A whole case on one page, for a paper file or the authority; masked unless a reason is given (Art. 5(2), 31)."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.revealing import RevealForm
from datamap.once import looking_once
from dsar.admin.case_page import CasePage, Route, page_facts
from dsar.attachments import frames_of
from dsar.models import Attachment, SubjectRequest
from mailing.models import OutgoingMessage
from retention.models import ErasureReceipt
from vault.keys import VaultError


@dataclass(frozen=True, slots=True)
class FilePrint:
    """A file with the hash of its content, by which a copy of it can be told from another; empty where it is gone."""

    file: Attachment
    sha256: str = ""


class PrintPage(CasePage):
    """Adds the page for print to the desk."""

    def print_urls(self) -> list[Route]:
        return [("<uuid:case_id>/print/", self._guarded(self.print_view), "print")]

    def print_view(self, request: HttpRequest, case_id: UUID) -> HttpResponse:
        """Masked by GET; in clear by POST with a reason, as on the page of the case. Either is a look on record."""
        case = self._case(request, str(case_id))
        if request.method != "POST":
            self._record_look(request, "printed", case, self.reason_for(request, case))
            return self._paper(request, case, revealed=False)
        form = RevealForm(request.POST)
        if not self.may_work(request):
            raise PermissionDenied
        if not form.is_valid():
            return self._page(request, case, revealed=False, form=form)
        reason = f"{self.reason_for(request, case)}: {form.cleaned_data['reason']}"
        self._record_look(request, "printed_in_clear", case, reason)
        with looking_once():
            return self._paper(request, case, revealed=True)

    def _paper(self, request: HttpRequest, case: SubjectRequest, *, revealed: bool) -> HttpResponse:
        written = OutgoingMessage.objects.filter(reference=case.number).order_by("created_at", "pk")
        receipts = ErasureReceipt.objects.filter(case_number=case.number).order_by("-id")[:1]
        facts = page_facts(case, written, receipts, whole=True)
        sent, found = facts["others"]
        context: dict[str, Any] = {
            **self._context(request),
            **facts,
            "title": case.number,
            "revealed": revealed,
            "is_nav_sidebar_enabled": False,
            "prints": list(prints_of([file for file, _readable in facts["files"]], in_clear=revealed)),
            "letters": sent,
            "receipt": found[0].document if found else None,
            "printed_at": timezone.now(),
            "printed_by": getattr(request.user, get_user_model().get_email_field_name()),
        }
        return render(request, "dsar/admin/print.html", context)


def prints_of(files: list[Attachment], *, in_clear: bool) -> Iterator[FilePrint]:
    """The files with their hashes; a masked page opens none."""
    for file in files:
        yield FilePrint(file, _hash_of(file) if in_clear and file.is_there else "")


def _hash_of(file: Attachment) -> str:
    digest = sha256()
    try:
        for frame in frames_of(file):
            digest.update(frame)
    except (VaultError, FileNotFoundError):
        return ""
    return digest.hexdigest()
