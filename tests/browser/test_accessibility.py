"""For everybody: keyboard, screen reader, contrast, a phone's width, light and dark."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.try_it import TryIt

PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1600, "height": 1000}
SCREENS = [("light", WIDE), ("dark", WIDE), ("light", PHONE), ("dark", PHONE)]
FORBIDDEN = {"serious", "critical"}
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => !each.closest(".scroll, pre, .unseen, .skip, .mark, [hidden]") && each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))"""


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found if each["impact"] in FORBIDDEN for node in each["nodes"]]


def as_opened(try_it: TryIt) -> None:
    """The first sample, as it stands."""


def with_everything_open(try_it: TryIt) -> None:
    """A chart of two fractures with a flag and a change, every fold open, an order drafted, feedback sent."""
    try_it.open("two-fractures")
    try_it.add("warfarin")
    expect(try_it.page.locator("[data-flag]")).to_have_count(1)
    try_it.choose_fact("Observation/two-fractures-oedema-l2")
    try_it.page.get_by_role("button", name="Remove from the chart").click()
    expect(try_it.page.locator("#change-list li")).to_have_count(2)
    try_it.hook("order-sign")
    try_it.page.select_option("#profile", "msac-au")
    expect(try_it.page.locator("#why summary")).to_contain_text("msac-au")
    try_it.page.locator(".card .dismiss").first.click()
    expect(try_it.page.locator("#sent-list li")).to_contain_text("The service took it")
    try_it.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")


@pytest.mark.parametrize("prepare", [as_opened, with_everything_open])
@pytest.mark.parametrize(("scheme", "size"), SCREENS, ids=["light", "dark", "light phone", "dark phone"])
def test_axe_finds_nothing_serious(try_it: TryIt, scheme: str, size: dict[str, int], prepare: Callable[[TryIt], None]) -> None:
    try_it.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    try_it.page.set_viewport_size({"width": size["width"], "height": size["height"]})
    prepare(try_it)
    assert serious(try_it.page) == []


@pytest.mark.parametrize("path", ["/docs", "/form?patient=missing-mri"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_other_pages(page: Page, address: str, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address + path)
    assert serious(page) == []


@pytest.mark.parametrize("prepare", [as_opened, with_everything_open])
def test_nothing_is_wider_than_a_phone(try_it: TryIt, prepare: Callable[[TryIt], None]) -> None:
    try_it.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    prepare(try_it)
    assert try_it.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert try_it.page.evaluate(TOO_WIDE) == []


def test_the_verdict_stays_in_sight_while_a_fact_is_changed_on_a_phone(try_it: TryIt) -> None:
    try_it.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    try_it.field("Score").scroll_into_view_if_needed()
    try_it.field("Score").fill("3")
    try_it.outcome("The criteria are not met")
    expect(try_it.page.locator(".outcome")).to_be_in_viewport()
    expect(try_it.field("Score")).to_be_in_viewport()


def test_a_chart_is_opened_changed_and_answered_with_the_keyboard_alone(try_it: TryIt) -> None:
    keyboard = try_it.page.keyboard
    try_it.page.locator("#patient").focus()
    keyboard.press("Tab")
    expect(try_it.page.get_by_role("radio", name="patient-view")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(try_it.page.get_by_role("radio", name="order-select")).to_be_checked()
    expect(try_it.page.locator("#order")).to_be_visible()
    keyboard.press("ArrowLeft")
    expect(try_it.page.locator("#order")).to_be_hidden()
    try_it.field("Score").focus()
    for _ in range(4):
        keyboard.press("ArrowDown")
    try_it.status("severe-pain", "Not met")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    try_it.outcome("The criteria are met")
    try_it.card("ta279CriteriaMet").locator(".dismiss").focus()
    keyboard.press("Enter")
    expect(try_it.page.locator("#sent-list li")).to_contain_text("Dismissed")


def test_what_changed_is_told_to_a_screen_reader(try_it: TryIt) -> None:
    try_it.add("cauda-equina")
    expect(try_it.page.get_by_role("status")).to_contain_text("New flag: neurological compromise. 1 card. critical:")


def test_every_sign_of_status_has_words(try_it: TryIt) -> None:
    try_it.open("missing-mri")
    for tag in try_it.page.locator("table .tag").all():
        assert tag.inner_text().replace("\n", "").strip("✓?✕") in {"Met", "Not known", "Not met"}
    expect(try_it.page.locator(".strip")).to_have_attribute("aria-label", "L1: 7 of 9 criteria met, not known")
