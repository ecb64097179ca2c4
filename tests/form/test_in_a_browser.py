"""The form in a real browser: by hand on a phone's width, with what a person sees and what comes of it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.main import create_app
from app.settings import Mode, Settings
from tests.service import serving

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path")


@pytest.fixture
def page() -> Iterator[Any]:
    """The form for the patient who was not examined; whatever the browser complains of fails the test."""
    complaints: list[str] = []
    with serving(create_app(Settings(mode=Mode.DEMO))) as running, playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport=PHONE)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{running.port}/form?patient=missing-examination")
        page.wait_for_selector("#patient option", state="attached")
        yield page
        browser.close()
    assert complaints == []


def examined(page: Any, *, complete: bool = True) -> None:
    examination = page.get_by_role("group", name="Examination").first
    examination.get_by_label("Vertebra examined").select_option(label="L4")
    examination.get_by_role("radio", name="there", exact=True).check()
    if complete:
        examination.get_by_label("Day of examination").fill(datetime.now(UTC).date().isoformat())


def save(page: Any) -> None:
    page.get_by_role("button", name="Save the assessment").click()


def test_the_patient_asked_for_is_chosen(page: Any) -> None:
    assert page.locator("#patient").input_value() == "missing-examination"


def test_filled_in_and_saved_the_next_call_gives_the_met_card(page: Any) -> None:
    examined(page)
    page.get_by_role("button", name="Add another: Examination").click()
    save(page)
    page.wait_for_selector("#result h2")
    told = page.inner_text("#result")
    assert "criteria appear met at L4" in told
    assert "Tender at L4 on examination." in told
    page.get_by_text("The QuestionnaireResponse as kept").click()
    assert '"linkId": "examination.vertebral-tenderness"' in page.inner_text("#result")
    page.get_by_role("link", name="Open this chart and read the cards").click()
    page.wait_for_selector(".card.info")
    assert "criteria appear met at L4" in page.inner_text("#answer")


def test_a_part_begun_and_not_finished_is_not_saved(page: Any) -> None:
    examined(page, complete=False)
    save(page)
    page.wait_for_selector("#problem:not([hidden])")
    assert page.locator(":focus").get_attribute("id") == "examination.date.1"
    assert page.locator(":focus").get_attribute("aria-invalid") == "true"
    assert page.inner_text("#result") == ""


def test_a_second_copy_has_answers_of_its_own(page: Any) -> None:
    examined(page)
    page.get_by_role("button", name="Add another: Examination").click()
    assert page.locator(":focus").get_attribute("id") == "examination.level.2"
    second = page.get_by_role("group", name="Examination").nth(1)
    assert second.get_by_role("radio", name="not answered").is_checked()
    second.get_by_role("radio", name="not there", exact=True).check()
    assert page.get_by_role("group", name="Examination").first.get_by_role("radio", name="there", exact=True).is_checked()


def test_it_is_not_wider_than_a_phone(page: Any) -> None:
    boxes = [box for box in (element.bounding_box() for element in page.locator("main *").all()) if box]
    assert max(box["x"] + box["width"] for box in boxes) <= PHONE["width"]


def test_it_can_be_filled_in_with_the_keyboard_alone(page: Any) -> None:
    page.locator("#patient").focus()
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "fracture.level.1"
    page.keyboard.type("L4")
    assert page.locator(":focus").evaluate("select => select.selectedOptions[0].textContent") == "L4"
