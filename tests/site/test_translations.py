"""Nobody meets a sentence in a language that is not hers: every marked string has its Latvian and its Russian."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.test_floors import MAY_IMPORT, ROOT

LANGUAGES = sorted(path.parent.parent.name for path in ROOT.glob("locale/*/LC_MESSAGES/django.po"))
MARKERS = {"_", "pgettext_lazy", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "N_"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w+\}")
LITERAL = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
TEMPLATE_CALL = re.compile(rf"(?:gettext|ngettext|_)\({LITERAL}(?:,\s*{LITERAL})?")


def catalogue(language: str) -> Catalog:
    with (ROOT / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def marked_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS):
            continue
        first = 1 if node.func.id in WITH_CONTEXT else 0
        for argument in node.args[first : 2 if node.func.id in PLURAL else first + 1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def marked_in_template(path: Path) -> Iterator[str]:
    for literals in TEMPLATE_CALL.findall(templatize(path.read_text(encoding="utf-8"))):
        yield from (ast.literal_eval(literal) for literal in literals if literal)


def every_marked_string() -> set[str]:
    python = (path for app in MAY_IMPORT for path in (ROOT / app).rglob("*.py"))
    templates = (path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt"})
    found = {text for path in python for text in marked_in_python(path)}
    return found | {text for path in templates for text in marked_in_template(path)}


def known_ids(language: str) -> set[str]:
    return {part for message in messages(language) for part in _parts(message.id)}


def _parts(value: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """The forms of a message; an untranslated one has a single empty form."""
    return tuple(value) if isinstance(value, tuple | list) else (value or "",)


def test_latvian_is_there() -> None:
    assert "lv" in LANGUAGES


@pytest.mark.clause("Q5.6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_marked_string_is_missing(language: str) -> None:
    marked = every_marked_string()
    assert len(marked) > 500
    assert marked - known_ids(language) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated_in_all_its_forms(language: str) -> None:
    gaps = [message.id for message in messages(language) if message.fuzzy or not all(_parts(message.string))]
    assert gaps == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_loses_or_invents_a_placeholder(language: str) -> None:
    wrong = []
    for message in messages(language):
        allowed = {name for part in _parts(message.id) for name in PLACEHOLDER.findall(part)}
        needed = set(PLACEHOLDER.findall(_parts(message.id)[-1]))
        for form in _parts(message.string):
            used = set(PLACEHOLDER.findall(form))
            if used - allowed or (isinstance(message.id, str) and needed - used):
                wrong.append((message.id, form))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_keeps_no_string_that_nobody_uses(language: str) -> None:
    assert known_ids(language) - every_marked_string() == set()
