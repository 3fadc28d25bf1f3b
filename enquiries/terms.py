"""The words of enquiries: what is asked, by which way it came, how far it got, who wrote (policy clause 5)."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ANSWER: Final = "enquiries.answer_enquiry"
NOTE: Final = "enquiries.note_supportcontact"
"""The two permissions of staff: who notes what was said on the telephone need not read what others wrote."""

LONGEST_TEXT: Final = 10_000


class Kind(TextChoices):
    """What somebody wants."""

    QUESTION = "question", _("a question")
    OFFER = "offer", _("an offer")
    PROBLEM = "problem", _("a problem with the site")


class CameBy(TextChoices):
    """The source of an enquiry: our form, the telephone, or the messenger or page somebody wrote on (Q5.1, Q5.3)."""

    FORM = "form", _("the form on our site")
    PHONE = "phone", _("telephone")
    WHATSAPP = "whatsapp", "WhatsApp"
    TELEGRAM = "telegram", "Telegram"
    SIGNAL = "signal", "Signal"
    MESSENGER = "messenger", "Facebook Messenger"
    FACEBOOK = "facebook", _("our page on Facebook")
    INSTAGRAM = "instagram", _("our page on Instagram")
    OTHER = "other", _("another messenger or social network")


class State(TextChoices):
    """How far an enquiry got. Only an open one keeps the number or handle it came from beyond its term (Q5.15)."""

    OPEN = "open", pgettext_lazy("enquiry", "open")
    ANSWERED = "answered", pgettext_lazy("enquiry", "answered")
    CLOSED = "closed", pgettext_lazy("enquiry", "closed")


class Direction(TextChoices):
    """Who wrote."""

    FROM_PERSON = "from_person", _("from the person")
    TO_PERSON = "to_person", _("from us")
