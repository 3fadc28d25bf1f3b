"""The letter that was ordered last: several may be of one moment, and the outbox alone knows their order."""

from mailing.models import OutgoingMessage
from outbox.models import Effect


def last_message(**whose: str) -> OutgoingMessage:
    """Of all letters, or of those to one address."""
    effects = Effect.objects.filter(aggregate__startswith="message:").values_list("aggregate", "sequence")
    order = {aggregate.removeprefix("message:"): sequence for aggregate, sequence in effects}
    return max(OutgoingMessage.objects.filter(**whose), key=lambda message: order.get(str(message.pk), 0))
