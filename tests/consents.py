"""How the people of the tests consent: on the page of consents, in Latvian."""

from typing import Any, Final

from consent.terms import Method

HOW: Final[dict[str, Any]] = {"language": "lv", "method": Method.CONSENTS_PAGE, "place": "/privacy/consents/"}
