"""The guide in a real browser: nothing that axe-core calls serious, light and dark, and no request that leaves the machine."""

import shutil
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = (
    "index",
    "connect/epic",
    "connect/cds-hooks-sandbox",
    "configure/map-local-codes",
    "configure/thresholds",
    "operate/troubleshoot",
    "clinical/rules",
    "architecture",
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test tells what matters."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(color_scheme=request.param, viewport={"width": 1280, "height": 900})
        browser.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_and_nothing_is_asked_of_others(page: Any, address: str, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/{name}.html")
    assert page.locator("article h1").count() == 1
    found = Axe().run(page).response["violations"]
    serious = [
        f"{each['id']}: {node['html'][:120]}" for each in found if each["impact"] in ("serious", "critical") for node in each["nodes"]
    ]
    assert serious == []
    assert [url for url in asked if not url.startswith(address)] == []
