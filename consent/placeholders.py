"""The places in a text that are filled with the controller's facts when it is shown (Q0.1, contradiction X30)."""

import re
from typing import Final

from datamap.catalogue import catalogue

_PLACE: Final = re.compile(r"\{([a-z_]+)\}")


def filled(body: str) -> str:
    """The text with every place filled."""
    facts = _facts()
    return _PLACE.sub(lambda place: facts.get(place[1], place[0]), body)


def gaps(body: str) -> set[str]:
    """The places that nothing would fill: a text with one cannot be published."""
    facts = _facts()
    return {name for name in _PLACE.findall(body) if not facts.get(name)}


def _facts() -> dict[str, str]:
    controller = catalogue().controller
    return {"controller": controller.name, "privacy_email": controller.email}
