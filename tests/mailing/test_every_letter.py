"""Every letter that any test has written is looked at (tests/conftest.py); here, all of those about the account."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.adapter import AccountAdapter
from accounts.models import User
from mailing.composing import Letter
from mailing.sealing import open_letter
from tests.architecture.test_floors import MAY_IMPORT, ROOT
from tests.letters import last_message
from tests.mailing.reading import complaints
from tests.mailing.test_composing import composed

LINKS = {
    "activate_url": "https://evil.example/accounts/confirm-email/abc/",
    "password_reset_url": "https://evil.example/accounts/password/reset/key/1-abc/",
    "signup_url": "https://evil.example/accounts/signup/",
}
ACCOUNT_LETTERS = sorted(
    str(path.relative_to(ROOT / "templates")).removesuffix("_subject.txt")
    for path in ROOT.glob("templates/*/email/*_subject.txt")
)
LANGUAGES = sorted(dict(settings.LANGUAGES))


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ACCOUNT_LETTERS)
def test_a_letter_about_the_account_reads_well_in_every_language(person: User, prefix: str) -> None:
    read: dict[str, Letter] = {}
    for language in LANGUAGES:
        User.objects.filter(pk=person.pk).update(language=language)
        person.refresh_from_db()
        AccountAdapter().send_mail(prefix, person.email, {**LINKS, "user": person})
        read[language] = letter = open_letter(last_message())
        assert complaints(letter) == []
        assert letter.html.count("evil.example") == letter.text.count("evil.example") == 0
        assert f'<html lang="{language}">' in letter.html
        assert f'href="{settings.SITE_URL}/accounts/' in letter.html, "its button"
    assert len({letter.subject for letter in read.values()}) == len(LANGUAGES)
    assert len({_first_paragraph(letter) for letter in read.values()}) == len(LANGUAGES)


def test_allauth_writes_no_letter_that_is_not_ours() -> None:
    """A template that allauth brings and this site does not overwrite would leave in allauth's words."""
    import allauth

    theirs = {
        path.name
        for app in ("account", "mfa")
        for path in (Path(allauth.__file__).parent / "templates" / app / "email").glob("*_subject.txt")
        if not path.name.startswith(("login_code", "email_confirmation_code", "webauthn"))  # switched off here
    }
    ours = {Path(f"{prefix}_subject.txt").name for prefix in ACCOUNT_LETTERS}
    assert theirs - ours <= {"password_reset_code_subject.txt", "base_subject.txt"}


def test_letters_are_composed_in_one_place_alone() -> None:
    """What `compose` writes has text and HTML; nobody else makes a letter."""
    makers = {
        str(path.relative_to(ROOT))
        for app in MAY_IMPORT
        for path in (ROOT / app).rglob("*.py")
        if "from mailing.composing import" in (text := path.read_text(encoding="utf-8")) and " Letter(" in text
    }
    assert makers == set()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param({"heading": "One %(name)s"}, "left over: %(name)", id="a placeholder"),
        pytest.param({"heading": ""}, "subject ''", id="no subject"),
        pytest.param({"paragraphs": [None]}, "left over: None", id="a value that is missing"),
    ],
)
def test_what_is_wrong_with_a_letter_is_found(change: dict[str, Any], complaint: str) -> None:
    assert complaints(composed()) == []
    assert complaint in complaints(composed(**change))


@pytest.mark.parametrize(
    ("added", "complaint"),
    [
        pytest.param('<img src="https://open.example/1.gif">', "loads <img", id="a picture"),
        pytest.param('<a href="https://evil.example/">x</a>', "leads to https://evil.example/", id="a foreign link"),
        pytest.param("<p>surprise</p>", "only in HTML: ['surprise']", id="words the text lacks"),
    ],
)
def test_what_is_wrong_with_its_html_is_found(added: str, complaint: str) -> None:
    letter = composed()
    spoilt = Letter(letter.subject, letter.text, letter.html.replace("</body>", f"{added}</body>"))
    assert complaint in complaints(spoilt)


def _first_paragraph(letter: Letter) -> str:
    return letter.text.split("\n\n")[1]
