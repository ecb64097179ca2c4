"""Each sample patient gets the answer written in its file: by the hook, and by /evaluations, on any day."""

from datetime import date
from typing import Any

import httpx
import pytest

from app.demo.samples import Expected, Sample, load_samples, sample_bundle

SAMPLE_IDS = [sample.id for sample in load_samples(date(2026, 11, 22))]
HOOK = "/cds-services/vertebral-augmentation-patient-view"
EXTENSION = "vertebral-augmentation-cds.evaluation"

Answer = dict[str, Any]


def verdict(evaluation: Answer) -> tuple[str, str | None, list[tuple[str, str]]]:
    fractures = sorted((fracture.get("level", ""), fracture["outcome"]) for fracture in evaluation["fractures"])
    return evaluation["outcome"], evaluation.get("outOfScope"), fractures


def documented(expected: Expected) -> tuple[str, str | None, list[tuple[str, str]]]:
    fractures = sorted((fracture.level or "", fracture.outcome) for fracture in expected.fractures)
    return expected.outcome, expected.out_of_scope, fractures


def called(service: httpx.Client, sample_id: str) -> Answer:
    """The hook's answer to the call that an EHR would make."""
    call = service.get(f"/demo/calls/{sample_id}")
    assert call.status_code == 200
    answer = service.post(HOOK, content=call.content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200, answer.text
    answered: Answer = answer.json()
    return answered


def named(samples: list[Sample], sample_id: str) -> Sample:
    return next(sample for sample in samples if sample.id == sample_id)


@pytest.mark.parametrize("sample_id", SAMPLE_IDS)
def test_the_hook_gives_the_documented_outcome_and_cards(service: httpx.Client, samples: list[Sample], sample_id: str) -> None:
    answered = called(service, sample_id)
    expected = named(samples, sample_id).expected
    assert verdict(answered["extension"][EXTENSION]) == documented(expected)
    topics = [card["source"]["topic"]["code"] for card in answered["cards"]]
    assert sorted(topics) == sorted(expected.card_topics)


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2028, 2, 29), date(2027, 1, 1)], ids=str)
@pytest.mark.parametrize("sample_id", SAMPLE_IDS)
def test_evaluations_gives_the_documented_outcome_on_any_day(service: httpx.Client, sample_id: str, today: date) -> None:
    sample = named(load_samples(today), sample_id)
    answer = service.post("/evaluations", params={"date": today.isoformat()}, json=sample_bundle(sample))
    assert answer.status_code == 200, answer.text
    assert verdict(answer.json()) == documented(sample.expected)


@pytest.mark.parametrize(
    "sample_id", [sample.id for sample in load_samples(date(2026, 11, 22)) if sample.expected.outcome == "criteria-met"]
)
def test_an_eligible_patient_meets_all_nine_criteria(service: httpx.Client, sample_id: str) -> None:
    fractures = called(service, sample_id)["extension"][EXTENSION]["fractures"]
    met = next(fracture for fracture in fractures if fracture["outcome"] == "met")
    assert [finding["status"] for finding in met["criteria"]] == ["met"] * 9


@pytest.mark.parametrize(
    ("sample_id", "wanting"),
    [
        ("missing-mri", {"unhealed", "imaging-at-level"}),
        ("missing-examination", {"examination-at-level"}),
        ("one-pain-score", {"ongoing-pain"}),
        ("no-analgesic-recorded", {"optimal-pain-management"}),
        ("osteoporosis-not-documented", {"osteoporotic"}),
        ("level-not-recorded", {"compression-fracture", "unhealed", "examination-at-level", "imaging-at-level"}),
    ],
)
def test_what_is_missing_is_exactly_what_is_unknown(service: httpx.Client, sample_id: str, wanting: set[str]) -> None:
    assert criteria(called(service, sample_id), "unknown") == wanting


@pytest.mark.parametrize(
    ("sample_id", "against"),
    [
        ("improving", {"severe-pain", "ongoing-pain"}),
        ("healed-on-imaging", {"unhealed", "imaging-at-level"}),
        ("too-old", {"recent"}),
        ("level-mismatch", {"examination-at-level"}),
        ("paracetamol-only", {"optimal-pain-management"}),
        ("myeloma", {"osteoporotic"}),
    ],
)
def test_what_speaks_against_is_exactly_what_is_not_met(service: httpx.Client, sample_id: str, against: set[str]) -> None:
    assert criteria(called(service, sample_id), "not-met") == against


@pytest.mark.parametrize(
    ("sample_id", "flags"),
    [
        ("eligible-on-apixaban", {("antithrombotic-therapy", "caution")}),
        ("high-inr", {("coagulopathy", "blocking"), ("antithrombotic-therapy", "caution")}),
        ("augmented-before", {("previous-augmentation-at-level", "excluding")}),
        ("eligible-uk", set()),
        ("eligible-us", set()),
    ],
)
def test_the_flags_raised_are_those_and_no_other(service: httpx.Client, sample_id: str, flags: set[tuple[str, str]]) -> None:
    raised = called(service, sample_id)["extension"][EXTENSION].get("flags", [])
    assert {(flag["flag"], flag["severity"]) for flag in raised} == flags


@pytest.mark.parametrize(("sample_id", "indicator"), [("cauda-equina", "critical"), ("discitis", "critical"), ("high-inr", "warning")])
def test_an_alert_is_as_loud_as_its_flag(service: httpx.Client, sample_id: str, indicator: str) -> None:
    alert = next(card for card in called(service, sample_id)["cards"] if card["source"]["topic"]["code"] == "ta279SafetyAlert")
    assert alert["indicator"] == indicator


def criteria(answered: Answer, status: str) -> set[str]:
    (fracture,) = answered["extension"][EXTENSION]["fractures"]
    return {finding["criterion"] for finding in fracture["criteria"] if finding["status"] == status}
