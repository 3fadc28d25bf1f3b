"""The receipt of an erasure: the same list as the plan's, signed, found by a secret link (Art. 5(2), 12(3))."""

from datetime import datetime
from typing import Any, Final

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from audit.ledger import append
from datamap.catalogue import catalogue
from datamap.registry import registry
from datamap.terms import RecipientRole
from retention.models import ErasureReceipt, ErasureRun, RunState
from vault import signing
from vault.tokens import secret_digest, token

TYPE: Final = "qlekta-erasure-receipt/1"

Fact = tuple[str, str]
"""What a receipt says in one line: the name of it, and the words."""


def issue(run: ErasureRun, *, now: datetime) -> ErasureReceipt:
    """Sign and append the receipt of a verified run, in the caller's transaction and the active language."""
    document = signing.signed(_document(run))
    secret = _secret(run)
    return append(
        ErasureReceipt(case_number=run.case_number, secret_digest=secret_digest(secret), document=document, at=now)
    )


def receipt_of(run: ErasureRun) -> ErasureReceipt:
    """The latest receipt of this run."""
    return ErasureReceipt.objects.filter(case_number=run.case_number).order_by("-id")[0]


def receipt_by_secret(secret: str) -> ErasureReceipt | None:
    """The receipt behind a person's secret link; None for any other text."""
    return ErasureReceipt.objects.filter(secret_digest=secret_digest(secret)).order_by("-id").first()


def receipt_document(receipt: ErasureReceipt) -> dict[str, Any]:
    """The signed document as the person downloads it."""
    return dict(receipt.document)


def secret_of(receipt: ErasureReceipt) -> str:
    """The secret of the person's link, derived again from the site's token key: it is stored nowhere."""
    return _secret(ErasureRun.objects.get(case_number=receipt.case_number))


def verify_document(document: dict[str, Any]) -> bool:
    """True where this site signed exactly this document; anything else, of whatever shape, is just not valid."""
    return document.get("type") == TYPE and signing.is_ours(document)


def facts_of(document: dict[str, Any]) -> list[Fact] | None:
    """What a signed receipt of another kind says, read by the app that issued it; None for any other text."""
    if not signing.is_ours(document):
        return None
    readings = (import_string(path)(document) for path in registry().receipt_readers)
    return next((facts for facts in readings if facts is not None), None)


def _secret(run: ErasureRun) -> str:
    # Derived, so that a worker that was killed after the commit can still send the same link.
    return token(str(run.id), purpose="erasure-receipt")


def _document(run: ErasureRun) -> dict[str, Any]:
    site = catalogue()
    return {
        "type": TYPE,
        "case_number": run.case_number,
        "state": run.state,
        "state_label": _state_sentence(run),
        "executed_at": run.executed_at.isoformat(),
        "verified_at": run.verified_at.isoformat() if run.verified_at else None,
        "controller": {
            "name": site.controller.name,
            "registration_number": site.controller.registration_number,
            "address": site.controller.address,
            "email": site.controller.email,
        },
        **run.lines,
        "archive_until": run.archive_ends_at.isoformat() if run.archive_ends_at else None,
        "findings": len(run.findings),
        "objected_to_archive": run.objected_to_archive,
        "out_of_scope": _out_of_scope(),
        "authority": {
            "name": str(site.authority.name),
            "address": site.authority.address,
            "url": site.authority.url,
        },
        "key_id": signing.key_id(),
    }


def _state_sentence(run: ErasureRun) -> str:
    if run.state == RunState.DONE:
        return _("Done. We searched for your data afterwards and found none but what is listed as kept.")
    return _(
        "Not finished: we searched afterwards and found more (tables: %(count)s). A person is dealing with it."
    ) % {"count": len(run.findings)}


def _out_of_scope() -> list[str]:
    """What no erasure here can reach, said openly."""
    site = catalogue()
    sentences = [
        _("%(name)s decides on its own about the data it holds: %(contact)s")
        % {"name": recipient.name, "contact": recipient.contact or recipient.policy_url}
        for recipient in site.recipients.values()
        if recipient.role in {RecipientRole.CONTROLLER, RecipientRole.JOINT_CONTROLLER, RecipientRole.AUTHORITY}
    ]
    sentences.append(_("What other people wrote about you in their own words. You can ask us about a single text."))
    if traces := site.periods.get("TRACES"):
        sentences.append(
            _(
                "Traces on our own disks: the database clears deleted rows, and its own log of changes, after %(term)s"
                " at most. Single bytes may lie unread in freed space until others are written over them; what was"
                " encrypted for you cannot be read there once its key is destroyed."
            )
            % {"term": traces.label}
        )
    if backup := site.periods.get("BACKUP"):
        sentences.append(
            _("Backups: they expire after %(term)s, and a restored one is erased again.") % {"term": backup.label}
        )
    return sentences
