"""What is read and not used: several copies, modified meanings, what cannot be decoded; and what is passed through."""

import json
from datetime import date
from typing import Any

import pytest

from clinical.dates import PartialDate
from clinical.record import DataGap
from fhir_mapping.section import read_patient_bundle
from tests.unit.fhir_mapping.given import (
    CEMENT,
    FRACTURE,
    KNEE,
    MORPHINE,
    MRI,
    OEDEMA,
    OSTEOPOROSIS,
    VERTEBROPLASTY,
    Json,
    bundle,
    concept,
    condition,
    medication_request,
    observation,
    patient,
    record,
    record_from,
    resource,
    section,
)

OF_EACH_TYPE = [
    condition(),
    observation(),
    resource("DiagnosticReport", status="final", conclusionCode=[concept(OEDEMA)]),
    resource("ImagingStudy", status="available", modality=[{"system": MRI[0], "code": MRI[1]}]),
    medication_request(),
    *(
        resource(kind, status="completed", medicationCodeableConcept=concept(MORPHINE))
        for kind in ("MedicationStatement", "MedicationAdministration", "MedicationDispense")
    ),
    resource("AllergyIntolerance", code=concept(CEMENT)),
    resource("Procedure", status="completed", code=concept(VERTEBROPLASTY)),
]
NAMES = [made["resourceType"] for made in OF_EACH_TYPE]


def facts(*resources: Json, **options: Any) -> list[str]:
    found = record(*resources, **options)
    kinds = (found.conditions, found.observations, found.imaging_studies, found.medications, found.allergies, found.procedures)
    return [fact.reference for kind in kinds for fact in kind]


@pytest.mark.parametrize("made", OF_EACH_TYPE, ids=NAMES)
def test_each_type_makes_a_fact(made: Json) -> None:
    assert facts(made) == [f"{made['resourceType']}/{made['id']}"]


@pytest.mark.parametrize(
    "member", [{"modifierExtension": [{"url": "https://example.org/not-done"}]}, {"implicitRules": "https://example.org/r"}]
)
@pytest.mark.parametrize("made", OF_EACH_TYPE, ids=NAMES)
def test_a_resource_whose_meaning_is_modified_is_set_aside(made: Json, member: Json) -> None:
    assert facts({**made, **member}) == []
    found = record({**made, **member})
    assert (found.set_aside, found.data_gaps) == ({"modifier-extension": 1}, (DataGap(made["resourceType"], "failed"),))


def test_a_modified_resource_that_would_say_nothing_leaves_no_gap() -> None:
    modifier = {"modifierExtension": [{"url": "https://example.org/not-done"}]}
    for made in (condition(code=concept(KNEE)), condition(verificationStatus={"text": "entered-in-error"})):
        assert record({**made, **modifier}).data_gaps == ()
        assert record(condition("c1"), {**made, **modifier, "id": "c2"}, {**made, **modifier, "id": "c2"}).data_gaps == ()


def test_a_gap_that_is_known_is_not_told_twice() -> None:
    known = DataGap("Observation", "truncated")
    modifier: dict[str, Any] = {"modifierExtension": [{"url": "x"}]}
    found = record(observation(**modifier), condition(**modifier), condition("c2", **modifier), gaps=[known])
    assert found.data_gaps == (known, DataGap("Condition", "failed"))


def test_a_modified_part_of_a_resource_leaves_a_gap_too() -> None:
    modifier: dict[str, Any] = {"modifierExtension": [{"url": "x"}]}
    panel = observation(code=concept(KNEE), component=[{"code": concept(OEDEMA), "valueBoolean": True, **modifier}])
    report = resource("DiagnosticReport", status="final", contained=[observation("in", **modifier)])
    for made in (panel, report):
        found = record(made)
        assert (found.observations, found.data_gaps) == ((), (DataGap("Observation", "failed"),))
        assert found.set_aside["modifier-extension"] == 1
    beside = observation(component=[{"code": concept(KNEE), **modifier}])
    assert (len(record(beside).observations), record(beside).data_gaps) == (1, ())


@pytest.mark.parametrize("member", [{"modifierExtension": []}, {"modifierExtension": None}, {"implicitRules": None}])
def test_an_empty_modifier_modifies_nothing(member: Json) -> None:
    assert facts({**condition(), **member}) == ["Condition/c1"]


@pytest.mark.parametrize("made", OF_EACH_TYPE, ids=NAMES)
def test_an_element_of_the_wrong_type_sets_that_resource_aside_and_no_other(made: Json) -> None:
    broken = {**made, "id": "broken", "meta": "text"}
    assert facts(made, broken) == [f"{made['resourceType']}/{made['id']}"]
    assert record(made, broken).set_aside == {"undecodable": 1}


@pytest.mark.parametrize(
    "members",
    [
        {"code": "text"},
        {"code": ["text"]},
        {"evidence": "text", "code": {}},
        {"extension": 7},
        {"subject": {"reference": "Patient/p1", "x": 1}, "beneficiary": {}},
    ],
)
def test_a_condition_that_cannot_be_read_is_counted(members: Json) -> None:
    found = record(condition("c1", **members), condition("c2"))
    assert [fact.reference for fact in found.conditions] == ["Condition/c2"]
    assert found.set_aside == {"undecodable": 1}


@pytest.mark.parametrize(
    "nulls", [["code"], ["bodySite", "evidence", "extension", "contained", "meta"], ["onsetDateTime", "clinicalStatus"]]
)
def test_null_members_are_missing_members(nulls: list[str]) -> None:
    plain = record(condition(code=concept(FRACTURE)))
    kept = {name: None for name in nulls if name != "code"}
    assert record({**condition(), **kept}).conditions == plain.conditions
    if "code" in nulls:
        assert record({**condition(), "code": None}).set_aside == {"not-relevant": 1}


@pytest.mark.parametrize(
    ("resource_id", "reference"),
    [
        ("c1", "Condition/c1"),
        ("A.b-9", "Condition/A.b-9"),
        ("x" * 64, "Condition/" + "x" * 64),
        ("x" * 65, "Condition/unidentified"),
        ("John Smith", "Condition/unidentified"),
        ("a/b", "Condition/unidentified"),
        ("", "Condition/unidentified"),
        (None, "Condition/unidentified"),
    ],
)
def test_a_reference_holds_only_what_fhir_allows_as_an_id(resource_id: str | None, reference: str) -> None:
    assert facts(condition(resource_id)) == [reference]


def version(number: str | None, updated: str | None = None, **members: Any) -> Json:
    meta = {name: value for name, value in (("versionId", number), ("lastUpdated", updated)) if value is not None}
    return condition("c1", meta=meta, **members)


OLD: dict[str, Any]
NEW: dict[str, Any]
OLD, NEW = {"code": concept(FRACTURE)}, {"code": concept(OSTEOPOROSIS)}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (version("1", **OLD), version("2", **NEW)),
        (version("9", **OLD), version("10", **NEW)),
        (version("1", "2026-11-20T10:00:00Z", **OLD), version("2", "2026-11-19T10:00:00Z", **NEW)),
        (version(None, "2026-11-19T10:00:00Z", **OLD), version(None, "2026-11-20T10:00:00Z", **NEW)),
        (version("a", "2026-11-20T10:00:00+02:00", **OLD), version("a", "2026-11-20T09:00:00Z", **NEW)),
        (version("2", "2026-11-19T10:00:00Z", **OLD), version("2", "2026-11-20T10:00:00Z", **NEW)),
        (version("1", "2026-11-19T10:00:00Z", **OLD), version(None, "2026-11-20T10:00:00Z", **NEW)),
        (version(None, "2026-11-19T10:00:00Z", **OLD), version("1", "2026-11-20T10:00:00Z", **NEW)),
    ],
)
def test_of_two_copies_the_newer_counts_in_either_order(older: Json, newer: Json) -> None:
    for copies in ((older, newer), (newer, older)):
        found = record(*copies)
        assert [fact.concepts for fact in found.conditions] == [{"osteoporosis"}]
        assert found.set_aside == {"duplicate": 1}


def test_a_newer_copy_that_says_nothing_here_overrules_an_older_that_did() -> None:
    assert facts(version("1", **OLD), version("2", code=concept(KNEE))) == []
    assert facts(version("1", **OLD), version("2", verificationStatus={"text": "entered-in-error"})) == []
    assert facts(version("1", **OLD), version("2", modifierExtension=[{"url": "x"}])) == []


UNORDERED = [
    (version("1", **OLD), version("1", **NEW)),
    (version(None, **OLD), version(None, **NEW)),
    (version(None, **OLD), version("1", **NEW)),
    (version("1", **OLD), version(None, "2026-11-20T10:00:00Z", **NEW)),
    (version("1", "2026-11-20T10:00:00Z", **OLD), version(None, **NEW)),
    (version("a", **OLD), version("b", **NEW)),
    (version("9" * 5000, **OLD), version("1", **NEW)),
    (version(None, "2026-11-20T10:00:00Z", **OLD), version(None, "2026-11-20T10:00:00Z", **NEW)),
]


@pytest.mark.parametrize(("one", "other"), UNORDERED)
def test_copies_of_which_none_is_known_to_be_newer_all_count(one: Json, other: Json) -> None:
    found = record(one, other)
    assert {name for fact in found.conditions for name in fact.concepts} == {"osteoporosis", "osteoporotic-vertebral-fracture"}
    assert (found.set_aside, found) == ({}, record(other, one))


@pytest.mark.parametrize(("one", "other"), UNORDERED)
def test_none_of_them_counts_where_one_was_entered_in_error(one: Json, other: Json) -> None:
    wrong = {**other, "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    found = record(one, wrong)
    assert (found.conditions, found.set_aside) == ((), {"duplicate": 1, "entered-in-error": 1})
    assert found == record(wrong, one)


@pytest.mark.parametrize("kind", ["MedicationStatement", "MedicationDispense"])
def test_a_status_of_entered_in_error_tells_of_all_copies(kind: str) -> None:
    made = resource(kind, status="completed", medicationCodeableConcept=concept(MORPHINE))
    assert facts(made, {**made, "status": "entered-in-error"}) == []


def test_an_old_version_is_overruled_whatever_else_there_is() -> None:
    copies = [version("1", **OLD), version("2", code=concept(KNEE)), version(None, **NEW)]
    assert [fact.concepts for fact in record(*copies).conditions] == [{"osteoporosis"}]
    assert record(*copies) == record(*reversed(copies))


def test_copies_that_say_the_same_are_one_whatever_their_versions() -> None:
    found = record(version("a", **OLD), version(None, "2026-11-20T10:00:00Z", **OLD), version(None, **OLD))
    assert (len(found.conditions), found.set_aside) == (1, {"duplicate": 2})


def test_of_a_patient_told_in_two_ways_what_stands_against_advice_counts() -> None:
    one, other = patient(birthDate="1946"), patient(birthDate="1950-02-03", deceasedBoolean=True, active=False)
    found = record_from([section("Patient", one), section("Condition", bundle(condition(), other))])
    assert (found.patient.deceased, found.patient.active) == (False, True)
    entries = [{"resource": one}, {"resource": other}]
    raw = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()
    told = record_from(read_patient_bundle(raw)).patient
    assert (told.deceased, told.active, told.replaced) == (True, False, False)
    assert told.birth_date == PartialDate(date(1946, 1, 1), date(1950, 2, 3))


def test_the_same_id_in_another_type_is_another_resource() -> None:
    assert facts(condition("x"), observation("x")) == ["Condition/x", "Observation/x"]


def test_resources_without_an_id_are_all_kept_but_equal_ones_once() -> None:
    assert len(facts(condition(None), condition(None, code=concept(OSTEOPOROSIS)), condition(None))) == 2


def test_a_copy_that_was_fetched_and_one_that_was_sent_are_one() -> None:
    sent, parts = section("Condition", bundle(condition())), section("Patient", patient())
    assert len(record_from([parts, sent, sent]).conditions) == 1


def test_gaps_are_passed_through() -> None:
    gaps = (DataGap("ImagingStudy", "not-supported"), DataGap("Observation", "truncated"))
    assert record(gaps=gaps).data_gaps == gaps


def test_failed_and_absent_sections_are_no_gap_of_this_rooms_making() -> None:
    parts = [section("Patient", patient()), section("Condition", {"resourceType": "OperationOutcome"}), section("Observation", "x")]
    assert record_from(parts).data_gaps == ()


def test_what_did_arrive_in_a_truncated_section_is_read() -> None:
    value = bundle(condition(), link=[{"relation": "next", "url": "https://ehr.example.org/2"}])
    assert record_from([section("Patient", patient()), section("Condition", value)]).conditions


IRRELEVANT = frozenset({"marrow-oedema", "text-vertebral-fracture"})


@pytest.mark.parametrize(
    "told",
    [
        condition(code=concept(text="fracture of L1")),
        observation(code=concept(OEDEMA)),
        observation(component=[{"code": concept(OEDEMA)}]),
        resource("DiagnosticReport", status="final", conclusionCode=[concept(OEDEMA)]),
        resource("DiagnosticReport", status="final", contained=[observation(code=concept(OEDEMA))]),
        condition(code="text"),
        condition(code=concept(KNEE), evidence="text"),
    ],
)
def test_a_chart_that_may_be_about_what_is_asked_is_read_whole(told: Json) -> None:
    beside = condition("beside", code=concept(OSTEOPOROSIS))
    assert record(beside, told, only_with=IRRELEVANT) == record(beside, told)


def test_a_chart_about_something_else_is_not_opened() -> None:
    found = record(condition(code=concept(OSTEOPOROSIS)), medication_request(), patient(active=False), only_with=IRRELEVANT)
    assert (found.conditions, found.medications, found.patient.active) == ((), (), False)


def test_a_chart_that_is_not_opened_is_guarded_all_the_same() -> None:
    with pytest.raises(Exception, match="another patient"):
        record(condition(code=concept(KNEE), subject={"reference": "Patient/p2"}), only_with=IRRELEVANT)
