"""Patient, AllergyIntolerance, Procedure, ImagingStudy."""

from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import BodySite, DataGap, Patient, Site, Verification
from clinical.vertebra import VertebralLevel
from tests.unit.fhir_mapping.given import (
    ABSENT_URL,
    CEMENT,
    KNEE,
    L1,
    MRI,
    VERTEBROPLASTY,
    Json,
    concept,
    ids,
    patient,
    record,
    resource,
)

DAR = {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}


def day(text: str) -> PartialDate:
    return PartialDate(date.fromisoformat(text), date.fromisoformat(text))


def who(**members: Any) -> Patient:
    return record(patient(**members)).patient


def test_the_patient() -> None:
    assert who() == Patient(id="p1", reference="Patient/p1", source="prefetch", birth_date=day("1946-05-05"))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"birthDate": "1946"}, PartialDate(date(1946, 1, 1), date(1946, 12, 31))),
        ({"birthDate": None}, None),
        ({"birthDate": "May 1946"}, None),
        ({"birthDate": None, "_birthDate": DAR}, None),
    ],
)
def test_birth_date(members: Json, expected: PartialDate | None) -> None:
    assert who(**members).birth_date == expected


@pytest.mark.parametrize(
    ("members", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-01"}, True),
        ({"deceasedDateTime": "some time ago"}, True),
    ],
)
def test_deceased(members: Json, deceased: bool) -> None:
    assert who(**members).deceased is deceased


@pytest.mark.parametrize(("active", "expected"), [(None, True), (True, True), (False, False)])
def test_active(active: bool | None, expected: bool) -> None:
    assert who(active=active).active is expected


def test_a_record_merged_into_another_is_replaced() -> None:
    link = {"other": {"reference": "Patient/p2"}}
    assert who(link=[None, {**link, "type": "replaced-by"}]).replaced
    assert not who(link=[{**link, "type": "seealso"}, {**link, "type": "replaces"}]).replaced


def allergy(**members: Any) -> Json:
    return resource("AllergyIntolerance", "a1", **{"code": concept(CEMENT), **members})


@pytest.mark.parametrize("members", [{"code": concept(KNEE, CEMENT)}, {"code": None, "reaction": [None, {"substance": concept(CEMENT)}]}])
def test_an_allergy_names_its_substance_in_its_code_or_in_a_reaction(members: Json) -> None:
    (found,) = record(allergy(**members, recordedDate="2020")).allergies
    assert (found.reference, found.concepts) == ("AllergyIntolerance/a1", ids("pmma-allergy"))
    assert found.recorded == PartialDate(date(2020, 1, 1), date(2020, 12, 31))


@pytest.mark.parametrize(("status", "inactive"), [(None, False), ("active", False), ("inactive", True), ("resolved", True)])
def test_an_allergy_that_is_over_is_inactive(status: str | None, inactive: bool) -> None:
    (found,) = record(allergy(clinicalStatus=concept(("urn:any", status)) if status else None)).allergies
    assert found.inactive is inactive


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, Verification.CONFIRMED),
        ("confirmed", Verification.CONFIRMED),
        ("unconfirmed", Verification.UNCONFIRMED),
        ("refuted", Verification.REFUTED),
    ],
)
def test_how_sure_an_allergy_is(status: str | None, expected: Verification) -> None:
    (found,) = record(allergy(verificationStatus=concept(("urn:any", status)) if status else None)).allergies
    assert found.verification is expected


def test_an_allergy_entered_in_error_is_dropped() -> None:
    found = record(allergy(verificationStatus=concept(("urn:any", "entered-in-error"))))
    assert (found.allergies, found.set_aside) == ((), {"entered-in-error": 1})


def test_an_allergy_recorded_after_today_is_kept_without_its_date() -> None:
    found = record(allergy(recordedDate="2027-01-01"))
    assert (found.allergies[0].recorded, found.set_aside) == (None, {"future-dated": 1})


def test_other_allergies_are_not_kept() -> None:
    assert record(allergy(code=concept(KNEE, text="grass pollen"))).set_aside == {"not-relevant": 1}


NAMED_IN_WORDS = [
    concept(text="Morphine"),
    concept(KNEE, text="Morphine"),
    {"coding": [None, {"system": "urn:local", "code": "7", "display": "morphine"}]},
    {"coding": [{"display": "grass pollen"}, {"display": "morphine"}], "text": "other"},
]


@pytest.mark.parametrize("code", NAMED_IN_WORDS)
def test_an_allergy_may_be_named_in_words(code: Json) -> None:
    (found,) = record(allergy(code=code)).allergies
    assert (found.concepts, found.hints) == (frozenset(), ids("text-opioid"))


def test_words_beside_a_code_that_means_something_are_read_too() -> None:
    (found,) = record(allergy(code=concept(CEMENT, text="morphine"))).allergies
    assert (found.concepts, found.hints) == (ids("pmma-allergy"), ids("text-opioid"))


@pytest.mark.parametrize("code", [{"text": 7}, {"coding": [{"display": 7}]}])
def test_an_allergy_whose_name_cannot_be_read_leaves_a_gap(code: Json) -> None:
    assert record(allergy(code=code)).data_gaps == (DataGap("AllergyIntolerance", "failed"),)


def procedure(**members: Any) -> Json:
    return resource("Procedure", "x1", **{"status": "completed", "code": concept(VERTEBROPLASTY), **members})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"performedDateTime": "2025-03-04"}, day("2025-03-04")),
        ({"performedPeriod": {"start": "2025-03-04", "end": "2025-03-05"}}, PartialDate(date(2025, 3, 4), date(2025, 3, 5))),
        ({"performedAge": {"value": 79, "code": "a"}}, PartialDate(date(2025, 5, 5), date(2026, 5, 4))),
        ({"performedRange": {"low": {"value": 70, "code": "a"}}}, PartialDate(date(2016, 5, 5), None)),
        ({"performedString": "last year"}, None),
        ({}, None),
    ],
)
def test_when_a_procedure_was_performed(members: Json, expected: PartialDate | None) -> None:
    (found,) = record(procedure(**members)).procedures
    assert found.performed == expected


def test_where_a_procedure_was_performed() -> None:
    (found,) = record(procedure(bodySite=[concept(L1)])).procedures
    assert (found.reference, found.concepts, found.site) == ("Procedure/x1", ids("vertebroplasty"), BodySite(Site.LEVEL, VertebralLevel.L1))


@pytest.mark.parametrize(
    ("status", "completed"),
    [("completed", True), ("in-progress", False), ("on-hold", False), ("stopped", False), ("unknown", False), (None, False)],
)
def test_only_a_completed_procedure_is_completed(status: str | None, completed: bool) -> None:
    (found,) = record(procedure(status=status)).procedures
    assert found.completed is completed


@pytest.mark.parametrize(
    ("status", "reason"), [("not-done", "status"), ("preparation", "status"), ("entered-in-error", "entered-in-error")]
)
def test_a_procedure_that_was_not_done_is_dropped(status: str, reason: str) -> None:
    found = record(procedure(status=status))
    assert (found.procedures, found.set_aside) == ((), {reason: 1})


def test_a_procedure_after_today_is_set_aside() -> None:
    assert record(procedure(performedDateTime="2026-11-23")).set_aside == {"future-dated": 1}


def test_other_procedures_are_not_kept() -> None:
    assert record(procedure(code=concept(KNEE)), procedure(id="x2", code=None)).set_aside == {"not-relevant": 2}


def study(**members: Any) -> Json:
    return resource("ImagingStudy", "i1", **{"status": "available", "modality": [{"system": MRI[0], "code": MRI[1]}], **members})


@pytest.mark.parametrize(("status", "preliminary"), [("available", False), ("registered", True), ("unknown", True), (None, True)])
def test_an_imaging_study(status: str | None, preliminary: bool) -> None:
    (found,) = record(study(status=status, started="2026-11-20T10:00:00Z")).imaging_studies
    assert (found.reference, found.modality, found.preliminary) == ("ImagingStudy/i1", ids("mri-study"), preliminary)
    assert found.date is not None
    assert found.date.earliest == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"status": "cancelled"}, "status"),
        ({"status": "entered-in-error"}, "entered-in-error"),
        ({"modifierExtension": [{"url": "x"}]}, "modifier-extension"),
        ({"started": "2026-11-23"}, "future-dated"),
        ({"modality": [{"system": MRI[0], "code": "XX"}]}, "not-relevant"),
        ({"modality": [{"code": "MR"}]}, "not-relevant"),
    ],
)
def test_a_study_that_does_not_count_is_set_aside(members: Json, reason: str) -> None:
    found = record(study(**members))
    assert (found.imaging_studies, found.set_aside) == ((), {reason: 1})


@pytest.mark.parametrize("member", ["_deceasedDateTime", "_deceasedBoolean"])
def test_a_day_of_death_that_is_not_known_is_one(member: str) -> None:
    unknown = {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}
    assert record(patient(**{member: unknown})).patient.deceased is (member == "_deceasedDateTime")
    assert not record(patient(**{member: {"extension": [{"url": "https://example.org/other"}]}})).patient.deceased
