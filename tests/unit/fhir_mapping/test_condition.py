"""Condition to fact: status (G1, G2), dates (G3), cause, hints (G6)."""

from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import Condition, Verification
from tests.unit.fhir_mapping.given import (
    ABSENT_URL,
    FALL,
    FRACTURE,
    KNEE,
    OSTEOPOROSIS,
    SNOMED,
    Json,
    concept,
    condition,
    patient,
    record,
)

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"


def fact(**members: Any) -> Condition:
    (found,) = record(condition(**members)).conditions
    return found


def days(first: str | None, last: str | None) -> PartialDate:
    return PartialDate(date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None)


def status(*codes: str, system: str = VERIFICATION, text: str | None = None) -> Json:
    return concept(*((system, code) for code in codes), text=text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, Verification.CONFIRMED),
        (status("confirmed"), Verification.CONFIRMED),
        (status("unconfirmed"), Verification.UNCONFIRMED),
        (status("provisional"), Verification.UNCONFIRMED),
        (status("differential"), Verification.UNCONFIRMED),
        (status("refuted"), Verification.REFUTED),
        (status("probably"), Verification.UNCONFIRMED),
        (status("confirmed", system="urn:oid:1.2.3"), Verification.CONFIRMED),
        (status("confirmed", "local-code"), Verification.CONFIRMED),
        (status("confirmed", "refuted"), Verification.REFUTED),
        (status("confirmed", "differential"), Verification.UNCONFIRMED),
        ("refuted", Verification.REFUTED),
        ("Confirmed", Verification.CONFIRMED),
        ({"text": "Refuted"}, Verification.REFUTED),
        ({"text": "we think so"}, Verification.UNCONFIRMED),
        ({}, Verification.UNCONFIRMED),
    ],
)
def test_verification_status(given: Any, expected: Verification) -> None:
    assert fact(verificationStatus=given).verification is expected


@pytest.mark.parametrize(
    "given", [status("entered-in-error"), "entered-in-error", {"text": "Entered in Error"}, status("confirmed", "entered-in-error")]
)
def test_entered_in_error_is_dropped_and_counted(given: Any) -> None:
    found = record(condition(verificationStatus=given))
    assert (found.conditions, found.set_aside) == ((), {"entered-in-error": 1})


@pytest.mark.parametrize(
    ("given", "inactive"),
    [
        (None, False),
        (status("active", system=CLINICAL), False),
        (status("recurrence", system=CLINICAL), False),
        (status("relapse", system=CLINICAL), False),
        (status("inactive", system=CLINICAL), True),
        (status("remission", system=CLINICAL), True),
        (status("resolved", system=CLINICAL), True),
        (status("resolved", system="urn:old"), True),
        ("resolved", True),
        ({"text": "Resolved"}, True),
        (status("unheard-of", system=CLINICAL), False),
    ],
)
def test_clinical_status(given: Any, inactive: bool) -> None:
    assert fact(clinicalStatus=given).inactive is inactive


@pytest.mark.parametrize("code", ["active", "recurrence", "relapse", "inactive", "remission", "resolved", "unheard-of"])
def test_only_an_active_status_says_that_it_is_active(code: str) -> None:
    assert fact(clinicalStatus=status(code, system=CLINICAL)).said_active is (code in ("active", "recurrence", "relapse"))
    assert fact(clinicalStatus=None).said_active is False


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, None),
        ({"onsetDateTime": "2026-10"}, days("2026-10-01", "2026-10-31")),
        ({"onsetPeriod": {"start": "2026-10-01", "end": "2026-10-15"}}, days("2026-10-01", "2026-10-15")),
        ({"onsetPeriod": {"start": "2026-10-01"}}, days("2026-10-01", None)),
        ({"onsetPeriod": {"start": "2026-10-02", "end": "2026-10-01"}}, None),
        ({"onsetAge": {"value": 79, "code": "a"}}, days("2025-05-05", "2026-05-04")),
        ({"onsetAge": {"value": 79, "code": "a"}, "recordedDate": "2025-12-24"}, days("2025-05-05", "2025-12-24")),
        ({"onsetAge": {"value": 79, "code": "a"}, "recordedDate": "2024-12-24"}, None),
        ({"onsetRange": {"low": {"value": 70, "code": "a"}, "high": {"value": 79, "code": "a"}}}, days("2016-05-05", "2026-05-04")),
        ({"onsetString": "about 3 weeks ago"}, None),
        ({"onsetDateTime": "last week"}, None),
        ({"_onsetDateTime": {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}}, None),
        ({"recordedDate": "2026-10-10"}, None),
    ],
)
def test_onset(members: Json, expected: PartialDate | None) -> None:
    assert fact(**members).onset == expected


def test_recorded_date_is_kept_beside_a_missing_onset() -> None:
    assert fact(recordedDate="2026-10-10").recorded == days("2026-10-10", "2026-10-10")


@pytest.mark.parametrize(
    ("members", "abated", "abatement"),
    [
        ({}, False, None),
        ({"abatementDateTime": "2026-11-01"}, True, days("2026-11-01", "2026-11-01")),
        ({"abatementPeriod": {"start": "2026-11-01", "end": "2026-11-03"}}, True, days("2026-11-01", "2026-11-03")),
        ({"abatementAge": {"value": 80, "code": "a"}}, True, days("2026-05-05", "2027-05-04")),
        ({"abatementString": "healed"}, True, None),
        ({"abatementBoolean": True}, True, None),
        ({"abatementBoolean": False}, False, None),
        ({"abatementDateTime": "no date"}, True, None),
        ({"_abatementDateTime": {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}}, False, None),
    ],
)
def test_abatement(members: Json, abated: bool, abatement: PartialDate | None) -> None:
    found = fact(**members)
    assert (found.abated, found.abatement) == (abated, abatement)


def test_an_age_without_a_birth_date_gives_no_onset() -> None:
    (found,) = record(patient(birthDate=None), condition(onsetAge={"value": 79, "code": "a"})).conditions
    assert found.onset is None


def test_a_date_that_is_none_is_noted() -> None:
    assert record(condition(onsetDateTime="2026-02-30")).set_aside == {"invalid-date": 1}


@pytest.mark.parametrize("member", ["onsetDateTime", "recordedDate"])
def test_a_date_in_the_future_is_ignored_and_the_condition_kept(member: str) -> None:
    found = record(condition(**{member: "2026-11-23"}))
    (kept,) = found.conditions
    assert (kept.onset, kept.recorded, found.set_aside) == (None, None, {"future-dated": 1})


def test_today_is_not_the_future() -> None:
    assert fact(onsetDateTime="2026-11-22").onset == days("2026-11-22", "2026-11-22")
    assert fact(onsetDateTime="2026-11").onset == days("2026-11-01", "2026-11-30")


def test_several_codings_of_one_concept_mean_the_union() -> None:
    assert fact(code=concept(KNEE, FRACTURE, OSTEOPOROSIS)).concepts == {"osteoporotic-vertebral-fracture", "osteoporosis"}


@pytest.mark.parametrize(
    "code", [{"coding": [None, {"system": SNOMED}, {"code": "64859006"}, {"system": None, "code": None}]}, {"coding": None}, None, {}]
)
def test_a_code_without_system_or_a_system_without_code_means_nothing(code: Any) -> None:
    found = record(condition(code=code))
    assert (found.conditions, found.set_aside) == ((), {"not-relevant": 1})


def test_causes_come_from_evidence_and_from_due_to() -> None:
    due_to = {"url": DUE_TO, "valueCodeableConcept": concept(FALL)}
    for members in ({"evidence": [{"code": [concept(KNEE), concept(FALL)]}]}, {"extension": [{"url": "x", "valueString": "y"}, due_to]}):
        assert fact(**members).cause_concepts == {"low-energy-mechanism"}
        assert fact(code=concept(KNEE), **members).concepts == frozenset()


def test_another_extension_is_no_cause() -> None:
    other = {"url": "https://example.org/else", "valueCodeableConcept": concept(FALL)}
    assert fact(extension=[other]).cause_concepts == frozenset()
    assert record(condition(code=concept(KNEE), extension=[other])).conditions == ()


def test_text_gives_a_hint_only_where_the_codes_mean_nothing() -> None:
    assert fact(code=concept(KNEE, text="wedge fracture L1")).hints == {"text-vertebral-fracture"}
    assert fact(code=concept(text="wedge fracture L1")).hints == {"text-vertebral-fracture"}
    assert fact(code=concept(FRACTURE, text="wedge fracture L1")).hints == frozenset()


def test_no_text_of_the_record_is_kept() -> None:
    made = condition(
        code=concept(FRACTURE, text="canary fracture"), bodySite=[concept(text="canary spine")], onsetString="canary",
        abatementString="canary",
        note=[{"text": "canary"}],
    )  # fmt: skip
    assert "canary" not in repr(record(made, condition("c2", code=concept(text="canary fracture"))))


def test_conditions_that_say_nothing_here_are_not_kept() -> None:
    found = record(condition(code=concept(KNEE, text="sprain")), condition("c2"))
    assert [fact.reference for fact in found.conditions] == ["Condition/c2"]
    assert found.set_aside == {"not-relevant": 1}


@pytest.mark.parametrize("member", ["recordedDate", "onsetDateTime"])
@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T00:00:00Z"])
def test_a_date_of_no_patients_time_is_none(member: str, text: str) -> None:
    found = record(condition(**{member: text}))
    assert (found.conditions[0].onset, found.conditions[0].recorded, found.set_aside) == (None, None, {"invalid-date": 1})


def test_a_period_to_a_day_that_never_comes_is_open() -> None:
    found = record(condition(onsetPeriod={"start": "2026-11-01", "end": "9999-12-31"}))
    assert (found.conditions[0].onset, found.set_aside) == (PartialDate(date(2026, 11, 1), None), {})


def test_an_abatement_that_never_comes_is_none() -> None:
    found = record(condition(abatementDateTime="9999-12-31"))
    assert (found.conditions[0].abated, found.set_aside) == (False, {})
