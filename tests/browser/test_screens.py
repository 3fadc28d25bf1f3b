"""The pictures of docs/screens: how they are taken, that the folder is what the list says, and what has none."""

import dataclasses
import fnmatch
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.conftest import RunningSite
from tests.browser.screens.shelves import FOLDER, SHELVES, index
from tests.browser.screens.taking import Studio, take
from tests.browser.screens.untaken import UNTAKEN
from tests.site.addresses import every_name

SCREENS = [screen for shelf in SHELVES for screen in shelf.screens]
WIDTHS = {360: 360, 768: 576, 1280: 768}


def test_a_page_is_taken_at_each_width(browser: Browser, running_site: RunningSite, tmp_path: Path) -> None:
    shelf = dataclasses.replace(SHELVES[1], screens=SHELVES[1].screens[:1])
    assert take(Studio(browser, running_site.url, running_site.mail, tmp_path), shelf) == []
    taken = {path.name: Image.open(path).width for path in tmp_path.glob("*.webp")}
    assert taken == {f"home-{width}.webp": kept for width, kept in WIDTHS.items()}


def test_a_way_that_leads_elsewhere_gives_no_picture(
    browser: Browser, running_site: RunningSite, tmp_path: Path
) -> None:
    astray = dataclasses.replace(SHELVES[1].screens[0], page="marketplace:listings")
    shelf = dataclasses.replace(SHELVES[1], screens=(astray,))
    (fault,) = take(Studio(browser, running_site.url, running_site.mail, tmp_path), shelf)
    assert "home is not marketplace:listings" in fault
    assert list(tmp_path.iterdir()) == []


def test_the_folder_holds_each_picture_of_the_list_and_no_other() -> None:
    names = [f"{screen.name}-{width}.webp" for screen in SCREENS for width in WIDTHS]
    assert len(names) == len(set(names))
    assert {path.name for path in FOLDER.glob("*.webp")} == set(names)
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == "\n".join(index()) + "\n"
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 12_000_000


def test_every_address_has_a_picture_or_a_reason_why_not() -> None:
    shown = {screen.page for screen in SCREENS if screen.page}
    excuses = [excuse for some in UNTAKEN.values() for excuse in some.split()]
    excused = {excuse: set(fnmatch.filter(every_name(), excuse)) for excuse in excuses}
    assert [excuse for excuse, names in excused.items() if not names or names & shown] == []
    assert every_name() - shown - set().union(*excused.values()) == set()
