"""The ledger of what happened in the requests."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.ledger import LedgerRow
from audit.models import ActorKind
from datamap.terms import Text
from dsar.terms import ACTIONS, Stage


class CaseEvent(LedgerRow):
    """What happened in a case, append-only. Who of the staff acted, and why, is sealed under the case's key and fades
    with it; the case is named by its number only, so that nobody can be found here once the case file is gone."""

    case_number = models.CharField(_("case number"), max_length=24, db_index=True)
    action = models.CharField(_("what happened"), max_length=40)
    stage_before = models.CharField(_("stage before"), max_length=24, blank=True)
    stage_after = models.CharField(_("stage after"), max_length=24)
    actor_kind = models.CharField(_("done by"), max_length=10)
    rules = models.CharField(_("table of holidays"), max_length=20)
    sealed_note = models.TextField(blank=True, default="")

    class Meta(LedgerRow.Meta):
        verbose_name = _("event of a case")
        verbose_name_plural = _("events of cases")

    def __str__(self) -> str:
        return f"{self.case_number} {self.action}"

    @property
    def label(self) -> Text:
        """What happened, in the words for the person."""
        return ACTIONS.get(self.action, self.action)

    @property
    def before(self) -> Stage | None:
        """The stage before, in its words; none where the request began."""
        return Stage(self.stage_before) if self.stage_before else None

    @property
    def after(self) -> Stage:
        """The stage after, in its words."""
        return Stage(self.stage_after)

    @property
    def who(self) -> ActorKind:
        """Who acted: the person, the staff or the site."""
        return ActorKind(self.actor_kind)
