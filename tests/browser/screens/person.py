"""The pages of somebody with an account."""

from typing import Final

from tests.browser.screens.ways import Screen, Visit, at, first, sent, staying, then

BUYER: Final = "demo01@example.lv"
SELLER: Final = "anna@example.lv"
LEAVING: Final = "demo40@example.lv"
_LISTING: Final = first("/listings/", "ul.listings .card:has(img) a")


def _delete(visit: Visit) -> None:
    at("/account/delete/")(visit)
    sent(lambda _: None, {"confirm": True}, button="main button.danger")(visit)
    visit.page.locator("main a[href$='receipt.json']").wait_for(timeout=90_000)


def _public_page(visit: Visit) -> None:
    sent(at("/people/mine/"), {"name": "annas-lietas"})(visit)
    at("/people/annas-lietas/")(visit)


_FILE_ACCESS: Final = sent(at("/privacy/requests/new/?right=access"))
PRIVACY: Final = (
    Screen("home-person", "The front page, logged in", at("/")),
    Screen("privacy", "My privacy", at("/privacy/"), "privacy:portal"),
    Screen("timeline", "The time line", at("/privacy/timeline/"), "privacy:timeline"),
    Screen("requests-none", "No requests yet", at("/privacy/requests/"), "privacy:request-list"),
    Screen("request", "A new request", at("/privacy/requests/new/?right=access"), "privacy:request-new"),
    Screen(
        "request-copy", "A copy is ready", staying(_FILE_ACCESS, "main a[href$='/package/']"), "privacy:request-detail"
    ),
    Screen(
        "package",
        "Download the copy",
        then(first("/privacy/requests/", "main a[href*='/requests/QP']"), "main a[href$='/package/']"),
        "privacy:package-download",
    ),
    Screen("requests", "Requests", at("/privacy/requests/")),
    Screen(
        "request-open",
        "A request that waits",
        sent(at("/privacy/requests/new/"), {"right": "rectification", "text": "Manā uzvārdā ir kļūda."}),
    ),
    Screen("privacy-open", "My privacy, with an open request", at("/privacy/")),
    Screen("consents", "Consents", at("/privacy/consents/"), "consent:consents"),
    Screen("loyalty", "Loyalty", at("/privacy/loyalty/"), "loyalty:page"),
    Screen("profile", "Own profile of interests", at("/privacy/profile/"), "profiling:page"),
    Screen("delete", "Delete my account", at("/account/delete/"), "account-delete"),
    Screen(
        "delete-error",
        "Delete my account, not confirmed",
        sent(at("/account/delete/"), {}, button="main button.danger"),
    ),
    Screen("enquiries-none", "No enquiries yet", at("/contact/mine/")),
    Screen("contact-person", "Write to us, logged in", at("/contact/")),
    Screen("enquiry-sent", "An enquiry was sent", sent(at("/contact/"), {"text": "Vai varu mainīt pilsētu?"})),
    Screen("enquiries", "Own enquiries", at("/contact/mine/"), "enquiries:own-list"),
    Screen("enquiry-person", "Own enquiry", first("/contact/mine/", "main a[href*='/contact/mine/']"), "enquiries:own"),
    Screen("survey", "A survey", at("/surveys/lietotas-lietas/"), "surveys:page"),
)
ACCOUNT: Final = (
    Screen("account", "Account", at("/account/"), "account"),
    Screen("account-error", "Account, after a mistake", sent(at("/account/"), {"phone": "x"})),
    Screen("account-email", "E-mail address", at("/accounts/email/"), "account_email"),
    Screen("account-sessions", "Devices", at("/accounts/sessions/"), "usersessions_list"),
    Screen("account-password", "Change the password", at("/accounts/password/change/"), "account_change_password"),
    Screen(
        "account-password-error",
        "Change the password, after mistakes",
        sent(at("/accounts/password/change/"), {"oldpassword": "x", "password1": "1", "password2": "2"}),
    ),
    Screen("second-factor", "Second factor", at("/accounts/2fa/"), "mfa_index"),
    Screen("second-factor-new", "Switch the second factor on", at("/accounts/2fa/totp/activate/"), "mfa_activate_totp"),
    Screen("log-out", "Log out", at("/accounts/logout/"), "account_logout"),
)
MARKET: Final = (
    Screen("messages", "Messages", at("/messages/"), "marketplace:conversations"),
    Screen("listing-ask", "Write to the seller", then(_LISTING, "main a[href$='/ask/']"), "marketplace:ask"),
    Screen("listing-buy", "Buy", then(_LISTING, "main a[href$='/order/']"), "marketplace:offer"),
    Screen("listing-buy-error", "Buy, after a mistake", sent(then(_LISTING, "main a[href$='/order/']"))),
    Screen("listing-comment", "Comment", then(_LISTING, "main a[href$='/comment/']"), "marketplace:comment"),
    Screen("listing-report", "Report a listing", then(_LISTING, "main a[href$='/report/']"), "marketplace:report"),
    Screen("orders-none", "No orders yet", at("/orders/")),
    Screen(
        "order",
        "An order",
        sent(then(_LISTING, "main a[href$='/order/']"), {"payment": "cash", "delivery": "collection"}),
        "marketplace:order",
    ),
    Screen("orders", "Orders", at("/orders/"), "marketplace:orders"),
    Screen("own-page", "Own public page", at("/people/mine/"), "marketplace:own-page"),
    Screen("invoices", "Invoices", at("/payments/invoices/"), "payments:invoices"),
)
SELLING: Final = (
    Screen("mine", "Own listings", at("/listings/mine/"), "marketplace:mine"),
    Screen("sell", "Place a listing", at("/listings/new/"), "marketplace:begin"),
    Screen("sell-error", "Place a listing, after mistakes", sent(at("/listings/new/"))),
    Screen("sell-what", "Change a listing", first("/listings/mine/", "main a[href$='/what/']"), "marketplace:what"),
    Screen(
        "sell-photos",
        "Photos",
        then(first("/listings/mine/", "main h2 a"), "main a[href$='/photos/']"),
        "marketplace:photos",
    ),
    Screen(
        "sell-price",
        "The price",
        then(first("/listings/mine/", "main a[href$='/what/']"), "main a[href$='/price/']"),
        "marketplace:price",
    ),
    Screen(
        "sell-contact", "Contact details", first("/listings/mine/", "main a[href$='/contact/']"), "marketplace:contact"
    ),
    Screen("sell-first", "Show it first", first("/listings/mine/", "main a[href$='/place/']"), "marketplace:place"),
    Screen("orders-seller", "Orders of a seller", at("/orders/")),
    Screen("order-seller", "An order, of the seller", first("/orders/", "main h2 a")),
    Screen("messages-seller", "Messages of a seller", at("/messages/")),
    Screen("conversation", "A conversation", first("/messages/", "main h2 a"), "marketplace:conversation"),
    Screen(
        "conversation-report",
        "Report a conversation",
        then(first("/messages/", "main h2 a"), "main a[href$='/report/']"),
        "marketplace:report-conversation",
    ),
    Screen("person", "A public page", _public_page, "marketplace:person"),
)
LEAVING_SCREENS: Final = (Screen("erased", "The receipt of a deletion", _delete, "privacy:receipt"),)
