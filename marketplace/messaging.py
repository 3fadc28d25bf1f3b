"""Two people write to each other about a listing, and neither learns the other's address (policy clauses 8.5, 17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from datamap.terms import Text
from marketplace.letters import language_of, write_to
from marketplace.models import Conversation, Listing, Message, Participant
from marketplace.names import public_name
from marketplace.refusals import Refused
from marketplace.sides import sides_of

AN_HOUR: Final = timedelta(hours=1)
MOST_AN_HOUR: Final = 60
"""Messages that one person may send: more is no conversation."""
MOST_BEGUN: Final = 20
"""Conversations that one person may begin in an hour."""


class MessageRefused(Refused):
    """Nothing was sent; `message` is the sentence for the sender."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation as one of the two sees it."""

    conversation: Conversation
    mine: Participant
    other: Participant | None

    @property
    def name(self) -> Text:
        """What the other one is called; whoever has left is nobody (Q17.2)."""
        return public_name(self.other.user if self.other else None)

    @property
    def is_open(self) -> bool:
        """True while somebody is there who takes messages."""
        return self.other is not None and self.other.blocked_at is None and self.mine.blocked_at is None


def ask(listing: Listing, buyer: User, text: str, *, number: UUID, now: datetime) -> Conversation:
    """Write to the seller of a listing: in the conversation that stands, or in a new one.

    `number` is that of the message, from the form: sent twice it is one. Raises MessageRefused where nobody sells it,
    where it is one's own, where the seller takes no messages from this person, or after too many.
    """
    with transaction.atomic():
        seller = listing.seller
        if seller is None or not listing.is_open(now=now):
            raise MessageRefused(gettext_lazy("This is not offered any more, so nobody would answer."))
        if seller == buyer:
            raise MessageRefused(gettext_lazy("This is your own listing."))
        # Two first messages at once: who comes second waits for the row of the buyer.
        User.objects.select_for_update(no_key=True).get(pk=buyer.pk)
        conversation = _between(listing, buyer) or _begin(listing, seller, buyer, now=now)
        _send(conversation, buyer, text, number=number, now=now)
    return conversation


def answer(conversation: Conversation, sender: User, text: str, *, number: UUID, now: datetime) -> None:
    """Write to the other of the two. Raises MessageRefused where nobody is there to read it, and as `ask` does."""
    with transaction.atomic():
        _send(conversation, sender, text, number=number, now=now)


def block(conversation: Conversation, person: User, *, now: datetime) -> None:
    """Take no more messages of the other one, here and about other listings."""
    Participant.objects.filter(conversation=conversation, user=person, blocked_at=None).update(blocked_at=now)


def unblock(conversation: Conversation, person: User) -> None:
    """Take messages again, in every conversation with the other one."""
    others = Participant.objects.filter(conversation=conversation).exclude(user=person).values("user")
    mine = Participant.objects.filter(user=person, conversation__participants__user__in=others)
    mine.update(blocked_at=None)


def seen_by(person: User, conversation: Conversation) -> Shown | None:
    """The conversation as this person sees it; None where she takes no part in it."""
    sides = sides_of(conversation.participants.all(), person)
    return sides and Shown(conversation, *sides)


def conversations_of(person: User) -> QuerySet[Conversation]:
    """All conversations of a person, with the time of the last message as `last_at`, the newest first."""
    mine = Conversation.objects.filter(participants__user=person).select_related("listing")
    return mine.prefetch_related("participants__user").annotate(last_at=Max("messages__at")).order_by("-last_at", "-id")


def _between(listing: Listing, buyer: User) -> Conversation | None:
    side = Participant.objects.filter(user=buyer, is_buyer=True, conversation__listing=listing)
    return Conversation.objects.filter(participants__in=side).first()


def _begin(listing: Listing, seller: User, buyer: User, *, now: datetime) -> Conversation:
    begun = Participant.objects.filter(user=buyer, is_buyer=True, conversation__started_at__gt=now - AN_HOUR)
    if begun.count() >= MOST_BEGUN:
        raise MessageRefused(gettext_lazy("You have written to many sellers in this hour. Please go on later."))
    conversation = Conversation.objects.create(listing=listing, title=listing.title, started_at=now)
    for person, is_buyer in ((seller, False), (buyer, True)):
        Participant.objects.create(conversation=conversation, user=person, is_buyer=is_buyer)
    return conversation


def _send(conversation: Conversation, sender: User, text: str, *, number: UUID, now: datetime) -> None:
    shown = seen_by(sender, conversation)
    if shown is None or shown.other is None:
        raise MessageRefused(gettext_lazy("The other person has left Qlekta and cannot read messages any more."))
    if not shown.is_open or _is_blocked(sender, shown.other.user):
        raise MessageRefused(gettext_lazy("No messages go back and forth between the two of you any more."))
    if Message.objects.filter(sender=sender, at__gt=now - AN_HOUR).count() >= MOST_AN_HOUR:
        raise MessageRefused(gettext_lazy("You have sent many messages in this hour. Please go on later."))
    is_first = _waits_for(shown.other.user, conversation)
    try:
        with transaction.atomic():
            Message.objects.create(pk=number, conversation=conversation, sender=sender, text=text, at=now)
    except IntegrityError:
        return  # the same message once more: a second click
    if is_first:
        _tell(shown.other.user, conversation, now=now)


def _is_blocked(sender: User, reader: User) -> bool:
    """True where the reader takes nothing from the sender in any conversation of the two."""
    both = Participant.objects.filter(user=sender, conversation=OuterRef("conversation"))
    return Participant.objects.filter(Exists(both), user=reader, blocked_at__isnull=False).exists()


def _waits_for(reader: User, conversation: Conversation) -> bool:
    """True where the reader wrote last, or nobody yet: one letter says that there is something to read, not each."""
    last = conversation.messages.order_by("-at", "-id").first()
    return last is None or last.sender_id == reader.pk


def _tell(reader: User, conversation: Conversation, *, now: datetime) -> None:
    """A letter that says that there is a message; neither what it says nor who wrote it."""
    with translation.override(language_of(reader)):
        heading = _("You have a message about a listing")
        paragraphs = [_("Read it and answer on our site, so that neither of you learns the other's address.")]
        link, label = reverse("marketplace:conversation", args=[conversation.pk]), _("Read the message")
        write_to(reader, heading, paragraphs, link=link, label=label, now=now)
