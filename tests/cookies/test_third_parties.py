"""Other companies: nothing of them before consent, their own consent each, and only where a setting names them."""

from typing import Any

import pytest
from django.test import Client

from consent.models import ConsentEvent
from cookies.checks import check_third_parties

CHOICE = "/cookies/choice/"
THEIR_HOSTS = ("googletagmanager", "google-analytics", "youtube-nocookie", "facebook.com/plugins")


@pytest.fixture
def named(settings: Any) -> None:
    settings.GOOGLE_ANALYTICS_ID = "G-TEST1234"
    settings.YOUTUBE_VIDEO = "dQw4w9WgXcQ"
    settings.FACEBOOK_PAGE = "qlekta.example"


def home(client: Client) -> tuple[str, str]:
    """The page and the policy that the browser holds it to."""
    answer = client.get("/?lang=en")
    return answer.content.decode(), answer.headers["Content-Security-Policy"]


@pytest.mark.clause("Q11.11")
def test_where_no_setting_names_them_nobody_is_asked_about_them(visitor: Client) -> None:
    shown = visitor.get("/cookies/?lang=en").content.decode()
    assert not any(word in shown for word in ("Google Analytics", "YouTube", "Facebook"))
    assert "embed" not in home(visitor)[0]


@pytest.mark.clause("Q11.13", "Q11.14", "Q11.15")
@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("choice", ["", "reject"])
def test_before_consent_nothing_is_loaded_and_nothing_could_be(visitor: Client, choice: str) -> None:
    if choice:
        visitor.post(CHOICE, {"choice": choice})
    shown, policy = home(visitor)
    assert not any(host in policy for host in THEIR_HOSTS)
    assert "<iframe" not in shown
    assert "data-id=" not in shown
    assert shown.count("Agree and show it") == 2
    for key, link in (("youtube", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"), ("facebook", "facebook.com/qlekta")):
        assert f'value="show:{key}"' in shown
        assert link in shown, "it can be opened there without it being loaded here"


@pytest.mark.clause("Q11.13", "Q11.15")
@pytest.mark.usefixtures("named")
def test_a_press_in_the_box_shows_this_one_and_allows_no_other(visitor: Client) -> None:
    answer = visitor.post(CHOICE, {"choice": "show:youtube", "next": "/"})
    assert answer.status_code == 303
    shown, policy = home(visitor)
    assert "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" in shown
    assert "frame-src https://www.youtube-nocookie.com" in policy
    assert "facebook.com" not in policy
    assert 'value="show:facebook"' in shown
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.scope, event.method) == ("COOKIE_MARKETING", "youtube", "cookie_placeholder")
    assert event.evidence["hosts"] == "frame-src https://www.youtube-nocookie.com"


@pytest.mark.clause("Q11.11", "Q11.14")
@pytest.mark.usefixtures("named")
def test_analytics_loads_with_its_consent_on_public_pages_only(visitor: Client) -> None:
    visitor.post(CHOICE, {"choice": "save", "service": "google-analytics", "from": "settings"})
    shown, policy = home(visitor)
    assert 'data-id="G-TEST1234"' in shown
    assert "script-src 'self' https://www.googletagmanager.com" in policy
    for address in ("/accounts/login/", "/privacy/", "/cookies/", "/privacy/requests/without-account/"):
        assert "data-id=" not in visitor.get(address, follow=True).content.decode(), address
    visitor.cookies["_ga"] = "GA1.1.111.222"
    visitor.cookies["_ga_TEST1234"] = "GS1.1.3"
    answer = visitor.post(CHOICE, {"choice": "reject"})
    gone = {morsel.key for morsel in answer.cookies.values() if morsel["max-age"] in {0, "0"}}
    assert {"_ga", "_ga_TEST1234"} <= gone
    shown, policy = home(visitor)
    assert "data-id=" not in shown
    assert "googletagmanager" not in policy


@pytest.mark.usefixtures("named")
def test_the_signal_of_the_browser_refuses_them_all(visitor: Client) -> None:
    answer = visitor.get("/", headers={"sec-gpc": "1"})
    assert not any(host in answer.headers["Content-Security-Policy"] for host in THEIR_HOSTS)
    assert "<iframe" not in answer.content.decode()
    assert 'id="cookie-banner"' not in answer.content.decode()


@pytest.mark.clause("Q11.7")
@pytest.mark.usefixtures("named")
def test_the_table_names_whose_frames_keep_what_this_site_cannot_see(visitor: Client) -> None:
    table = visitor.get("/cookies/?lang=en").content.decode().partition('<h2 id="cookies">')[2]
    rows = [row for row in table.split("<tr>") if "in its own name" in row]
    assert len(rows) == 2
    assert '<th scope="row">https://www.youtube-nocookie.com</th>' in rows[0]
    assert '<th scope="row">https://www.facebook.com</th>' in rows[1]
    assert all("https://policies.google.com/privacy" in row or "facebook.com/privacy" in row for row in rows)


@pytest.mark.usefixtures("named")
def test_the_banner_with_everything_switched_on_stays_small(visitor: Client) -> None:
    for language in ("lv", "en", "ru"):
        shown = visitor.get(f"/?lang={language}").content.decode()
        banner = shown.partition('<section id="cookie-banner"')[2].partition("</section>")[0]
        assert "Google Ireland Limited" in banner
        assert "Meta Platforms" in banner


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_ANALYTICS_ID", 'G-1"><script>'),
        ("GOOGLE_ANALYTICS_ID", "UA-123"),
        ("YOUTUBE_VIDEO", "https://youtu.be/dQw4w9WgXcQ"),
        ("FACEBOOK_PAGE", "a/../b"),
    ],
)
def test_a_setting_in_another_form_stops_the_start(settings: Any, name: str, value: str) -> None:
    assert not check_third_parties()
    setattr(settings, name, value)
    (error,) = check_third_parties()
    assert (error.id, name in error.msg) == ("cookies.E005", True)


@pytest.mark.usefixtures("named")
def test_a_refusal_in_place_changes_no_page_and_anything_else_loads_a_new_one(visitor: Client) -> None:
    part = visitor.post(CHOICE, {"choice": "reject", "next": "/"}, headers={"x-part": "1"})
    assert part.status_code == 200
    assert part.content.decode().lstrip().startswith('<section id="cookie-confirmation"')
    assert "cookie_consent" in part.cookies
    assert visitor.post(CHOICE, {"choice": "accept"}, headers={"x-part": "1"}).status_code == 303
    later = visitor.post(CHOICE, {"choice": "reject"}, headers={"x-part": "1"})
    assert later.status_code == 303, "what runs in the page ends with the page"
