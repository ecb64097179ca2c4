"""The language of the cases: what a fact becomes in FHIR, and that nothing misspelt passes."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.builder import build
from tests.cases.case import Facts, load, merge
from tests.cases.expectation import Expectation
from tests.cases.plain_yaml import PlainLoader
from tests.cases.resource import Resource, UnknownWordError
from tests.cases.when import Calendar, CaseError
from tests.cases.words import Words

TODAY = date(2026, 11, 22)


def made(name: str, site: str = "uk", **words: Any) -> Resource:
    return build({name: words}, TODAY, site).resources[0]


@pytest.mark.parametrize(
    ("said", "fhir"),
    [
        ("today", "2026-11-22"),
        ("-23d", "2026-10-30"),
        ("+3d", "2026-11-25"),
        ("-1mo", "2026-10"),
        ("-11mo", "2025-12"),
        ("-2y", "2024"),
        ("1948-05", "1948-05"),
        ("-3d 14:30", "2026-11-19T14:30:00Z"),
        ("-3d 14:30+01:00", "2026-11-19T14:30:00+01:00"),
    ],
)
def test_a_date_is_relative_to_the_evaluation_date(said: str, fhir: str) -> None:
    assert Calendar(TODAY).day(said) == fhir


@pytest.mark.parametrize("said", ["yesterday", "-3", "3d", "-3d 2pm", "-1mo 14:30pm"])
def test_what_is_no_date_is_refused(said: str) -> None:
    with pytest.raises(CaseError):
        Calendar(TODAY).day(said)


def test_a_period_may_be_open_at_either_end() -> None:
    assert made("fracture", onset="-30d..-20d")["onsetPeriod"] == {"start": "2026-10-23", "end": "2026-11-02"}
    assert made("fracture", onset="..-20d")["onsetPeriod"] == {"end": "2026-11-02"}
    assert made("fracture", onset="-30d..")["onsetPeriod"] == {"start": "2026-10-23"}


def test_an_unknown_date_says_so() -> None:
    assert made("fracture", onset="unknown")["_onsetDateTime"]["extension"][0]["valueCode"] == "unknown"


def test_a_word_is_another_code_at_another_site() -> None:
    assert made("fracture")["code"] == {"coding": [{"system": "http://snomed.info/sct", "code": "240198002"}]}
    assert made("fracture", "us")["code"] == {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M80.08XA"}]}


@pytest.mark.parametrize(
    ("place", "site"),
    [
        ("L1", {"coding": [{"system": "http://snomed.info/sct", "code": "66794005"}]}),
        ("body L1", {"coding": [{"system": "http://snomed.info/sct", "code": "61032001"}]}),
        ("text D12", {"text": "D12"}),
        ("L1 + text L2", {"coding": [{"system": "http://snomed.info/sct", "code": "66794005"}], "text": "L2"}),
    ],
)
def test_a_body_site_is_a_code_or_text(place: str, site: Resource) -> None:
    assert Words("uk").site(place) == site


def test_a_finding_is_linked_to_the_study_it_comes_from() -> None:
    chart = build({"imaging": {"on": "-7d", "modality": "MR"}}, TODAY)
    finding, study = chart.resources
    assert finding["derivedFrom"] == [{"reference": "ImagingStudy/imaging-study"}]
    assert (study["modality"][0]["code"], study["started"]) == ("MR", "2026-11-15")
    assert chart.references["imaging"] == ["Observation/imaging", "ImagingStudy/imaging-study"]


def test_doses_are_one_resource_a_day() -> None:
    doses = build({"med codeine": {"as": "administration", "from": "-20d", "days": 3}}, TODAY).resources
    assert [dose["effectiveDateTime"] for dose in doses] == ["2026-11-02", "2026-11-03", "2026-11-04"]


def test_an_age_is_half_a_year_past_the_birthday() -> None:
    assert made("patient", age=78)["birthDate"] == "1948-05-26"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pain", {"scrore": 8}),
        ("fracturre", {}),
        ("pain", {"score": "eight"}),
        ("condition gout of the toe", {}),
        ("exam", {"as": "interpretive dance"}),
        ("med codeine", {"as": "wish"}),
    ],
)
def test_a_word_that_is_not_known_is_refused(name: str, words: dict[str, Any]) -> None:
    with pytest.raises(UnknownWordError):
        build({name: words}, TODAY)


def test_a_site_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownWordError):
        Words("fr")


def test_facts_are_changed_word_by_word_and_taken_away_by_none() -> None:
    base: Facts = {"pain": {"score": 8, "at": "back"}, "exam": {"at": "L1"}}
    assert merge(base, {"pain": {"score": 6, "at": "none"}, "exam": "none"}) == {"pain": {"score": 6}}


def test_what_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(CaseError):
        merge({}, {"exam": "none"})


@pytest.mark.parametrize(
    "said",
    [
        {"outcome": "criteria-met", "cards": "none", "recennt": "met"},
        {"outcome": "criteria-met", "cards": "none", "recent": "perhaps"},
        {"outcome": "criteria-met", "cards": "none", "fractures": {"L1": {"flags": {}}}},
    ],
)
def test_an_expectation_that_is_not_known_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        Expectation.of(said)


def test_a_member_that_is_not_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recent__a_case.yaml"
    path.write_text("fact: {}\nexpect: {outcome: criteria-met, cards: none}\n", encoding="utf-8")
    with pytest.raises(CaseError):
        load(path)


def test_yaml_keeps_words_as_words() -> None:
    assert yaml.load("{on: 2008-11-22, yes: no, real: true}", Loader=PlainLoader) == {"on": "2008-11-22", "yes": "no", "real": True}  # noqa: S506


def test_yaml_refuses_a_key_given_twice() -> None:
    with pytest.raises(yaml.constructor.ConstructorError):
        yaml.load("{on: -1d, on: -2d}", Loader=PlainLoader)  # noqa: S506
