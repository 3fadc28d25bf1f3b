"""How documents lead to a person: by her account, and once that is gone by the address it had (policy clause 4)."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet

from payments.models import Invoice
from vault.tokens import email_tokens


def of_addresses(emails: Iterable[str]) -> QuerySet[Invoice, UUID]:
    """The documents of deleted accounts that had one of these addresses, for `Via`. Those of an account that lives are
    its own alone: whoever has its former address today is somebody else."""
    owner = get_user_model()._default_manager.filter(pk=OuterRef("user_id"))
    found = Invoice.objects.filter(~Exists(owner), email_token__in=email_tokens(emails))
    return found.values_list("pk", flat=True)


def numbers_of_accounts(user_ids: Iterable[UUID]) -> QuerySet[Invoice, str]:
    """What the documents of these accounts are called in the accounting register, for `Via`."""
    return Invoice.objects.filter(user_id__in=list(user_ids)).values_list("number", flat=True)


def numbers_of_addresses(emails: Iterable[str]) -> QuerySet[Invoice, str]:
    """The same for deleted accounts that had one of these addresses."""
    return Invoice.objects.filter(pk__in=of_addresses(emails)).values_list("number", flat=True)
