"""The dashboard in a real browser, without script: light, dark, and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.dashboard.figures import TABLES
from tests.browser.conftest import browser
from tests.browser.test_accessibility import PHONE, TOO_WIDE, WIDE, serious
from tests.dashboard.filled import fill
from tests.store.kept import service

__all__ = ["browser"]

SCREENS = [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with three weeks of calls, of three clients."""
    folder: Path = tmp_path_factory.mktemp("dashboard")
    database = f"sqlite:///{folder / 'store.sqlite3'}"
    with service(database) as running:
        fill(database)
        yield f"http://127.0.0.1:{running.port}"


@pytest.mark.parametrize("path", ["/dashboard", "/dashboard?client=nobody"])
def test_it_serves_everybody_and_asks_nobody_else(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(java_script_enabled=True)
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    for scheme, size in SCREENS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.goto(address + path)
        assert (scheme, size, serious(page)) == (scheme, size, [])
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.evaluate(TOO_WIDE) == []
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith((address, "data:image/svg+xml,"))] == []


def test_period_client_and_file_are_chosen_with_the_keyboard(browser: Browser, address: str) -> None:
    page = browser.new_page(accept_downloads=True)
    page.goto(f"{address}/dashboard")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the figures")).to_be_focused()
    page.get_by_role("link", name="7 days").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="St Example").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}/dashboard?days=7&client=St+Example")
    clients = page.get_by_role("region", name="By client and hook")
    assert {row.locator("td").first.inner_text() for row in clients.locator("tbody tr").all()} == {"St Example"}
    for table in TABLES:
        assert page.locator(f"#{table}").count() == 1
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="By day as CSV").focus()
        page.keyboard.press("Enter")
    assert downloaded.value.suggested_filename == "vacds-days-7-days.csv"
    page.close()
