"""The form in a real browser: by hand on a phone's width, with what a person sees and what comes of it."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page

from app.main import create_app
from app.settings import Mode, Settings
from tests.form.conftest import PHONE
from tests.form.filling import examined, serious_issues
from tests.service import serving


@pytest.fixture
def page(blank: Page) -> Iterator[Page]:
    """The form for the patient who was not examined."""
    with serving(create_app(Settings(mode=Mode.DEMO))) as running:
        blank.goto(f"http://127.0.0.1:{running.port}/form?patient=missing-examination")
        blank.wait_for_selector("#patient option", state="attached")
        yield blank


def save(page: Page) -> None:
    page.get_by_role("button", name="Save the assessment").click()


def test_the_patient_asked_for_is_chosen(page: Page) -> None:
    assert page.locator("#patient").input_value() == "missing-examination"


def test_filled_in_and_saved_the_next_call_gives_the_met_card(page: Page) -> None:
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


def test_a_part_begun_and_not_finished_is_not_saved(page: Page) -> None:
    examined(page, complete=False)
    save(page)
    page.wait_for_selector("#problem:not([hidden])")
    assert page.locator(":focus").get_attribute("id") == "examination.date.1"
    assert page.locator(":focus").get_attribute("aria-invalid") == "true"
    assert page.inner_text("#result") == ""


def test_a_second_copy_has_answers_of_its_own(page: Page) -> None:
    examined(page)
    page.get_by_role("button", name="Add another: Examination").click()
    assert page.locator(":focus").get_attribute("id") == "examination.level.2"
    second = page.get_by_role("group", name="Examination").nth(1)
    assert second.get_by_role("radio", name="not answered").is_checked()
    second.get_by_role("radio", name="not there", exact=True).check()
    assert page.get_by_role("group", name="Examination").first.get_by_role("radio", name="there", exact=True).is_checked()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_it(page: Page, scheme: Literal["light", "dark"]) -> None:
    """WCAG 2.2 as axe checks it, before and after saving."""
    page.emulate_media(color_scheme=scheme)
    assert serious_issues(page) == []
    examined(page)
    save(page)
    page.wait_for_selector("#result h2")
    assert serious_issues(page) == []


def test_it_is_not_wider_than_a_phone(page: Page) -> None:
    boxes = [box for box in (element.bounding_box() for element in page.locator("main *").all()) if box]
    assert max(box["x"] + box["width"] for box in boxes) <= PHONE["width"]


def test_it_can_be_filled_in_with_the_keyboard_alone(page: Page) -> None:
    page.locator("#patient").focus()
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "fracture.level.1"
    page.keyboard.type("L4")
    assert page.locator(":focus").evaluate("select => select.selectedOptions[0].textContent") == "L4"
