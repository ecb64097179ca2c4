"""A fact of the chart is changed and the verdict changes with it, at once and without a button."""

import pytest
from playwright.sync_api import expect

from tests.browser.try_it import TryIt

RAISES = """async () => {
  const { ADDITIONS } = await import(new URL("demo/static/additions.js", document.baseURI).href);
  return Object.entries(ADDITIONS["Safety flags"]).map(([name, { raises }]) => [name, raises]);
}"""


def test_a_lower_pain_score_changes_the_verdict_and_says_what_changed(try_it: TryIt) -> None:
    try_it.field("Score").fill("4")
    try_it.outcome("The criteria are not met")
    try_it.status("severe-pain", "Not met")
    expect(try_it.criterion("severe-pain").locator(".was")).to_have_text("was met")
    expect(try_it.criterion("recent").locator(".was")).to_have_count(0)
    expect(try_it.page.locator(".changes")).to_contain_text("Severe pain (L1): met → not met")
    expect(try_it.page.get_by_role("status")).to_contain_text("Severe pain (L1): met → not met")
    expect(try_it.field("Score")).to_be_focused()


def test_an_older_pain_score_is_not_known(try_it: TryIt) -> None:
    for score in ("latest", "middle"):
        try_it.choose_fact(f"Observation/eligible-uk-pain-{score}")
        try_it.field("Date").fill("2026-10-25")
    try_it.status("severe-pain", "Not known")
    expect(try_it.criterion("severe-pain")).to_contain_text("To settle it:")


def test_an_earlier_onset_is_too_old(try_it: TryIt) -> None:
    try_it.choose_fact("Condition/eligible-uk-fracture")
    try_it.field("Onset").fill("2026-05-01")
    try_it.status("recent", "Not met")


@pytest.mark.parametrize(
    ("fact", "criterion", "words"),
    [
        ("Observation/eligible-uk-tenderness", "examination-at-level", "Not met"),
        ("Observation/eligible-uk-oedema", "imaging-at-level", "Not known"),
        ("Condition/eligible-uk-fracture", "examination-at-level", "Not met"),
    ],
)
def test_another_level_takes_the_confirmation_away(try_it: TryIt, fact: str, criterion: str, words: str) -> None:
    try_it.choose_fact(fact)
    try_it.field("Level").select_option("T9")
    row = try_it.page.locator(".fracture").filter(has_text="Fracture at " + ("T9" if "fracture" in fact else "L1"))
    expect(row.locator(f"[data-criterion={criterion}] .tag")).to_contain_text(words)


def test_a_finding_that_turns_out_absent_changes_the_verdict(try_it: TryIt) -> None:
    try_it.choose_fact("Observation/eligible-uk-oedema")
    try_it.field("Finding").select_option("no")
    try_it.status("unhealed", "Not met")


def test_a_laboratory_value_can_be_changed(try_it: TryIt) -> None:
    try_it.open("high-inr")
    try_it.outcome("A safety flag comes first")
    reference = try_it.page.locator("#fact option", has_text="INR").first.get_attribute("value")
    assert reference is not None
    try_it.choose_fact(reference)
    try_it.field("Value").fill("1.1")
    try_it.outcome("The criteria are met")


def test_a_resource_that_is_removed_is_missing_and_comes_back(try_it: TryIt) -> None:
    try_it.choose_fact("Observation/eligible-uk-tenderness")
    try_it.page.get_by_role("button", name="Remove from the chart").click()
    try_it.status("examination-at-level", "Not known")
    expect(try_it.page.locator("#change-list")).to_contain_text("removed: Tender on percussion")
    try_it.page.get_by_role("button", name="Undo: removed Tender on percussion").click()
    try_it.outcome("The criteria are met")
    expect(try_it.page.locator("#changes")).to_be_hidden()


def test_an_mri_finding_that_is_added_settles_what_was_missing(try_it: TryIt) -> None:
    try_it.open("missing-mri")
    try_it.outcome("Something is missing")
    expect(try_it.page.locator("#add-level")).to_have_value(try_it.evaluation()["fractures"][0]["level"])
    try_it.add("oedema")
    try_it.outcome("The criteria are met")
    try_it.cards("ta279CriteriaMet")


def test_a_drug_that_is_added_counts(try_it: TryIt) -> None:
    try_it.open("no-analgesic-recorded")
    try_it.status("optimal-pain-management", "Not known")
    try_it.add("codeine", date="2026-11-01")
    try_it.status("optimal-pain-management", "Met")


def test_every_flag_that_can_be_raised_is_raised(try_it: TryIt) -> None:
    flags = try_it.page.evaluate(RAISES)
    assert len(flags) >= 10
    for name, flag in flags:
        try_it.add(name)
        expect(try_it.page.locator(f"[data-flag={flag}]").first).to_be_visible()
        expect(try_it.page.locator(".changes")).to_contain_text("New flag")
        try_it.page.get_by_role("button", name="Put the chart back as it was").click()
        expect(try_it.page.locator("[data-flag]")).to_have_count(0)


@pytest.mark.parametrize(
    ("sample", "addition", "criterion", "words"),
    [
        ("eligible-uk", "pain-3", "severe-pain", "Not met"),
        ("improving", "pain-8", "severe-pain", "Met"),
        ("eligible-uk", "not-tender", "examination-at-level", "Not met"),
        ("missing-examination", "tender", "examination-at-level", "Met"),
        ("eligible-uk", "no-oedema", "unhealed", "Not met"),
        ("missing-mri", "uptake", "imaging-at-level", "Met"),
        ("osteoporosis-not-documented", "osteoporosis", "osteoporotic", "Met"),
        ("no-analgesic-recorded", "morphine", "optimal-pain-management", "Met"),
        ("no-analgesic-recorded", "uncontrolled", "optimal-pain-management", "Met"),
        ("no-fracture", "fracture", "compression-fracture", "Met"),
    ],
)
def test_a_fact_that_is_added_is_read(try_it: TryIt, sample: str, addition: str, criterion: str, words: str) -> None:
    try_it.open(sample)
    try_it.add(addition)
    expect(try_it.page.locator("#change-list li")).to_have_count(1)
    try_it.status(criterion, words)


def test_only_the_last_of_many_quick_changes_is_asked_about(try_it: TryIt) -> None:
    asked: list[str] = []
    try_it.page.on("request", lambda request: asked.append(request.url) if "/cds-services/" in request.url else None)
    try_it.field("Score").press_sequentially("123456", delay=5)
    try_it.field("Score").fill("6")
    try_it.status("severe-pain", "Not met")
    assert len(asked) < 6
