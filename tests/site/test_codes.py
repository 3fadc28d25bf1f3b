"""Lists of the desk say in words what the tables hold as codes: no code reads the same in two languages."""

import html
import re
from typing import Final

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db

CODE: Final = re.compile(r"[a-z]{3,}|[A-Z]{3,}|[A-Za-z]+([_.][A-Za-z]+)+")
CELL: Final = re.compile(r'<t[dh] class="field-(\w+)[^"]*"[^>]*>(.*?)</t[dh]>', re.DOTALL)
CHOICE: Final = re.compile(r'<a href="\?(\w+)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)

STAY: Final = {
    # Technical ledgers: what they hold is looked up by these very words.
    "audit.Entry",
    "outbox.Effect",
    "mailing.Suppression",
    "retention.SweepRun",
    # A text is published and cited by its code.
    "consent.TextVersion",
}
"""Lists that still show codes."""


def spoken(client: Client, address: str, language: str) -> set[tuple[str, str]]:
    """What a list shows in its cells and filters, by column."""
    page = client.get(address, headers={"accept-language": language})
    assert page.status_code == 200
    shown = CELL.findall(page.content.decode()) + CHOICE.findall(page.content.decode())
    return {(name, html.unescape(re.sub(r"<[^>]*>", "", value)).strip()) for name, value in shown}


def test_no_list_of_the_desk_shows_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_LISTINGS", "5")
    call_command("publish_texts")
    call_command("seed_demo")
    officer = User.objects.get(email="peteris@qlekta.example")
    officer.is_superuser = True
    officer.language = ""
    officer.save()
    client = Client()
    client.force_login(officer)
    raw, cells = {}, 0
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        latvian, english = (spoken(client, address, language) for language in ("lv", "en"))
        cells += len(latvian)
        same = {(name, value) for name, value in latvian & english if CODE.fullmatch(value)}
        if same:
            raw[model._meta.label] = same
    assert cells > 300
    assert {label: found for label, found in raw.items() if label not in STAY} == {}
    assert "audit.Entry" in raw, "a code that is left would not be found"
