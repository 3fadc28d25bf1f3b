"""Logged out in the middle of a form: a second tab to log in, and what was typed is sent from the first."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import RunningSite
from tests.browser.walking import log_in
from tests.people import PASSWORD

TYPED = "Vai drīkstu zināt, kam jūs 2026. gadā nodevāt manu adresi? 🙂 مرحبا"


def test_a_request_is_filed_although_its_writer_was_logged_out(browser: Browser, running_site: RunningSite) -> None:
    with browser.new_context(
        base_url=running_site.url, locale="lv-LV", viewport={"width": 360, "height": 800}
    ) as context:
        page = context.new_page()
        log_in(page, "demo01@example.lv")
        page.goto("/account/")
        page.locator("#id_city").fill(TYPED)
        context.clear_cookies(name="sessionid")
        page.locator("form[action='/account/'] button").first.click()
        expect(page.locator("h1")).to_have_text("Jūs vairs neesat pieslēdzies")
        expect(page.locator("pre")).to_have_text(TYPED)
        with context.expect_page() as opened:
            page.get_by_role("link", name="Pieslēdzieties jaunā cilnē").click()
        tab = opened.value
        tab.locator("#id_login").fill("demo01@example.lv")
        tab.locator("#id_password").fill(PASSWORD)
        tab.locator("main form button").first.click()
        expect(tab.locator("h1")).to_have_text("Jūs atkal esat pieslēdzies")
        tab.close()
        page.get_by_role("button", name="Nosūtīt vēlreiz").click()
        expect(page.locator("h1")).to_have_text("Šī veidlapa bija atvērta pārāk ilgi")
        page.get_by_role("button", name="Nosūtīt vēlreiz").click()
        expect(page.locator("#id_city")).to_have_value(TYPED)
        expect(page.locator("h1")).to_have_text("Konts")
