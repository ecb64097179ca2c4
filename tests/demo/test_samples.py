"""The sample charts: valid FHIR R4, whole, made up, and right on any day."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from app.demo.samples import Sample, load_samples, sample_bundle, sample_prefetch
from app.demo.templates import Resource
from guidelines.ta279.terminology import load_terminology

TODAY = date(2026, 11, 22)
SAMPLES = load_samples(TODAY)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.id)

HL7 = "http://terminology.hl7.org/"
UNITS = "http://unitsofmeasure.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
FHIR_VITAL_SIGNS = {"29463-7", "8302-2", "8310-5", "8462-4", "8480-6", "85354-9", "8867-4"}
BACK_EXAMINATION_SECTION = "10192-3"
RADIOLOGY_CATEGORY = "LP29684-5"


def inside(node: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in it, the outermost first."""
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inside(part)


def codings(resources: list[Resource]) -> Iterator[tuple[str, str]]:
    for found in inside(resources):
        if isinstance(found.get("system"), str) and isinstance(found.get("code"), str):
            yield found["system"], found["code"]


@each_sample
def test_every_resource_is_valid_r4(sample: Sample) -> None:
    for resource in sample.resources:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@each_sample
def test_the_bundle_is_a_valid_collection_of_one_patient(sample: Sample) -> None:
    bundle = sample_bundle(sample)
    get_fhir_model_class("Bundle").model_validate(bundle)
    assert bundle["type"] == "collection"
    kinds = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert kinds.count("Patient") == 1


@each_sample
def test_references_lead_to_resources_of_the_same_chart(sample: Sample) -> None:
    held = {f"{resource['resourceType']}/{resource['id']}" for resource in sample.resources}
    told = {found["reference"] for found in inside(sample.resources) if "reference" in found}
    assert {reference for reference in told if not reference.startswith("#")} <= held


@each_sample
def test_a_chart_holds_more_than_the_signal(sample: Sample) -> None:
    uncoded = [found for found in sample.resources if found["resourceType"] != "Patient" and "text" in str(found.get("code", ""))]
    assert len(sample.resources) >= 7
    assert len(uncoded) >= 1


@each_sample
def test_nobody_could_take_the_patient_for_a_real_one(sample: Sample) -> None:
    patient = sample.resources[0]
    assert patient["id"] == sample.id
    assert patient["name"][0]["family"].startswith("Example-")
    assert patient["name"][0]["given"][0]
    assert patient["meta"]["security"][0]["code"] == "HTEST"


@each_sample
def test_no_display_is_copied_from_a_terminology(sample: Sample) -> None:
    assert not [found for found in inside(sample.resources) if "display" in found]


@each_sample
def test_no_code_is_invented(sample: Sample) -> None:
    terminology = load_terminology(None)
    borrowed = FHIR_VITAL_SIGNS | {BACK_EXAMINATION_SECTION, RADIOLOGY_CATEGORY}
    strangers = {
        (system, code)
        for system, code in codings(sample.resources)
        if not system.startswith((HL7, UNITS, DICOM)) and code not in borrowed
        and not terminology.concepts(system, code) and not terminology.level(system, code)
    }  # fmt: skip
    assert strangers == set()


@each_sample
def test_the_story_is_one_sentence(sample: Sample) -> None:
    assert re.fullmatch(r"[A-Z][^.]*(\d\.\d[^.]*)*\.", sample.story)


def test_ids_are_unique_over_all_charts() -> None:
    held = Counter((resource["resourceType"], resource["id"]) for sample in SAMPLES for resource in sample.resources)
    assert [name for name, times in held.items() if times > 1] == []


def test_every_outcome_has_a_patient() -> None:
    assert {sample.expected.outcome for sample in SAMPLES} == {
        "criteria-met", "information-needed", "criteria-not-met", "blocked", "no-evaluable-fracture", "out-of-scope",
    }  # fmt: skip
    assert len(SAMPLES) >= 16


def test_dates_move_with_the_day_asked_for() -> None:
    later = {sample.id: sample for sample in load_samples(TODAY + timedelta(days=100))}
    for sample in SAMPLES:
        for now, then in zip(_days(sample), _days(later[sample.id]), strict=True):
            assert then - now == timedelta(days=100) or now < TODAY - timedelta(days=365)


def _days(sample: Sample) -> list[date]:
    return [date.fromisoformat(day) for day in re.findall(r'"(\d{4}-\d\d-\d\d)', json.dumps(sample.resources[1:]))]


@pytest.mark.parametrize("today", [date(2028, 2, 29), date(2027, 1, 1), date(2026, 3, 29)])
def test_charts_are_valid_on_awkward_days(today: date) -> None:
    for sample in load_samples(today):
        get_fhir_model_class("Bundle").model_validate(sample_bundle(sample))


def test_nothing_on_a_chart_lies_in_the_future() -> None:
    assert max(day for sample in SAMPLES for day in _days(sample)) <= TODAY


def test_prefetch_is_what_an_ehr_would_send() -> None:
    sample = next(sample for sample in SAMPLES if sample.id == "eligible-uk")
    prefetch = sample_prefetch(
        sample,
        {
            "patient": "Patient/{{context.patientId}}",
            "nobody": "Patient/{{context.patientId}}-x",
            "pain": "Observation?patient={{context.patientId}}&code=http://loinc.org|72514-3",
            "none": "MedicationAdministration?patient={{context.patientId}}",
        },
    )
    assert prefetch["patient"] == sample.resources[0]
    assert prefetch["nobody"] is None
    assert prefetch["none"] == {"resourceType": "Bundle", "type": "searchset", "total": 0}
    pain = prefetch["pain"]
    assert pain is not None
    assert pain["total"] == 3
    assert [entry["resource"]["valueInteger"] for entry in pain["entry"]] == [9, 8, 8]
