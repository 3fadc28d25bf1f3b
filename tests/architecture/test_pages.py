"""No external origin and nothing inline in any template (rule 7; security H2, S5)."""

import re
from pathlib import Path

import pytest

from tests.architecture.test_floors import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)
LOADS_ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|link|source|video|audio|embed|object)\b[^>]*(?:src|href|data)\s*=\s*[\"'](?:https?:)?//",
    re.IGNORECASE,
)


@pytest.mark.requirement("H2")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_nothing_inline_and_loads_nothing_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.parent.name != "package":
        assert INLINE.search(text) is None
    assert LOADS_ELSEWHERE.search(text) is None


def test_what_the_rule_looks_for_is_found() -> None:
    assert INLINE.search('<p style="color:red">')
    assert INLINE.search("<script>alert(1)</script>")
    assert not INLINE.search('<script src="/static/x.js" defer></script>')
    assert LOADS_ELSEWHERE.search('<img alt="" src="https://tracker.example/p.gif">')
    assert not LOADS_ELSEWHERE.search('<a href="https://www.dvi.gov.lv">')
