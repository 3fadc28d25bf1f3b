"""What several declarations of this app say in the same words."""

from django.utils.translation import gettext_lazy as _

from datamap.declarations import Via
from datamap.terms import keep, withhold

ACT = "GDPR Art. 5(2), 12"
PROOF = keep(_("shows what you asked for and how we answered"), act="GDPR Art. 5(2), 17(3)(e)")
ABOUT = Via("subject_token", by="vault.tokens.subject_tokens")
UNTIL_CONFIRMED = keep(
    _("needed to mail you the confirmation, then emptied"), act="GDPR Art. 12(3)", until="CONFIRMATION"
)
OF_CASE: dict[str, str | Via] = {
    "user": Via("case__subject_token", by="vault.tokens.subject_tokens"),
    "email": "case__email",
}
STAFF = withhold(_("who on our side decided; names of staff are not part of your data"))
