"""The newsletter on the page of consents: what the addresses of an account are subscribed to by themselves (Q13.8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django import template

from newsletters.models import Subscription
from newsletters.stopping import way_out
from vault.tokens import email_token

register = template.Library()


@dataclass(frozen=True, slots=True)
class OwnSubscription:
    """One confirmed address of the account that has a subscription of its own, and the path that ends it."""

    address: str
    since: datetime
    way_out: str


@register.simple_tag
def newsletters_of(user: Any) -> list[OwnSubscription]:
    """The subscriptions of the confirmed addresses of this account; of others nobody learns here (security I2)."""
    addresses = EmailAddress.objects.filter(user=user.pk, verified=True).order_by("email")
    tokens = {email_token(address): address for address in addresses.values_list("email", flat=True)}
    found = Subscription.objects.filter(email_token__in=tokens).values_list("email_token", "confirmed_at")
    return [OwnSubscription(tokens[token], since, way_out(tokens[token], user_id=user.pk)) for token, since in found]
