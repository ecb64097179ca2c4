"""Spine and timeline: what a person sees of the chart before reading anything."""

import pytest
from playwright.sync_api import expect

from tests.browser.try_it import TryIt


def test_the_spine_tells_each_fracture_by_colour_pattern_and_sign(try_it: TryIt) -> None:
    try_it.open("two-fractures")
    spine = try_it.page.locator("svg.spine")
    expect(spine).to_have_attribute("aria-label", "Spine from T1 to L5. T12: not met. L2: met.")
    expect(spine.locator(".vertebra.met")).to_have_count(1)
    expect(spine.locator(".vertebra.not-met .body")).to_have_attribute("fill", "url(#hatch-not-met)")
    expect(spine.locator("text.met")).to_have_text("L2 ✓")
    expect(spine.locator("text.not-met")).to_have_text("T12 ✕")
    expect(spine.locator(".vertebra")).to_have_count(17)
    expect(spine.locator(".vertebra.quiet")).to_have_count(15)


def test_what_is_not_known_has_a_pattern_of_its_own(try_it: TryIt) -> None:
    try_it.open("missing-mri")
    expect(try_it.page.locator(".spine .vertebra.unknown .body")).to_have_attribute("fill", "url(#hatch-unknown)")
    expect(try_it.page.locator(".spine text.unknown")).to_contain_text("?")


def test_a_chart_without_a_fracture_has_a_quiet_spine(try_it: TryIt) -> None:
    try_it.open("no-fracture")
    expect(try_it.page.locator("svg.spine")).to_have_attribute("aria-label", "Spine from T1 to L5 without a fracture to assess")
    expect(try_it.page.locator(".vertebra.quiet")).to_have_count(17)


@pytest.mark.parametrize(
    ("lane", "told"),
    [
        ("fractures", "Fractures, Fragility fracture, lumbar spine, L1, 19 Oct 2026, evidence"),
        ("pain", "Pain scores, Pain score, 0 to 10, 8, Back, 18 Nov 2026, evidence"),
        ("examination", "Examination, Tender on percussion, Present, L1, 13 Nov 2026, evidence"),
        ("imaging", "Imaging, Marrow oedema, STIR, Present, L1, 14 Nov 2026, evidence"),
        ("medicines", "Medicines, Codeine 30 mg tablets, 23 Oct 2026, evidence"),
        ("labs", "Labs, Platelets, 246 10*9/L, 10 Nov 2026"),
    ],
)
def test_every_kind_of_fact_has_its_lane(try_it: TryIt, lane: str, told: str) -> None:
    expect(try_it.page.locator(f".lane.{lane}").get_by_role("button", name=told, exact=True).first).to_be_visible()


def test_facts_lie_in_order_of_time_and_medicines_last(try_it: TryIt) -> None:
    scores = [box["x"] for mark in try_it.page.locator(".mark.score").all() if (box := mark.bounding_box())]
    assert scores == sorted(scores)
    assert len(set(scores)) == 3
    codeine = try_it.page.locator(".lane.medicines .mark.bar", has_text="Codeine").first.locator(".dot").bounding_box()
    assert codeine is not None
    assert codeine["width"] > 60


def test_no_mark_lies_over_another(try_it: TryIt) -> None:
    for sample in ("eligible-uk", "two-fractures", "myeloma", "augmented-before"):
        try_it.open(sample)
        for lane in try_it.page.locator(".lane:not(.pain)").all():
            boxes = [box for mark in lane.locator(".mark").all() if (box := mark.bounding_box())]
            for index, one in enumerate(boxes):
                for other in boxes[index + 1 :]:
                    beside = one["x"] + one["width"] <= other["x"] + 1 or other["x"] + other["width"] <= one["x"] + 1
                    assert beside or abs(one["y"] - other["y"]) >= 20, sample


def test_a_mark_that_is_pressed_is_offered_to_be_changed(try_it: TryIt) -> None:
    mark = try_it.page.locator(".lane.examination .mark").first
    mark.focus()
    mark.press("Enter")
    expect(try_it.page.locator("#fact")).to_have_value("Observation/eligible-uk-tenderness")
    expect(try_it.page.locator(".lane.examination .mark").first).to_have_attribute("aria-pressed", "true")
    expect(try_it.page.locator(".lane.examination .mark").first).to_be_focused()


def test_evidence_leads_to_the_fact_behind_it(try_it: TryIt) -> None:
    try_it.criterion("unhealed").get_by_role("button").click()
    expect(try_it.page.locator("#fact")).to_have_value("Observation/eligible-uk-oedema")
    expect(try_it.page.locator("#fact")).to_be_focused()


def test_what_is_shaded_follows_the_threshold_profile(try_it: TryIt) -> None:
    title = try_it.page.locator(".lane.fractures h4")
    expect(title).to_contain_text("within 84 days")
    try_it.page.select_option("#profile", "msac-au")
    expect(title).to_contain_text("within 21 days")
