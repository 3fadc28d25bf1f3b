"""Between two versions one reads what is new and what went, word by word, without colour too (Q20.1, Q20.4)."""

import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from consent import texts
from consent.differences import Kind, differences
from consent.models import TextVersion
from consent.terms import ConsentPurpose
from tests.consent.test_publishing import draft

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLD = "## 1. Dati\n\nMēs glabājam datus 20 nedēļas.\n\nTas paliek.\n\nŠis punkts pazūd pavisam."
NEW = "## 1. Dati\n\nMēs glabājam datus 10 nedēļas.\n\nTas paliek.\n\nPilnīgi cita <b>rindkopa</b> par sīkdatnēm."


def text(body: str) -> TextVersion:
    return TextVersion(title="T", body=body)


def test_a_changed_word_is_marked_and_the_rest_of_its_paragraph_is_not() -> None:
    found = differences(text(OLD), text(NEW))
    changed = next(part for part in found if part.kind is Kind.CHANGED)
    assert [(piece.kind, piece.text) for piece in changed.pieces if piece.kind is not Kind.SAME] == [
        (Kind.REMOVED, "20"),
        (Kind.ADDED, "10"),
    ]
    assert [part.kind for part in found] == ["same", "same", "changed", "same", "added", "removed"]


@given(*[st.lists(st.text("ab c.ž", min_size=1).map(str.strip).filter(bool), max_size=5) for _side in "ab"])
def test_both_versions_can_be_read_out_of_their_difference(old: list[str], new: list[str]) -> None:
    found = differences(text("\n\n".join(old)), text("\n\n".join(new)))

    def read(left_out: Kind) -> list[str]:
        parts = (
            "".join(piece.text for piece in part.pieces if piece.kind is not left_out)
            for part in found
            if part.kind is not left_out
        )
        return [part for part in parts if part]

    assert read(Kind.REMOVED) == ["T", *new]
    assert sorted(read(Kind.ADDED)) == sorted(["T", *old])


@pytest.mark.clause("Q20.1", "Q20.4")
@pytest.mark.usefixtures("published_texts")
def test_the_page_says_with_signs_what_changed_and_from_when(client: Client, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2026-10-01", lv=OLD)
    draft(tmp_path, "policy", "2026-11-20", lv=NEW, material=False)
    texts.publish(now=NOW, root=tmp_path)
    address = reverse("consent:policy-changes", args=["2026-11-20"])
    page = client.get(address).content.decode()
    assert re.findall(r'<(ins|del)><span class="sign">(.{2})</span>(\d+)<', page) == [
        ("del", "[−", "20"),
        ("ins", "[+", "10"),
    ]
    assert "&lt;b&gt;" in page
    assert '<time datetime="2026-11-20">' in page
    assert '<time datetime="2026-10-01">' in page
    assert 'href="?from=2020-05-10"' in page
    far = client.get(address, {"from": "2020-05-10"}).content.decode()
    assert '<time datetime="2020-05-10">' in far
    assert address in client.get(reverse("consent:policy-versions")).content.decode()
    for odd in ("1999-01-01", "", "<b>"):
        assert client.get(address, {"from": odd}).status_code == 404


@pytest.mark.usefixtures("published_texts")
def test_two_versions_are_compared_in_one_language(client: Client, tmp_path: Path) -> None:
    draft(tmp_path, "policy", "2026-10-01", lv=OLD, en="Old.")
    draft(tmp_path, "policy", "2026-11-20", lv=NEW)
    texts.publish(now=NOW, root=tmp_path)
    answer = client.get(reverse("consent:policy-changes", args=["2026-11-20"]) + "?lang=en")
    assert (answer.context["new"].language, answer.context["old"].language) == ("lv", "lv")
    assert "Latvian texts, which prevail" in unescape(answer.content.decode())


@pytest.mark.clause("Q20.1")
@pytest.mark.usefixtures("published_texts")
@pytest.mark.parametrize("language", ["lv", "en", "ru"])
def test_every_version_of_every_wording_stays_readable(client: Client, tmp_path: Path, language: str) -> None:
    draft(tmp_path, "loyalty", "2026-11-20", lv="Piekrītu visam jaunajam.")
    texts.publish(now=NOW, root=tmp_path)
    page = client.get(reverse("consent:wordings"), {"lang": language}).content.decode()
    for purpose in ConsentPurpose.values:
        versions = TextVersion.objects.filter(code=purpose, language="lv")
        assert versions
        for version in versions:
            address = reverse("consent:wording", args=[purpose, version.version])
            assert address in page
            one = client.get(address, {"lang": language}).content.decode()
            assert f'<time datetime="{version.valid_from}">' in one
    changes = reverse("consent:wording-changes", args=["LOYALTY", "2026-11-20"])
    assert changes in page
    assert "<del>" in client.get(changes).content.decode()
    assert client.get(reverse("consent:wording", args=["POLICY", "2020-05-10"])).status_code == 404
    assert client.get(reverse("consent:wording", args=["LOYALTY", "1999"])).status_code == 404
