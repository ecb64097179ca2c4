"""Whose a resource is that does not say so by its subject, or is where none should be (contract 6.10)."""

from typing import Any

import pytest

from fhir_mapping.errors import AnotherPatient
from fhir_mapping.patient_guard import PatientGuard
from tests.unit.fhir_mapping.given import Json, bundle, condition, patient, record, record_from, section

THEIRS: Json = {"resourceType": "Condition", "id": "x1", "subject": {"reference": "Patient/p2"}}


def recorded_by(*others: str) -> Json:
    """A Condition that does not say whose it is, but refers to these."""
    return condition(subject=None, extension=[{"valueReference": {"reference": other}} for other in others])


def test_a_resource_without_a_subject_is_theirs_to_whom_it_refers() -> None:
    for others in ((), ("Patient/p1",), ("Patient/p2", "Patient/p1"), ("Practitioner/p2",)):
        assert record(recorded_by(*others), condition("c2")).set_aside == {"no-subject": 1}
    with pytest.raises(AnotherPatient) as refused:
        record(condition("c2"), recorded_by("Patient/p2", "Practitioner/p1"))
    assert (refused.value.resource_type, refused.value.source) == ("Condition", "prefetch")


def test_a_resource_with_a_subject_may_refer_to_anybody() -> None:
    found = record({**recorded_by("Patient/p2"), "subject": {"reference": "Patient/p1"}}, recorded_by("Patient/p1"))
    assert [fact.reference for fact in found.conditions] == ["Condition/c1"]


def test_whose_a_type_is_that_we_do_not_read_is_told_by_all_it_refers_to() -> None:
    booked = {"resourceType": "Appointment", "participant": [{"actor": {"reference": "Patient/p2"}}]}
    for with_us, refused in (({"for": {"reference": "Patient/p1"}}, False), ({"slot": {"reference": "Patient/p1"}}, False), ({}, True)):
        parts = [section("Patient", patient()), section("Condition", bundle(condition(), {**booked, **with_us}))]
        if refused:
            with pytest.raises(AnotherPatient):
                record_from(parts)
        else:
            assert record_from(parts).conditions


def test_a_value_that_is_no_resource_is_guarded() -> None:
    listed: Any = [THEIRS]
    for value in (listed, bundle(listed)):
        with pytest.raises(AnotherPatient):
            record_from([section("Patient", patient()), section("Condition", value)])


def test_what_came_under_another_types_key_is_somebodys_too() -> None:
    theirs = section("Observation", bundle(THEIRS))
    with pytest.raises(AnotherPatient) as refused:
        PatientGuard("p1", None, []).admit(theirs)
    assert (refused.value.resource_type, refused.value.source) == ("Condition", "prefetch")
    assert list(PatientGuard("p1", None, []).admit(section("Observation", bundle(condition("c1"))))) == []


def test_the_refusal_says_what_was_somebody_elses_and_where_it_came_from() -> None:
    theirs = {"resourceType": "Basic", "id": "b1", "subject": {"reference": "Patient/p2"}}
    with pytest.raises(AnotherPatient) as refused:
        PatientGuard("p1", None, []).admit(section("Condition", bundle(theirs)))
    assert (refused.value.resource_type, refused.value.source) == ("Resource", "prefetch")
