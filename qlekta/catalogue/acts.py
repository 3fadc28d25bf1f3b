"""How the acts that declarations cite are spelt out in each language: one form for each depth of a citation."""

from django.utils.translation import pgettext_lazy

from datamap.acts import Act
from datamap.terms import Text


def _law(name: str, whole: Text) -> Act:
    """A law of Latvia, which is cited by sections and their parts."""
    return Act(
        name,
        whole=whole,
        article=pgettext_lazy("citation of a law of Latvia", "{article}"),
        paragraph=pgettext_lazy("citation of a law of Latvia", "{article}({paragraph})"),
        point=pgettext_lazy("citation of a law of Latvia", "{article}({paragraph})({point})"),
    )


ACTS = (
    Act(
        "GDPR",
        whole=pgettext_lazy("citation of the GDPR", "Art. {places} GDPR"),
        article=pgettext_lazy("citation of the GDPR", "{article}"),
        paragraph=pgettext_lazy("citation of the GDPR", "{article}({paragraph})"),
        point=pgettext_lazy("citation of the GDPR", "{article}({paragraph})({point})"),
    ),
    _law("Accounting Law", pgettext_lazy("citation of a law of Latvia", "Accounting Law s. {places}")),
    _law("Commercial Law", pgettext_lazy("citation of a law of Latvia", "Commercial Law s. {places}")),
)
