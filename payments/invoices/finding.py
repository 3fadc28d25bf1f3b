"""How documents lead to a person: by her account, and once that is gone by the address it had (policy clause 4)."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth import get_user_model

from payments.models import Invoice
from vault.tokens import email_tokens


def of_addresses(emails: Iterable[str]) -> set[UUID]:
    """The documents of deleted accounts that had one of these addresses, for `Via`. Those of an account that lives are
    its own alone: whoever has its former address today is somebody else."""
    found = Invoice.objects.filter(email_token__in=email_tokens(emails))
    owners = dict(found.values_list("pk", "user_id"))
    living = set(get_user_model()._default_manager.filter(pk__in=owners.values()).values_list("pk", flat=True))
    return {number for number, owner in owners.items() if owner not in living}


def numbers_of_accounts(user_ids: Iterable[UUID]) -> set[str]:
    """What the documents of these accounts are called in the accounting register, for `Via`."""
    return set(Invoice.objects.filter(user_id__in=list(user_ids)).values_list("number", flat=True))


def numbers_of_addresses(emails: Iterable[str]) -> set[str]:
    """The same for deleted accounts that had one of these addresses."""
    return set(Invoice.objects.filter(pk__in=of_addresses(emails)).values_list("number", flat=True))
