"""Nothing is written past the catalogues: no bare words in templates, no column of the desk with a name of its code."""

import re
from pathlib import Path
from typing import Final

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets, label_for_field
from django.test import RequestFactory
from django.utils.translation import override

from accounts.models import User
from dsar.models import SubjectRequest
from tests.architecture.test_floors import MAY_IMPORT, ROOT

TEMPLATES: Final = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
SAME_EVERYWHERE: Final = {"Qlekta", "PDF", "XML", "SHA", "ISO", "IEC", "TS", "Kantara", "Enter"}
"""Names, abbreviations and keys that no language translates."""

SAID_ELSEWHERE: Final = re.compile(
    r"{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", re.DOTALL
)
READ_OUT: Final = re.compile(r'\b(?:title|aria-label|placeholder|alt|label|data-label)="([^"]*)"')
WORD: Final = re.compile(r"[^\W\d_]{2,}")


def bare_words(template: str) -> set[str]:
    """What a reader would see or hear of a template that no catalogue knows."""
    text = SAID_ELSEWHERE.sub(" ", template)
    shown = " ".join([*READ_OUT.findall(text), re.sub(r"<[^>]*>", " ", text)])
    return set(WORD.findall(re.sub(r"&\w+;", " ", shown))) - SAME_EVERYWHERE


@pytest.mark.clause("Q5.6")
def test_no_template_says_a_word_past_the_catalogues() -> None:
    found = {str(path.relative_to(ROOT)): words for path in TEMPLATES if (words := bare_words(_text(path)))}
    assert len(TEMPLATES) > 150
    assert found == {}


def test_a_word_past_the_catalogues_is_found() -> None:
    assert bare_words('<p>Sveiki, {% translate "you" %} {{ name }}</p>') == {"Sveiki"}
    assert bare_words('<a aria-label="Aizvērt" href="close"></a>') == {"Aizvērt"}
    assert bare_words("{% blocktranslate %}All of <b>this</b>{% endblocktranslate %} Qlekta &nbsp;") == set()


@pytest.mark.parametrize("language", ["lv", "ru"])
def test_no_column_or_field_of_the_desk_has_an_english_name(language: str) -> None:
    request = RequestFactory().get("/admin/")
    request.user = User(is_staff=True, is_superuser=True)
    english, seen = set(), 0
    for model, page in admin.site._registry.items():
        # The case has a page of its own, which shows none of the fields as they are.
        if model._meta.app_label not in MAY_IMPORT or model is SubjectRequest:
            continue
        for name in {*page.get_list_display(request), *flatten_fieldsets(page.get_fieldsets(request))}:
            labels = set()
            for each in ("en", language):
                with override(each):
                    labels.add(str(label_for_field(name, model, page)))
            seen += 1
            if len(labels) == 1 and name not in {"__str__", "id"}:
                english.add(f"{model._meta.label}.{name}: {labels}")
    assert seen > 300
    assert english == set()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
