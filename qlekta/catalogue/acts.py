"""How the acts that declarations cite are spelt out in each language: one form for each depth of a citation."""

from django.utils.translation import pgettext_lazy

from datamap.acts import Act

ACTS = (
    Act(
        "GDPR",
        whole=pgettext_lazy("citation of the GDPR", "Art. {places} GDPR"),
        article=pgettext_lazy("citation of the GDPR", "{article}"),
        paragraph=pgettext_lazy("citation of the GDPR", "{article}({paragraph})"),
        point=pgettext_lazy("citation of the GDPR", "{article}({paragraph})({point})"),
    ),
)
