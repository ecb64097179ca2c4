"""Cards as a health record shows them, and what a person answers: it arrives as feedback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, expect

from tests.browser.try_it import TryIt

MET = "ta279CriteriaMet"
FEEDBACK = "/cds-services/vertebral-augmentation-patient-view/feedback"


@contextmanager
def one_feedback(try_it: TryIt, path: str = FEEDBACK) -> Iterator[dict[str, Any]]:
    """The one item that is sent to this address meanwhile, which the service takes."""
    item: dict[str, Any] = {}
    with try_it.page.expect_response(lambda response: response.url == try_it.address + path) as answered:
        yield item
    sent = json.loads(answered.value.request.post_data or "")
    assert (answered.value.status, answered.value.json(), list(sent)) == (200, {}, ["feedback"])
    (only,) = sent["feedback"]
    item.update(only)


def shown_card(try_it: TryIt) -> Any:
    return try_it.message("Response")["cards"][0]


def hidden_pixels(card: Locator) -> int:
    """How much of the detail is folded away."""
    hidden: int = card.locator(".detail").evaluate("detail => detail.scrollHeight - detail.clientHeight")
    return hidden


def listed(try_it: TryIt) -> Locator:
    return try_it.page.locator("#sent-list li")


def test_a_card_shows_indicator_summary_source_detail_suggestion_and_links(try_it: TryIt) -> None:
    card, told = try_it.card(MET), shown_card(try_it)
    expect(card.locator(".tag").first).to_contain_text("Information")
    expect(card.get_by_role("heading", level=3).first).to_have_text(told["summary"])
    expect(card.locator(".source a")).to_have_attribute("href", "https://www.nice.org.uk/guidance/ta279")
    expect(card.get_by_role("button", name=told["suggestions"][0]["label"])).to_be_visible()
    card.get_by_text(f"Links ({len(told['links'])})").click()
    for link in card.locator(".card-body a").all():
        assert link.get_attribute("rel") == "noopener noreferrer"
    assert card.locator("details a").count() == len(told["links"])


def test_the_whole_detail_can_be_read_as_rendered_markdown(try_it: TryIt) -> None:
    card = try_it.card(MET)
    expect(card.locator(".detail table")).to_have_count(1)
    expect(card.locator(".detail tbody tr")).to_have_count(9)
    assert hidden_pixels(card) > 200
    card.get_by_role("button", name="Show the whole card").click()
    assert hidden_pixels(card) == 0
    expect(card.locator(".detail")).to_contain_text("Small risk of balloon rupture")
    expect(card.locator(".detail")).not_to_contain_text("**")


def test_a_link_in_a_folded_detail_unfolds_it_when_it_is_reached(try_it: TryIt) -> None:
    card = try_it.card(MET)
    card.locator(".detail a").first.focus()
    expect(card.get_by_role("button", name="Show less")).to_be_visible()


def test_accepting_a_suggestion_arrives(try_it: TryIt) -> None:
    told = shown_card(try_it)
    with one_feedback(try_it) as item:
        try_it.card(MET).get_by_role("button", name=told["suggestions"][0]["label"]).click()
    assert (item["card"], item["outcome"]) == (told["uuid"], "accepted")
    assert item["acceptedSuggestions"] == [{"id": told["suggestions"][0]["uuid"]}]
    assert "overrideReason" not in item
    expect(listed(try_it)).to_contain_text("The service took it: 200 {}")
    expect(try_it.card(MET).locator(".sent")).to_contain_text("Accepted: Draft a referral")


def test_overriding_with_a_reason_arrives(try_it: TryIt) -> None:
    told, card = shown_card(try_it), try_it.card(MET)
    expect(card.get_by_role("button", name="Override", exact=True)).to_be_disabled()
    offered = card.get_by_role("combobox").locator("option").all_inner_texts()
    assert offered[1:] == [reason["display"] for reason in told["overrideReasons"]]
    card.get_by_role("combobox").select_option(label="Person declines")
    with one_feedback(try_it) as item:
        card.get_by_role("button", name="Override", exact=True).click()
    assert item["outcome"] == "overridden"
    system = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    assert item["overrideReason"] == {"reason": {"code": "patient-refuses", "system": system}}
    expect(listed(try_it)).to_contain_text("Overridden: Person declines")


def test_dismissing_arrives_without_a_reason_and_folds_the_card(try_it: TryIt) -> None:
    card = try_it.card(MET)
    with one_feedback(try_it) as item:
        card.get_by_role("button", name="Dismiss").click()
    assert item["outcome"] == "overridden"
    assert "overrideReason" not in item
    expect(card.locator(".detail")).to_be_hidden()
    expect(card.get_by_role("button", name="Show the card again")).to_be_focused()
    card.get_by_role("button", name="Show the card again").click()
    expect(card.locator(".detail")).to_be_visible()


def test_what_was_sent_is_listed_with_its_json_and_stays_when_the_chart_changes(try_it: TryIt) -> None:
    with one_feedback(try_it) as item:
        try_it.card(MET).get_by_role("button", name="Dismiss").click()
    try_it.choose_sample("improving")
    try_it.outcome("The criteria are not met")
    listed(try_it).get_by_text("As JSON").click()
    shown = json.loads(listed(try_it).get_by_role("region", name="Feedback as JSON").inner_text())
    assert shown == {"feedback": [item]}


def test_a_critical_card_is_told_as_one(try_it: TryIt) -> None:
    try_it.open("cauda-equina")
    expect(try_it.card("ta279SafetyAlert").locator(".tag").first).to_contain_text("Critical")
    try_it.outcome("A safety flag comes first")


def test_no_card_is_said_in_words(try_it: TryIt) -> None:
    try_it.open("no-fracture")
    expect(try_it.page.locator("#cards")).to_contain_text("No card.")
