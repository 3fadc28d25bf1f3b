"""Texts are published once, never changed, and never without their Latvian master."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from consent import texts
from consent.models import TextVersion
from consent.rendering import wording
from consent.services import publish_texts
from consent.terms import ConsentPurpose

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def draft(root: Path, code: str, version: str, *, material: bool = True, **languages: str) -> None:
    folder = root / code / version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "version.toml").write_text(f"valid_from = {version}\nmaterial = {str(material).lower()}\n")
    for language, body in languages.items():
        (folder / f"{language}.txt").write_text(f"Title\n\n{body}\n")


@pytest.mark.clause("Q0.3")
def test_a_version_without_latvian_is_refused_and_nothing_is_published(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2019-01-01", lv="Teksts", en="Text")
    draft(tmp_path, "policy", "2019-02-01", en="Text")
    before = TextVersion.objects.count()
    with pytest.raises(texts.TextError, match="no Latvian text"):
        texts.publish(now=NOW, root=tmp_path)
    assert TextVersion.objects.count() == before


def test_publishing_twice_publishes_nothing_more(published_texts: None) -> None:
    assert publish_texts(now=NOW) == 0


def test_a_translation_can_follow_later(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "sample", "2019-01-01", lv="Teksts")
    assert texts.publish(now=NOW, root=tmp_path) == 1
    draft(tmp_path, "sample", "2019-01-01", lv="Teksts", ru="Текст")
    assert texts.publish(now=NOW, root=tmp_path) == 1
    russian = TextVersion.objects.get(code="SAMPLE", language="ru")
    assert russian.master is not None
    assert russian.master.language == "lv"


@pytest.mark.clause("Q20.1")
def test_published_words_cannot_change(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "sample", "2019-01-01", lv="Teksts")
    texts.publish(now=NOW, root=tmp_path)
    draft(tmp_path, "sample", "2019-01-01", lv="Cits teksts")
    with pytest.raises(texts.TextError, match="make a new version"):
        texts.publish(now=NOW, root=tmp_path)


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_alter_a_published_text(published_texts: None, change: str) -> None:
    one = TextVersion.objects.filter(language="lv")
    with pytest.raises(DatabaseError), transaction.atomic():
        one.update(body="x") if change == "update" else one._raw_delete("default")
    assert not TextVersion.objects.filter(body="x").exists()


def test_every_consent_has_words_in_three_languages_that_name_controller_and_withdrawal(published_texts: None) -> None:
    withdrawal = {
        "lv": "Piekrišanu varu atsaukt jebkurā laikā",
        "en": "I can withdraw this at any time",
        "ru": "отозвать в любое время",
    }
    for purpose in ConsentPurpose:
        for language, sentence in withdrawal.items():
            words = wording(purpose, language=language)
            assert words.language == language
            assert "SIA Qlekta" in words.text, purpose
            assert sentence in words.text, purpose


def test_the_version_of_the_day_is_the_newest_in_force(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "sample", "2019-01-01", lv="Pirmais")
    draft(tmp_path, "sample", "2020-01-01", lv="Otrais")
    texts.publish(now=NOW, root=tmp_path)
    assert texts.current_text("SAMPLE", language="lv", on=date(2019, 12, 31)).body == "Pirmais"
    assert texts.current_text("SAMPLE", language="lv", on=date(2020, 1, 1)).body == "Otrais"


def test_a_text_never_published_cannot_be_used(db: None) -> None:
    with pytest.raises(texts.NotPublishedError):
        texts.current_text("NOTHING", language="lv", on=date(2026, 1, 1))


def test_the_command_says_in_a_sentence_what_is_wrong(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2019-02-01", en="Text")
    with pytest.raises(CommandError, match="no Latvian text"):
        call_command("publish_texts", root=tmp_path)


def test_a_text_with_a_place_that_nothing_fills_is_refused(db: None, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2019-02-01", lv="Rakstiet uz {fax_number}")
    with pytest.raises(texts.TextError, match="fax_number"):
        texts.publish(now=NOW, root=tmp_path)
