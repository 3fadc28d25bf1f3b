"""How the desk says what the person's page says to her: staff are not addressed as the person."""

from django.utils.translation import gettext_lazy as _

from datamap.terms import Right, Text
from dsar.terms import ACTIONS, PERSON_ERASED, Stage

_RIGHTS: dict[Right, Text] = {
    Right.ACCESS: _("Access to data"),
    Right.RECTIFICATION: _("Correction of data"),
    Right.ERASURE: _("Erasure of data"),
    Right.GENERAL: _("Question about data"),
}

_STAGES: dict[Stage, Text] = {
    Stage.CLARIFICATION_PENDING: _("waiting for the person's answer"),
    Stage.WITHDRAWN: _("withdrawn by the person"),
}

_ACTIONS: dict[str, Text] = {
    "asked_again": _("the person asked for the same again"),
    "identified_by_login": _("accepted by log-in"),
    "identified_by_email_code": _("accepted by a code sent to the address"),
    "identified_by_known_facts": _("accepted: identity shown by facts"),
    "identified_by_id_document": _("accepted: identity shown by a document"),
    "identified_by_not_needed": _("accepted: no proof of identity is needed"),
    "shown_before": _("our question stayed unanswered; what was shown before is enough"),
    "erasure_returned": _("proposed erasure taken back"),
    "identity_proposed": _("account proposed; a second person must find it too"),
    "identity_doubted": _("identity not shown yet"),
    "person_linked": _("person linked to her account"),
    "authority_checked": _("authority of the representative checked"),
    "message_from_person": _("message from the person"),
    "message_to_person": _("message to the person"),
    "withdrawn": _("withdrawn by the person"),
    "copy_made_available": _("copy made available"),
    "copy_fetched": _("copy downloaded by the representative"),
    "representative_may_fetch": _("the representative may download the copy"),
    "copy_ordered_again": _("copy ordered again"),
    "copy_downloaded": _("copy downloaded"),
    "caution_placed": _("delivery and erasure wait: the account was changed a short while ago"),
    "caution_placed_foreign": _(
        "delivery and erasure wait: the request came from an address that is not the account's"
    ),
    "caution_stopped": _("stopped from another address of the account"),
    "caution_upheld": _("looked into: the request was not the owner's"),
    "caution_released": _("looked into; it goes on"),
    "erasure_confirmed": _("erasure confirmed by the person"),
    PERSON_ERASED: _("the person's data were erased meanwhile"),
    "plan_changed": _("stopped: the data had changed, nothing was erased"),
    "asked_id": _("proof of identity asked for"),
    "letter_waits": _("the address had its letters for today: not asked yet, the clock runs"),
    "asked_document": _("identity document asked for, as the last step"),
    "file_from_person": _("file from the person"),
    "file_added": _("file added by staff"),
    "file_sorted": _("said what a file is"),
    "file_opened": _("file opened"),
    "original_opened": _("message opened as it arrived"),
    "file_destroyed": _("file destroyed: nobody had looked at it"),
    "asked_clar": _("asked what is meant"),
    "answer_arrived": _("answer of the person arrived"),
    "extended": _("time for the answer extended"),
    "restricted": _("processing restricted"),
    "child_said": _("the sender says that the person is under 16"),
    "child_marked": _("marked: the person may be under 16; everything about her is restricted"),
    "objected": _("processing stopped by the objection"),
    "grounds_proposed": _("compelling grounds proposed"),
    "objection_overruled": _("compelling grounds approved by a second person"),
    "consents_withdrawn": _("consents withdrawn"),
    "marketing_stopped": _("advertising stopped"),
    "profile_ended": _("consents to advertising behind this address ended"),
    "corrected": _("value corrected"),
    "recipients_ordered": _("recipients are to be told"),
    "assigned": _("said who handles it"),
    "conflict_named": _("named whom the complaint is about"),
    "recipient_settled": _("outcome of a recipient recorded"),
    "refusal_proposed": _("refusal proposed"),
    "refusal_returned": _("refusal not agreed to"),
    "fee_announced": _("fee announced"),
    "turned_into": _("turned into requests"),
    "entered": _("entered by staff from the message"),
    "reminded": _("person reminded of the question"),
    "notice_bounced": _("letter came back undelivered"),
}


def right_words(right: str) -> Text:
    """What a right is called on the desk."""
    return _RIGHTS.get(Right(right), Right(right).label)


def stage_words(stage: str) -> Text:
    """What a stage is called on the desk."""
    return _STAGES.get(Stage(stage), Stage(stage).label)


def action_words(action: str) -> Text:
    """What an event is called on the desk."""
    return _ACTIONS.get(action, ACTIONS.get(action, action))
