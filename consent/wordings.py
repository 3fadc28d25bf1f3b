"""Which wording a consent was given to, for the person's own copy (Art. 7(1), 15)."""

from consent.models import TextKind, TextVersion
from consent.placeholders import filled


def wordings() -> dict[str, str]:
    """Hash of a wording -> its version and its text, as it was shown."""
    shown = TextVersion.objects.filter(kind=TextKind.CONSENT)
    return {text.sha256: f"{text.title} ({text.version}): {filled(text.body)}" for text in shown}
