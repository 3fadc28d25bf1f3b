"""Who receives personal data, from which country, under which safeguard (Art. 13(1)(e)-(f); policy clauses 8, 9)."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Recipient
from datamap.terms import RecipientRole, Safeguard

RECIPIENTS = (
    Recipient(
        code="MAILGUN",
        name="Mailgun Technologies, Inc.",
        role=RecipientRole.PROCESSOR,
        service=_("carries our e-mails to you"),
        country="US",
        safeguard=Safeguard.SCC,
        policy_url="https://www.mailgun.com/legal/privacy-policy/",
        contact="privacy@mailgun.com",
        handler="mailing.processor.MailgunHandler",
    ),
)
