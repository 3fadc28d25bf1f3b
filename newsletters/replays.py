"""After a restore a subscription that was ended since the backup is ended again, with its key (Q10.9)."""

from datetime import datetime

from consent.queries import current_status_of_token
from consent.terms import ConsentPurpose
from newsletters.models import Subscription
from newsletters.stopping import forget
from replay.kinds import afterwards


@afterwards
def forget_ended(*, now: datetime) -> None:
    """The consents are as they were when the site went down: what none of them carries any longer goes."""
    for token in Subscription.objects.values_list("email_token", flat=True).iterator():
        if not current_status_of_token(token, ConsentPurpose.MARKETING_EMAIL, now=now).permits:
            forget(token, now=now)
