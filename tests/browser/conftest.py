"""The try-it page in a real browser, against the real service on a day that does not change."""

import json
import shutil
from collections.abc import Iterator
from datetime import date

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from app.main import create_app
from app.settings import Mode, Settings
from tests.browser.try_it import TryIt
from tests.service import serving

TODAY = date(2026, 11, 22)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REFUSED = "Failed to load resource: the server responded with a status of 400"  # the browser's word for an answer that a test asks for
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with serving(create_app(Settings(mode=Mode.DEMO), today=lambda: TODAY)) as running:
        yield f"http://127.0.0.1:{running.port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it is open, no other test of this process can start one of its own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on the path")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains of. A test that provokes a complaint takes it out."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A new page, wide. Whatever the browser complains of, and any request to another machine, fails the test."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    page = context.new_page()
    elsewhere: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if is_here(request, address) else elsewhere.append(request.url))
    yield page
    context.close()
    assert elsewhere == []
    assert [each for each in complaints if not each.startswith(REFUSED)] == []


def is_here(request: Request, address: str) -> bool:
    return request.url.startswith((f"{address}/", "data:image/svg+xml,"))


@pytest.fixture
def try_it(page: Page, address: str) -> TryIt:
    """The page with the first sample open, which meets every criterion at L1."""
    return TryIt(page, address).open("eligible-uk")


@pytest.fixture(scope="session")
def chart(address: str) -> str:
    """A sample's Bundle as text, with every id and reference of a Bundle that has been on no server."""
    return json.dumps(httpx.get(f"{address}/demo/charts/two-fractures").json())
