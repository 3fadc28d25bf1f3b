"""Second factors are stored sealed with the person's own key, never in the clear (requirement C7)."""

import base64
import binascii
import logging
from uuid import UUID

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter

from vault.keys import VaultError, seal, unseal

logger = logging.getLogger(__name__)

_CONTEXT = "mfa_authenticator|data|{owner}"


def seal_secret(secret: str, *, owner: UUID) -> str:
    """The secret of a second factor as it is stored: `<owner's id>.<base64 of the sealed bytes>`."""
    sealed = seal(owner, secret.encode(), context=_CONTEXT.format(owner=owner))
    return f"{owner}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal_secret(stored: str) -> str:
    """The secret again. Raises VaultError where the key is gone or a byte was changed."""
    owner_text, _, body = stored.partition(".")
    try:
        owner, sealed = UUID(owner_text), base64.urlsafe_b64decode(body)
    except (ValueError, binascii.Error) as error:
        raise VaultError("a stored second factor has lost its form") from error
    return unseal(owner, sealed, context=_CONTEXT.format(owner=owner)).decode()


class MFAAdapter(DefaultMFAAdapter):
    """allauth's second factor with sealed secrets; a seal that does not open refuses like a wrong code."""

    def encrypt(self, text: str) -> str:
        return seal_secret(text, owner=context.request.user.pk)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal_secret(encrypted_text)
        except VaultError:
            logger.exception("a stored second factor does not open")
            raise self.validation_error("incorrect_code") from None
