"""The pictures of docs/screens: how they are taken, and that the folder is what the list says."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser import screens
from tests.browser.conftest import RunningSite

NAMES = {
    f"{screen.name}-{width}.webp" for shelf, *_ in screens.SHELVES for screen in shelf for width in (360, 768, 1280)
}


def test_a_page_is_taken_at_each_width(
    browser: Browser, running_site: RunningSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first, *_), email, has_chosen = screens.SHELVES[1]
    monkeypatch.setattr(screens, "SHELVES", (((first,), email, has_chosen),))
    screens.take(browser, running_site.url, tmp_path)
    taken = {path.name: Image.open(path).width for path in tmp_path.glob("*.webp")}
    assert taken == {f"{first.name}-{width}.webp": width for width in (360, 768, 1280)}


def test_the_folder_holds_each_picture_of_the_list_and_no_other() -> None:
    assert {path.name for path in screens.FOLDER.glob("*.webp")} == NAMES
    assert (screens.FOLDER / "README.md").read_text(encoding="utf-8") == "\n".join(screens.index()) + "\n"
