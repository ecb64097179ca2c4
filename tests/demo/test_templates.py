"""The notation in which sample patients stand on disk."""

from datetime import date
from typing import Any

import pytest

from app.demo.templates import Resource, TemplateError, day_from, expand_resource

TODAY = date(2026, 11, 22)
DEFAULTS: dict[str, Resource] = {"Condition": {"clinicalStatus": {"coding": ["condition-clinical|active"]}}}


def expanded(**members: Any) -> Resource:
    return expand_resource({"resourceType": "Condition", "id": "c", **members}, "ada", DEFAULTS, TODAY)


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ("0d", "2026-11-22"),
        ("-23d", "2026-10-30"),
        ("+3d", "2026-11-25"),
        ("-78y", "1948-11-22"),
        ("-78y -40d", "1948-10-13"),
        ("-23d 10:30", "2026-10-30T10:30:00Z"),
        ("month of -3y", "2023-11"),
        ("year of -12y", "2014"),
    ],
)
def test_a_day_is_told_relative_to_today(told: str, day: str) -> None:
    assert day_from(told, TODAY) == day


@pytest.mark.parametrize("told", ["", "-", "d", "12", "1st lumbar", "-3 weeks", "L1", "2026-11-22"])
def test_other_text_is_no_day(told: str) -> None:
    assert day_from(told, TODAY) is None


def test_a_year_ago_from_a_leap_day_is_the_last_of_february() -> None:
    assert day_from("-1y", date(2028, 2, 29)) == "2027-02-28"


def test_a_resource_says_whose_it_is_and_carries_its_patients_name_in_its_id() -> None:
    assert expanded()["id"] == "ada-c"
    assert expanded()["subject"] == {"reference": "Patient/ada"}


def test_an_allergy_names_its_patient_where_fhir_does() -> None:
    allergy = expand_resource({"resourceType": "AllergyIntolerance", "id": "a"}, "ada", {}, TODAY)
    assert allergy["patient"] == {"reference": "Patient/ada"}
    assert "subject" not in allergy


def test_codes_are_told_by_a_short_system_name() -> None:
    condition = expanded(code={"coding": ["sct|64859006"], "text": "kept"})
    assert condition["code"] == {"coding": [{"system": "http://snomed.info/sct", "code": "64859006"}], "text": "kept"}


def test_a_unit_system_is_spelt_out() -> None:
    assert expanded(onsetAge={"value": 70, "system": "ucum", "code": "a"})["onsetAge"]["system"] == "http://unitsofmeasure.org"


def test_a_code_of_no_known_system_is_refused() -> None:
    with pytest.raises(TemplateError):
        expanded(code={"coding": ["cpt|1"]})


def test_references_stay_within_the_patient() -> None:
    assert expanded(encounter={"reference": "Encounter/e"})["encounter"] == {"reference": "Encounter/ada-e"}


def test_a_reference_to_a_contained_resource_is_left_alone() -> None:
    assert expanded(asserter={"reference": "#doctor"})["asserter"] == {"reference": "#doctor"}


def test_what_is_usual_is_filled_in() -> None:
    assert expanded()["clinicalStatus"]["coding"][0]["code"] == "active"


def test_what_is_usual_can_be_taken_out() -> None:
    assert "clinicalStatus" not in expanded(clinicalStatus=None)
