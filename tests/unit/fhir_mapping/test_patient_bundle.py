"""POST /evaluations takes a Bundle of one patient (contract 6.12)."""

import json
from typing import Any

import pytest

from fhir_mapping.errors import InvalidBundle, PatientUnusable
from fhir_mapping.patient_guard import patient_id_of
from fhir_mapping.section import Section, SectionState, read_patient_bundle
from tests.unit.fhir_mapping.given import Json, bundle, condition, observation, patient, record_from, resource

GP = {"resourceType": "Practitioner", "id": "gp"}


def read(value: Any) -> dict[str, Section]:
    return {part.resource_type: part for part in read_patient_bundle(json.dumps(value).encode())}


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "batch"])
def test_each_bundle_type_is_sorted_by_resource_type(kind: str) -> None:
    parts = read(bundle(condition("c1"), GP, patient(), observation("o1"), condition("c2"), kind=kind))
    assert [entry.resource.id for entry in parts["Condition"].entries] == ["c1", "c2"]
    assert {part.source for part in parts.values()} == {"bundle"}
    assert {name for name, part in parts.items() if part.state is SectionState.GIVEN} == {"Patient", "Condition", "Observation"}
    assert {part.state for name, part in parts.items() if not part.entries} == {SectionState.EMPTY}


@pytest.mark.parametrize(
    "value",
    [
        bundle(patient(), kind="document"),
        bundle(patient(), kind="history"),
        {"resourceType": "Bundle", "entry": [{"resource": patient()}]},
        patient(),
        [],
        None,
        "text",
        {},
        bundle(),
        bundle(condition()),
        bundle(patient(), patient(id="p2")),
        bundle(patient(id=None), patient(id=None)),
        bundle(patient(id=9)),
        bundle(patient(), patient(id=9)),
        {"resourceType": "Bundle", "type": "collection", "entry": {"resource": patient()}},
    ],
)
def test_anything_else_is_no_bundle_of_one_patient(value: Any) -> None:
    with pytest.raises(InvalidBundle):
        read(value)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"resourceType":' + b"[" * 5000])
def test_bytes_that_are_no_json_are_no_bundle(raw: bytes) -> None:
    with pytest.raises(InvalidBundle):
        read_patient_bundle(raw)


def test_copies_of_the_patient_are_one_patient() -> None:
    assert patient_id_of(read(bundle(patient(), patient())).values()) == "p1"


def test_a_bundle_that_goes_on_is_truncated_in_every_part() -> None:
    parts = read(bundle(patient(), condition(), link=[{"relation": "next", "url": "https://ehr.example.org/2"}]))
    assert {part.state for part in parts.values()} == {SectionState.TRUNCATED}


def test_a_failed_outcome_in_the_bundle_truncates_it_and_a_warning_does_not() -> None:
    def states(severity: str) -> set[SectionState]:
        outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": severity}]}
        return {part.state for part in read(bundle(patient(), outcome)).values()}

    assert states("error") == {SectionState.TRUNCATED}
    assert states("warning") == {SectionState.GIVEN, SectionState.EMPTY}


def entry(full_url: str, made: Json) -> Json:
    return {"fullUrl": full_url, "resource": made, "request": {"method": "POST", "url": made["resourceType"]}}


def test_a_transaction_without_ids_is_read_by_its_urns() -> None:
    subject = {"reference": "urn:uuid:0b5cf2ad-3e31-4d4a-9c0b-29b0f2f1f0a1"}
    value = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry("urn:uuid:0b5cf2ad-3e31-4d4a-9c0b-29b0f2f1f0a1", patient(id=None)),
            entry("urn:uuid:7c9f1d8e-52c5-4f54-8f0e-6f0b3e6a4b11", resource("Condition", None, subject=subject, code=condition()["code"])),
        ],
    }
    parts = list(read(value).values())
    patient_id = patient_id_of(parts)
    assert patient_id == "0b5cf2ad-3e31-4d4a-9c0b-29b0f2f1f0a1"
    found = record_from(parts, patient_id=patient_id, fhir_base=None)
    assert [fact.reference for fact in found.conditions] == ["Condition/7c9f1d8e-52c5-4f54-8f0e-6f0b3e6a4b11"]
    assert found.conditions[0].source == "bundle"


def test_a_patient_without_any_identity_is_not_usable() -> None:
    with pytest.raises(PatientUnusable):
        patient_id_of(read(bundle(patient(id=None))).values())
