"""Spells out the acts that declarations cite in short ("GDPR Art. 17(3)(e)"), in the reader's language (Art. 12(1)).

What is stored and signed keeps the short form; only pages and letters spell it.
"""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from datamap.terms import Text

_PLACE: Final = r"\d+(?:\(\d+\))?(?:\([a-z]\))?"
_CITATION: Final = re.compile(rf"(?P<before>[A-Z]+ )?Art\. (?P<places>{_PLACE}(?:, {_PLACE})*)(?P<after> [A-Z]+)?")
_SECTION: Final = re.compile(rf"(?P<law>(?:[A-Z][a-z]+ )+Law) s\. (?P<places>{_PLACE})")
_CLAUSE: Final = re.compile(r"\bpolicy (?P<clause>\d+(?:\.\d+)*)")
_PARTS: Final = re.compile(r"(?P<article>\d+)(?:\((?P<paragraph>\d+)\))?(?:\((?P<point>[a-z])\))?")


@dataclass(frozen=True, slots=True)
class Act:
    """A law by its short name, and the forms of a citation: of the whole, an article, a paragraph, a point."""

    name: str
    whole: Text
    article: Text
    paragraph: Text
    point: Text

    def spelt(self, places: str) -> str:
        """`5(2), 17(3)(e)` in the words of the active language."""
        return str(self.whole).format(places=", ".join(self._place(place) for place in places.split(", ")))

    def _place(self, place: str) -> str:
        parts = _PARTS.fullmatch(place)
        if parts is None:
            return place
        form = self.point if parts["point"] else self.paragraph if parts["paragraph"] else self.article
        return str(form).format(**parts.groupdict())


def cited(text: str, acts: dict[str, Act]) -> str:
    """The text with every citation of a known act and of our policy spelt out; all else stays as it was written."""

    def spell(found: re.Match[str]) -> str:
        name = (found["before"] or found["after"] or "").strip()
        return acts[name].spelt(found["places"]) if name in acts else found[0]

    def spell_section(found: re.Match[str]) -> str:
        return acts[found["law"]].spelt(found["places"]) if found["law"] in acts else found[0]

    return _CLAUSE.sub(_clause, _SECTION.sub(spell_section, _CITATION.sub(spell, text)))


def _clause(found: re.Match[str]) -> str:
    return gettext("clause %(clause)s of our privacy policy") % found.groupdict()
