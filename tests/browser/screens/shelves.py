"""All pages of which pictures are taken, in the order in which they are taken, and the page that shows them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from qlekta.demo.people import MARKETER
from tests.browser.screens import marketing, person, staff, visitor
from tests.browser.screens.taking import HEIGHTS, Shelf

FOLDER: Final = Path(__file__).resolve().parents[3] / "docs" / "screens"
SHELVES: Final = (
    Shelf("A first visit", visitor.ASKED, has_chosen=False),
    Shelf("Reading without an account", visitor.READING),
    Shelf("Writing without an account", visitor.WRITING),
    Shelf("What went wrong", visitor.TROUBLE),
    Shelf("Letters", visitor.LETTERS),
    Shelf("Privacy, with an account", person.PRIVACY, person.BUYER),
    Shelf("The account", person.ACCOUNT, person.BUYER),
    Shelf("Buying", person.MARKET, person.BUYER),
    Shelf("Selling", person.SELLING, person.SELLER),
    Shelf("Leaving", person.LEAVING_SCREENS, person.LEAVING),
    Shelf("The desk", staff.DESK, staff.OFFICER),
    Shelf("Advertising", marketing.CAMPAIGNS, MARKETER),
)


def index() -> Iterator[str]:
    """The lines of the folder's own page."""
    yield "# The pages as pictures\n"
    yield "Taken from the demo, in Latvian, by day; what is below the first screens is cut, and wide pages are made"
    yield "smaller. Days and hours in them are written over. Take them anew, after looking at what changed, with"
    yield "`.venv/bin/python -m tests.browser.screens` (`--dark --to FOLDER` shows them by night, `--only NAME` some)."
    for shelf in SHELVES:
        yield f"\n## {shelf.title}\n"
        yield f"| page | {' | '.join(f'{width} px' for width in HEIGHTS)} |"
        yield f"|---|{'---|' * len(HEIGHTS)}"
        for screen in shelf.screens:
            names = (f"{screen.name}-{width}.webp" for width in HEIGHTS)
            yield f"| {screen.title} | {' | '.join(f'[![]({name})]({name})' for name in names)} |"
