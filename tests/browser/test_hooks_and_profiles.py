"""The three hooks with a draft order made on the page, and the threshold profiles."""

import pytest
from playwright.sync_api import expect

from app.demo.profiles import descriptions
from tests.browser.test_cards import one_feedback
from tests.browser.try_it import TryIt

HOOKS = ["order-select", "order-sign"]
KYPHOPLASTY, STENT = ("426243004", "kyphoplasty-with-stent")


def test_patient_view_has_no_order_to_choose(try_it: TryIt) -> None:
    expect(try_it.page.locator("#order")).to_be_hidden()
    assert set(try_it.message("Request")["context"]) == {"userId", "patientId"}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_order_hook_brings_the_order_that_was_chosen(try_it: TryIt, hook: str) -> None:
    try_it.hook(hook)
    expect(try_it.page.get_by_label("At level")).to_have_value("L1")
    try_it.cards("ta279CriteriaMet")
    request = try_it.message("Request")
    assert request["hook"] == hook
    (order,) = [entry["resource"] for entry in request["context"]["draftOrders"]["entry"]]
    assert order["code"]["coding"][0]["code"] == KYPHOPLASTY
    assert order["bodySite"][0]["text"] == "L1"
    assert request["context"].get("selections") == (["ServiceRequest/draft-1"] if hook == "order-select" else None)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_stent_is_warned_of_and_can_be_replaced(try_it: TryIt, hook: str) -> None:
    try_it.hook(hook)
    try_it.page.get_by_label("Draft order").select_option("kyphoplasty-with-stent")
    card = try_it.card("ta279StentNotRecommended")
    expect(card.locator(".tag").first).to_contain_text("Warning")
    with one_feedback(try_it, f"/cds-services/vertebral-augmentation-{hook}/feedback") as item:
        card.locator(".accept").click()
    assert item["outcome"] == "accepted"
    expect(card).to_have_count(0)
    expect(try_it.page.get_by_label("Draft order")).to_have_value("balloon-kyphoplasty")
    codes = [entry["resource"]["code"]["coding"][0]["code"] for entry in try_it.message("Request")["context"]["draftOrders"]["entry"]]
    assert codes == [KYPHOPLASTY]


def test_an_order_at_another_level_is_warned_of(try_it: TryIt) -> None:
    try_it.hook("order-sign")
    try_it.page.get_by_label("Draft order").select_option("vertebroplasty")
    try_it.page.get_by_label("At level").select_option("T8")
    expect(try_it.card("ta279CriteriaNotMet").locator(".tag").first).to_contain_text("Warning")
    expect(try_it.card("ta279AdverseReactions")).not_to_contain_text("rupture")


def test_an_order_without_a_level_asks_about_every_fracture(try_it: TryIt) -> None:
    try_it.open("two-fractures")
    try_it.hook("order-sign")
    try_it.page.get_by_label("At level").select_option(label="not named")
    try_it.cards("ta279CriteriaMet")
    assert "bodySite" not in try_it.message("Request")["context"]["draftOrders"]["entry"][0]["resource"]


@pytest.mark.parametrize("profile", [name for name in descriptions() if name != "default"])
def test_a_profile_can_be_switched_to_and_back(try_it: TryIt, profile: str) -> None:
    try_it.page.select_option("#profile", profile)
    expect(try_it.page.locator("#why summary")).to_contain_text(f"profile {profile}")
    assert try_it.evaluation()["profile"] == profile
    try_it.page.select_option("#profile", "")
    expect(try_it.page.locator("#why summary")).to_contain_text("profile default")


def test_a_profile_says_which_criteria_and_thresholds_it_changes(try_it: TryIt) -> None:
    try_it.page.select_option("#profile", "msac-au")
    try_it.outcome("The criteria are not met")
    expect(try_it.criterion("recent").locator(".was")).to_have_text("was met")
    try_it.page.locator("#why summary").click()
    expect(try_it.page.locator(".thresholds .changed", has_text="recentMaxDays")).to_have_text("recentMaxDays 21, 84 in default")


def test_a_profile_holds_for_every_hook(try_it: TryIt) -> None:
    try_it.page.select_option("#profile", "msac-au")
    try_it.outcome("The criteria are not met")
    try_it.hook("order-sign")
    try_it.cards("ta279CriteriaNotMet", "ta279AdverseReactions")
