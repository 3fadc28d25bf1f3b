"""Stylesheets, scripts and pictures as production serves them: named by their content, packed, kept by browsers."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from runner import check, places

_ASK: Final = """
import json, django
django.setup()
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client
call_command("collectstatic", verbosity=0, interactive=False)
found = {}
for name in ("tokens.css", "site.css", "desk.css", "mark.svg", "cookies.js"):
    answer = Client().get(static(name), secure=True, headers={"host": "qlekta.example", "accept-encoding": "gzip"})
    found[name] = {"path": static(name), "status": answer.status_code, **answer.headers}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process in production mode answers, without any database."""
    production = {**check.production(), "VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    environment = {**os.environ, **production, "DJANGO_SETTINGS_MODULE": "qlekta.settings"}
    words = [sys.executable, "-c", _ASK]
    said = subprocess.run(words, env=environment, cwd=places.PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(said.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", ["tokens.css", "site.css", "desk.css", "mark.svg", "cookies.js"])
def test_a_file_is_named_by_its_content_packed_and_kept_for_good(served: dict[str, Any], name: str) -> None:
    answer, stem = served[name], Path(name).stem
    assert re.fullmatch(rf"/static/{stem}\.[0-9a-f]{{12}}\{Path(name).suffix}", answer["path"])
    assert answer["status"] == 200
    assert answer["Cache-Control"] == "max-age=315360000, public, immutable"
    if name.endswith("css"):
        assert answer["Content-Encoding"] == "gzip"
        assert answer["Vary"] == "Accept-Encoding"


def test_the_styles_of_a_page_are_small(served: dict[str, Any]) -> None:
    assert sum(int(served[name]["Content-Length"]) for name in ("tokens.css", "site.css")) < 8_000


@pytest.mark.parametrize("name", ["site.css", "desk.css"])
def test_no_colour_is_named_outside_the_tokens(name: str) -> None:
    """One list of colours, so that the night and a new brand are changed in one place."""
    style = (places.PROJECT / "static" / name).read_text(encoding="utf-8")
    values = re.findall(r":([^{};]*);", style)
    assert [
        value
        for value in values
        if re.search(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|\b(?:white|black|red)\b", value)
    ] == []
