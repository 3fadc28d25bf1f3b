"""The user agent becomes type, version, system and device, and nothing else of it is kept (Q5.12)."""

import pytest

from visits.browsers import Browser, browser_of
from visits.terms import Platform

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


@pytest.mark.clause("Q5.12")
@pytest.mark.parametrize(
    ("user_agent", "found"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Browser("Firefox", "140.0", "Linux", Platform.DESKTOP),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}",
            Browser("Chrome", "141.0", "Windows", Platform.DESKTOP),
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/141.0.0.0",
            Browser("Edge", "141.0", "Windows", Platform.DESKTOP),
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
            Browser("Chrome", "141.0", "Android", Platform.MOBILE),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Mobile Safari/604.1",
            Browser("Safari", "18.1", "iOS", Platform.MOBILE),
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1",
            Browser("Safari", "18.1", "iOS", Platform.TABLET),
        ),
        (
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            Browser("", "", "", Platform.ROBOT),
        ),
        ("curl/8.9.1", Browser("curl", "8.9", "", Platform.ROBOT)),
        ("", Browser()),
        ("\x00\x1b[31m", Browser()),
    ],
)
def test_a_browser_is_known_by_its_words(user_agent: str, found: Browser) -> None:
    assert browser_of(user_agent) == found
