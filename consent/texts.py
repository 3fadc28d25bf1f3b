"""Publishing and finding the legal texts under `consent/texts/` (Q0.3, Q20.1, Q20.4).

A version is a directory `<code>/<version>/` with one file for each language and a `version.toml` that says from when it
holds and whether the change is material. The first line of a file is its title.
"""

import hashlib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from django.db import transaction
from django.db.models import Case, F, Q, When

from consent.models import TextKind, TextVersion
from consent.placeholders import gaps
from consent.policy_orders import order_letters
from consent.versions import ROOT

MASTER: Final = "lv"
POLICY: Final = "POLICY"


class TextError(Exception):
    """A text cannot be published; the message says which and why."""


class NotPublishedError(TextError):
    """Somebody needs a wording that was never published: no consent can rest on it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of one text as it lies on disk, in all its languages."""

    code: str
    version: str
    valid_from: date
    material: bool
    texts: Mapping[str, str]

    @property
    def kind(self) -> TextKind:
        return TextKind.POLICY if self.code == POLICY else TextKind.CONSENT


def fingerprint(text: str) -> str:
    """SHA-256 of the very characters that are shown."""
    return hashlib.sha256(text.encode()).hexdigest()


def drafts(root: Path = ROOT) -> Iterator[Draft]:
    """Every version on disk, in the order of code and version."""
    for about in sorted(root.glob("*/*/version.toml")):
        facts = tomllib.loads(about.read_text(encoding="utf-8"))
        files = (file for file in about.parent.iterdir() if file.suffix in {".txt", ".md"})
        yield Draft(
            code=about.parent.parent.name.upper(),
            version=about.parent.name,
            valid_from=_fact(facts, "valid_from", date, about),
            material=_fact(facts, "material", bool, about),
            texts={file.stem: file.read_text(encoding="utf-8").strip() for file in sorted(files)},
        )


Kind = TypeVar("Kind")


def _fact(facts: Mapping[str, Any], name: str, kind: type[Kind], about: Path) -> Kind:
    """A fact that a version must state: nobody may forget to say whether a change is material (Q20.2)."""
    value = facts.get(name)
    if not isinstance(value, kind):
        raise TextError(
            f"{about.parent.parent.name}/{about.parent.name}/version.toml must say {name} ({kind.__name__})."
        )
    return value


@transaction.atomic
def publish(*, now: datetime, root: Path = ROOT) -> int:
    """Publish what is new on disk and say how many texts that were; a second call publishes nothing.

    Raises TextError, and publishes nothing at all, where a version has no Latvian text, has an empty place, or differs
    from what was published under its name.
    """
    return sum(_publish_version(draft, now=now) for draft in drafts(root))


def _publish_version(draft: Draft, *, now: datetime) -> int:
    if MASTER not in draft.texts:
        raise TextError(f"{draft.code} {draft.version} has no Latvian text: the Latvian text prevails and must exist.")
    published = {text.language: text for text in TextVersion.objects.filter(code=draft.code, version=draft.version)}
    for language, words in draft.texts.items():
        if found := gaps(words):
            raise TextError(f"{draft.code} {draft.version} {language} has places that nothing fills: {sorted(found)}.")
    master = published.get(MASTER)
    count = 0
    for language in sorted(draft.texts, key=lambda name: name != MASTER):
        if language in published:
            _refuse_change(published[language], draft.texts[language])
            continue
        text = _row(draft, language, master=master, now=now)
        text.save(force_insert=True)
        count += 1
        if master is None:
            master = text
            order_letters(master, now=now)
    return count


def _refuse_change(published: TextVersion, text: str) -> None:
    if published.sha256 != fingerprint(text):
        raise TextError(f"{published} was published with other words and cannot change: make a new version.")


def _row(draft: Draft, language: str, *, master: TextVersion | None, now: datetime) -> TextVersion:
    text = draft.texts[language]
    title, _line, body = text.partition("\n")
    return TextVersion(
        kind=draft.kind,
        code=draft.code,
        version=draft.version,
        language=language,
        title=title.strip(),
        body=body.strip(),
        sha256=fingerprint(text),
        master=master,
        material=draft.material,
        valid_from=draft.valid_from,
        published_at=now,
    )


def current_master(code: str, *, on: date) -> TextVersion:
    """The Latvian text in force on a day; before the first version's day the first one, there was no other wording.

    Raises NotPublishedError where no version of this text was ever published.
    """
    found = current_masters([code], on=on).get(code)
    if found is None:
        raise NotPublishedError(f"The text {code} was never published: run the command publish_texts.")
    return found


def current_masters(codes: Collection[str], *, on: date) -> dict[str, TextVersion]:
    """The same for several texts, with their translations, in two questions; without those never published."""
    has_begun = Q(valid_from__lte=on)
    masters = TextVersion.objects.filter(code__in=codes, language=MASTER).order_by(
        "code",
        Case(When(has_begun, then=F("valid_from"))).desc(nulls_last=True),
        Case(When(has_begun, then=F("version"))).desc(nulls_last=True),
        "valid_from",
        "version",
    )
    return {master.code: master for master in masters.distinct("code").prefetch_related("translations")}


def in_language(master: TextVersion, language: str) -> TextVersion:
    """The translation, or English, or the Latvian text itself where there is none."""
    if language == MASTER:
        return master
    found = {text.language: text for text in master.translations.all()}
    return found.get(language) or found.get("en") or master


def current_text(code: str, *, language: str, on: date) -> TextVersion:
    """The text in force, in the language asked for or the nearest there is. Raises NotPublishedError."""
    return in_language(current_master(code, on=on), language)
