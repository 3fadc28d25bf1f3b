"""The pages of somebody without an account, and what went wrong."""

from typing import Final

from django.template.loader import render_to_string

from tests.browser.screens.ways import Screen, Visit, Way, at, first, letter, mailed, pressed, sent, then

_WRITER: Final = "kristine@example.lv"
_NEW: Final = "ilze@example.lv"
_FORGOT: Final = "demo10@example.lv"
_SURVEY: Final = "/surveys/lietotas-lietas/"


def _drawn(template: str, **words: object) -> Way:
    """A page that the site shows only when it is in trouble, drawn by itself; the first page lends it its place."""

    def go(visit: Visit) -> None:
        visit.page.goto("/")
        visit.page.set_content(render_to_string(template, words))

    return go


def _without_token(visit: Visit) -> None:
    visit.page.goto("/accounts/login/")
    visit.page.locator("[name=csrfmiddlewaretoken]").evaluate_all("all => all.forEach((one) => one.remove())")
    sent(lambda _: None, {"login": "x", "password": "x"})(visit)


def _too_large(visit: Visit) -> None:
    visit.page.goto("/accounts/login/")
    visit.page.locator("[name=password]").evaluate("field => { field.value = 'x'.repeat(3000000); }")
    sent(lambda _: None, {"login": "x"})(visit)


def _write(visit: Visit) -> None:
    sent(
        at("/contact/"),
        {"email": _WRITER, "text": "Labdien! Vai sludinājumā var mainīt pilsētu, ja prece jau ir rezervēta?"},
    )(visit)


def _ask(visit: Visit) -> None:
    sent(at("/privacy/requests/new/"), {"email": _WRITER, "right": "access"})(visit)


def _subscribe(visit: Visit) -> None:
    sent(at("/newsletter/"), {"email": _WRITER, "agreed": True, "old_enough": True})(visit)


def _sign_up(visit: Visit) -> None:
    values = {"email": _NEW, "password1": "Sarkana-upe-19", "given_name": "Ilze", "family_name": "Ābele"}
    sent(at("/accounts/signup/"), {**values, "age_confirmed": True})(visit)


def _forget_password(visit: Visit) -> None:
    sent(at("/accounts/password/reset/"), {"email": _FORGOT})(visit)


def _object(visit: Visit) -> None:
    sent(at("/privacy/archive/"), {"email": "harijs@example.lv"})(visit)


def _answer(visit: Visit) -> None:
    at(_SURVEY)(visit)
    visit.page.locator("main form [type=radio]").first.check()
    pressed(lambda _: None, "main form[method=post] button")(visit)


ASKED: Final = (Screen("banner", "The front page of a first visit", at("/")),)
READING: Final = (
    Screen("home", "The front page", at("/"), "home"),
    Screen("listings", "Listings", at("/listings/"), "marketplace:listings"),
    Screen("listings-nothing", "Listings, nothing found", at("/listings/?q=zzzzzz")),
    Screen("listing", "A listing", first("/listings/", "ul.listings .card:has(img) a"), "marketplace:listing"),
    Screen("cookies", "Cookie settings", at("/cookies/"), "cookies:settings"),
    Screen("privacy-visitor", "My privacy, without an account", at("/privacy/")),
    Screen("notice", "What we hold and why", at("/privacy/notice/"), "privacy:notice"),
    Screen("policy", "The privacy policy", at("/privacy/policy/"), "consent:policy"),
    Screen("policy-versions", "Versions of the policy", at("/privacy/policy/versions/"), "consent:policy-versions"),
    Screen(
        "policy-version",
        "A version of the policy",
        first("/privacy/policy/versions/", "main table a, main li a"),
        "consent:policy-version",
    ),
    Screen("consents-visitor", "Consents, without an account", at("/privacy/consents/")),
    Screen("wordings", "Wordings of the consents", at("/privacy/consents/wordings/"), "consent:wordings"),
    Screen(
        "wording",
        "A wording",
        first("/privacy/consents/wordings/", "main a[href*='/wordings/MARKETING']"),
        "consent:wording",
    ),
    Screen(
        "wording-changes",
        "What changed in a wording",
        then(first("/privacy/consents/wordings/", "main a[href*='COOKIE_ANALYTICS']"), "main a[href$='/changes/']"),
        "consent:wording-changes",
    ),
    Screen("help", "Help with your data", at("/privacy/help/"), "privacy:help"),
    Screen("help-see", "Help: see your data", at("/privacy/help/see/"), "privacy:help-topic"),
    Screen("help-delete", "Help: delete", at("/privacy/help/delete/")),
    Screen("transparency", "Open books", at("/privacy/transparency/"), "privacy:transparency"),
    Screen("surveys", "Surveys, promotions and draws", at("/surveys/"), "surveys:index"),
    Screen("survey-visitor", "A survey, without an account", at(_SURVEY)),
    Screen("api-docs", "The programming interface", at("/api/v1/docs/"), "api:docs"),
)
WRITING: Final = (
    Screen("log-in", "Log in", at("/accounts/login/"), "account_login"),
    Screen(
        "log-in-error",
        "Log in, after a mistake",
        sent(at("/accounts/login/"), {"login": "nobody@example.lv", "password": "x"}),
    ),
    Screen("sign-up", "Sign up", at("/accounts/signup/"), "account_signup"),
    Screen("sign-up-error", "Sign up, after mistakes", sent(at("/accounts/signup/"), {"email": "x", "password1": "1"})),
    Screen("sign-up-sent", "After signing up", _sign_up, "account_email_verification_sent"),
    Screen("email-confirm", "Confirm the address", mailed(_NEW, "confirm-email/"), "account_confirm_email"),
    Screen("email-confirm-old", "A link that is no good", at("/accounts/confirm-email/MQ:nothing/")),
    Screen("password-forgotten", "Password forgotten", at("/accounts/password/reset/"), "account_reset_password"),
    Screen("password-sent", "The letter for a new password", _forget_password, "account_reset_password_done"),
    Screen("password-new", "A new password", mailed(_FORGOT, "password/reset/key/"), "account_reset_password_from_key"),
    Screen(
        "password-done",
        "The new password is set",
        at("/accounts/password/reset/key/done/"),
        "account_reset_password_from_key_done",
    ),
    Screen("account-inactive", "An account that is closed", at("/accounts/inactive/"), "account_inactive"),
    Screen("request-visitor", "A request without an account", at("/privacy/requests/new/")),
    Screen("request-error", "A request, after a mistake", sent(at("/privacy/requests/new/"), {"email": "x"})),
    Screen("request-sent", "A request was sent", _ask, "privacy:request-sent"),
    Screen("case", "A case without an account", mailed(_WRITER, "/privacy/cases/"), "privacy:case"),
    Screen("contact", "Write to us", at("/contact/"), "enquiries:contact"),
    Screen("contact-problem", "Report a problem", at("/contact/?kind=problem")),
    Screen("contact-error", "Write to us, after a mistake", sent(at("/contact/"))),
    Screen("contact-sent", "An enquiry was sent", _write, "enquiries:sent"),
    Screen("enquiry", "An enquiry without an account", mailed(_WRITER, "/contact/e/"), "enquiries:by-link"),
    Screen("newsletter", "The newsletter", at("/newsletter/"), "newsletters:subscribe"),
    Screen("newsletter-error", "The newsletter, after a mistake", sent(at("/newsletter/"), {"email": "x"})),
    Screen("newsletter-sent", "The letter to confirm", _subscribe, "newsletters:sent"),
    Screen("newsletter-confirm", "Confirm", mailed(_WRITER, "/newsletter/confirm/"), "newsletters:confirm"),
    Screen("newsletter-confirmed", "Subscribed", pressed(lambda _: None, "main form[method=post] button")),
    Screen("survey-thanks", "A survey was answered", _answer, "surveys:thanks"),
    Screen("verify", "Check a receipt", at("/privacy/verify/"), "privacy:verify"),
    Screen("verify-error", "Check a receipt that is none", sent(at("/privacy/verify/"), {"text": "{}"})),
    Screen("archive", "Object to the archive", at("/privacy/archive/"), "privacy:archive-objection"),
    Screen("archive-sent", "The objection was sent", _object, "privacy:archive-objection-sent"),
    Screen(
        "archive-confirm",
        "Confirm the objection",
        mailed("harijs@example.lv", "/privacy/archive/"),
        "privacy:archive-objection-confirm",
    ),
)
TROUBLE: Final = (
    Screen("trouble-404", "A page that is not there", at("/no/such/page/")),
    Screen("trouble-403", "A form without its proof", _without_token),
    Screen("trouble-400", "A form that is too large", _too_large),
    Screen("trouble-429", "Too many attempts", _drawn("429.html")),
    Screen(
        "trouble-503",
        "The site is closed after a restore",
        _drawn("qlekta/closed.html", total=340, left=85, percent=75),
    ),
    Screen("trouble-link", "A link that is over", at("/newsletter/confirm/" + "s" * 43 + "/")),
    Screen("trouble-receipt", "A receipt that is not there", at("/privacy/receipts/" + "s" * 43 + "/")),
)
LETTERS: Final = (
    Screen("letter-confirm", "A letter: confirm your address", letter(_NEW, "")),
    Screen("letter-request", "A letter: your request has come", letter(_WRITER, "QP-")),
    Screen("letter-newsletter", "A letter: confirm the newsletter", letter(_WRITER, "jaunum")),
)
