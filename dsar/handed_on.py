"""Takes over a message that came as an enquiry, as a question about data with its own time of arrival (Q19.3)."""

from datetime import datetime
from typing import Any, Final

from datamap.handing_on import Heard, NotTaken, Plea
from datamap.terms import Right
from dsar.deadlines import Channel
from dsar.entering import Told, enter_message
from dsar.refusals import CaseError
from dsar.services import file_request
from dsar.steps import Step

_CHANNELS: Final = {
    Heard.FORM: Channel.PORTAL_TOKEN,
    Heard.SPOKEN: Channel.ORAL,
    Heard.MESSENGER: Channel.MESSENGER,
}


def take(plea: Plea, *, by: Any, now: datetime) -> str:
    """Open the question; the desk turns it into the rights that it asks for. For `REQUEST_TAKERS`.

    What somebody wrote while logged in is hers; of everything else the desk checks whose it is. Raises NotTaken.
    """
    if plea.user is not None:
        return file_request(
            user=plea.user,
            right=Right.GENERAL,
            channel=Channel.PORTAL_AUTH,
            text=plea.text,
            received_at=plea.arrived_at,
            now=now,
        ).number
    told = Told(
        channel=_CHANNELS[plea.heard],
        arrived_at=plea.arrived_at,
        rights=[Right.GENERAL],
        text=plea.text,
        language=plea.language,
        email=plea.address,
    )
    try:
        (case,) = enter_message(told, step=Step(by=by, reason="handed on from an enquiry", now=now))
    except CaseError as refusal:
        raise NotTaken(str(refusal)) from refusal
    return case.number
