"""Nobody else's data, in any form, from any place (contract 6.10, trust.md 2.6)."""

import json
from typing import Any

import pytest

from clinical.record import DataGap, PatientRecord, Source
from fhir_mapping.errors import AnotherPatient, MappingError, PatientUnusable
from fhir_mapping.patient_guard import PatientGuard, patient_id_of
from fhir_mapping.section import Section, read_patient_bundle, read_section
from tests.unit.fhir_mapping.given import (
    BASE,
    KNEE,
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
    sections,
)

OURS = [
    "Patient/p1",
    "Patient/p1/_history/3",
    f"{BASE}/Patient/p1",
    f"{BASE}/Patient/p1/_history/1.a-B",
    "urn:uuid:p1",
]
OTHERS = [
    "Patient/p2",
    "Patient/P1",
    "patient/p1",
    "Patient/p1 ",
    " Patient/p1",
    "Patient/p1/",
    "Patient/p1/_history",
    "Patient/p1/_history/",
    "Patient/p1/_history/1/2",
    "Patient/p1?x=1",
    "Patient/p1#p1",
    "Patient/p1\u202e",
    "/Patient/p1",
    "p1",
    "#p1",
    "#",
    "Group/p1",
    "urn:uuid:other",
    "urn:uuid:p1/_history/1",
    "https://elsewhere.example.org/fhir/r4/Patient/p1",
    "http://ehr.example.org/fhir/r4/Patient/p1",
    f"{BASE}/Patient/p2",
    f"{BASE}//Patient/p1",
    f"{BASE}/x/Patient/p1",
    f"{BASE}/patient/p1",
]
TYPES = [
    "Condition", "Observation", "DiagnosticReport", "ImagingStudy", "MedicationRequest", "MedicationStatement", "MedicationAdministration",
    "MedicationDispense", "AllergyIntolerance", "Procedure",
]  # fmt: skip


def about(kind: str, reference: str) -> Json:
    owner = "patient" if kind == "AllergyIntolerance" else "subject"
    return resource(kind, "x1", **{owner: {"reference": reference}})


@pytest.mark.parametrize("reference", OURS)
@pytest.mark.parametrize("kind", TYPES)
def test_every_form_of_a_reference_to_this_patient_is_admitted(kind: str, reference: str) -> None:
    assert "no-subject" not in record(about(kind, reference)).set_aside


@pytest.mark.parametrize("kind", TYPES)
def test_another_patient_in_any_type_refuses_everything(kind: str) -> None:
    with pytest.raises(AnotherPatient) as refused:
        record(condition(), about(kind, "Patient/p2"))
    assert (refused.value.resource_type, refused.value.source) == (kind, "prefetch")


@pytest.mark.parametrize("reference", OTHERS)
def test_every_other_reference_is_another_patient(reference: str) -> None:
    with pytest.raises(AnotherPatient):
        record(condition(subject={"reference": reference}))


def test_the_refusal_holds_no_value_of_the_input() -> None:
    with pytest.raises(AnotherPatient) as refused:
        record(condition("canary-id", subject={"reference": "Patient/canary", "display": "canary"}))
    assert "canary" not in repr(refused.value) + str(refused.value) + repr(vars(refused.value))


@pytest.mark.parametrize("member", ["subject", "patient", "for", "beneficiary"])
@pytest.mark.parametrize("kind", ["Encounter", "Observation", "Task", "Coverage", "Claim", "Made-up", 7])
def test_types_we_do_not_read_are_guarded_too(kind: Any, member: str) -> None:
    stray = {"resourceType": kind, "id": "x", member: {"reference": "Patient/p2"}}
    parts = [section("Patient", patient()), section("Condition", bundle(condition(), stray))]
    with pytest.raises(AnotherPatient):
        record_from(parts)


@pytest.mark.parametrize("member", ["patient", "for", "beneficiary"])
def test_a_second_owner_beside_the_subject_is_guarded(member: str) -> None:
    with pytest.raises(AnotherPatient):
        record({**condition(), member: {"reference": "Patient/p2"}})


@pytest.mark.parametrize("reference", OURS)
@pytest.mark.parametrize("kind", [*TYPES, "QuestionnaireResponse"])
def test_a_second_owner_may_repeat_this_patient(kind: str, reference: str) -> None:
    other = "subject" if kind == "AllergyIntolerance" else "patient"
    plain = record(resource(kind, "x1"))
    assert record({**resource(kind, "x1"), other: {"reference": reference}}) == plain


def test_a_second_owner_that_names_nobody_says_nothing() -> None:
    assert len(record({**condition(), "patient": {"display": "Jane Doe"}}).conditions) == 1


def test_a_subject_beside_the_patient_of_an_allergy_is_guarded() -> None:
    with pytest.raises(AnotherPatient):
        record(resource("AllergyIntolerance", subject={"reference": "Patient/p2"}))


@pytest.mark.parametrize("owner", [[{"reference": "Patient/p1"}, {"reference": "Patient/p2"}], "Patient/p2"])
def test_lists_and_bare_text_are_read_as_references(owner: Any) -> None:
    with pytest.raises(AnotherPatient):
        record(condition(subject=owner))


@pytest.mark.parametrize("kind", ["Group", "Specimen"])
def test_a_subject_that_is_no_patient_is_refused(kind: str) -> None:
    with pytest.raises(AnotherPatient):
        record(observation(subject={"reference": f"{kind}/1"}))


def test_an_entry_that_cannot_be_read_is_guarded() -> None:
    with pytest.raises(AnotherPatient):
        record(condition("c1"), condition("c2", contained="text", subject={"reference": "Patient/p2", "display": 7}, id=7))


def test_an_entry_whose_contained_resources_cannot_be_read_is_guarded() -> None:
    broken = b'{"resourceType": "Condition", "contained": ["\xff"], "subject": {"reference": "Patient/p2"}}'
    raw = json.dumps(bundle({"resourceType": "Condition"})).encode().replace(b'{"resourceType": "Condition"}', broken)
    with pytest.raises(AnotherPatient):
        record_from([section("Patient", patient()), read_section("Condition", raw, "prefetch")])


@pytest.mark.parametrize("mode", ["include", "outcome"])
def test_entries_that_do_not_match_are_guarded(mode: str) -> None:
    value = {"resourceType": "Bundle", "entry": [{"resource": about("Condition", "Patient/p2"), "search": {"mode": mode}}]}
    with pytest.raises(AnotherPatient):
        record_from([section("Patient", patient()), section("Condition", value)])


def test_what_counts_as_not_sent_is_guarded() -> None:
    for value in (about("Observation", "Patient/p2"), bundle(about("Condition", "Patient/p2"), kind="history")):
        with pytest.raises(AnotherPatient):
            record_from([section("Patient", patient()), section("Condition", value)])


def test_included_lookups_are_guarded() -> None:
    value = bundle(medication_request(), about("ImagingStudy", "Patient/p2"))
    with pytest.raises(AnotherPatient):
        record_from([section("Patient", patient()), section("MedicationRequest", value)])


def test_a_contained_resource_of_another_patient_is_refused() -> None:
    inner = {"resourceType": "Observation", "id": "in", "subject": {"reference": "Patient/p2"}}
    with pytest.raises(AnotherPatient):
        record(resource("DiagnosticReport", contained=[inner]))


def test_a_contained_resource_of_this_patient_or_of_nobody_is_admitted() -> None:
    ours = {"resourceType": "Observation", "id": "in", "subject": {"reference": "Patient/p1"}}
    nobody = {"resourceType": "Practitioner", "id": "gp"}
    assert record(condition(contained=[ours, nobody])).conditions


def test_a_patient_resource_with_another_id_is_refused_wherever_it_comes() -> None:
    for parts in ([section("Patient", patient(id="p2"))], [section("Patient", patient()), section("Condition", bundle(patient(id="p2")))]):
        with pytest.raises(AnotherPatient):
            record_from(parts)


def test_the_patient_resource_beside_its_conditions_is_admitted() -> None:
    assert record_from([section("Patient", patient()), section("Condition", bundle(condition(), patient()))]).conditions


@pytest.mark.parametrize("value", [None, bundle(), {"resourceType": "OperationOutcome"}, patient(id=None), patient(id="")])
def test_without_a_patient_that_has_an_id_there_is_no_record(value: Any) -> None:
    with pytest.raises(MappingError):
        record_from([section("Patient", value), section("Condition", bundle(condition()))])


@pytest.mark.parametrize("member", [{"modifierExtension": [{"url": "x"}]}, {"implicitRules": "https://example.org/rules"}])
def test_a_patient_that_must_not_be_read_as_it_stands_is_not_usable(member: Json) -> None:
    with pytest.raises(PatientUnusable):
        record(patient(**member))


@pytest.mark.parametrize(
    "subject", [None, {}, {"display": "Jane Doe"}, {"identifier": {"value": "9"}}, {"reference": ""}, {"reference": None}]
)
def test_a_resource_that_names_nobody_is_set_aside(subject: Json | None) -> None:
    found = record(condition(subject=subject), condition("c2"))
    assert [fact.reference for fact in found.conditions] == ["Condition/c2"]
    assert found.set_aside == {"no-subject": 1}
    assert found.data_gaps == (DataGap("Condition", "failed"),)


def test_whom_a_condition_is_about_is_not_told_by_its_patient_alone() -> None:
    found = record({**condition(subject=None), "patient": {"reference": "Patient/p1"}})
    assert (found.conditions, found.data_gaps) == ((), (DataGap("Condition", "failed"),))


@pytest.mark.parametrize(
    "told",
    [
        condition(subject=None, code=concept(KNEE)),
        condition(subject=None, verificationStatus=concept(("urn:any", "entered-in-error"))),
        observation(subject=None, status="cancelled"),
        resource("Medication", subject=None),
    ],
)
def test_a_resource_that_names_nobody_and_would_have_told_nothing_leaves_no_gap(told: Json) -> None:
    assert record(told, condition("c2")).data_gaps == ()


def test_a_resource_that_names_nobody_and_cannot_be_read_leaves_a_gap() -> None:
    assert record(condition(subject=None, onsetDateTime=7)).data_gaps == (DataGap("Condition", "failed"),)


A, B = "https://a.example.org/fhir", "http://b.example.org/fhir"


def at(base: str, resource_id: str = "c1") -> Json:
    return condition(resource_id, subject={"reference": f"{base}/Patient/p1"})


def test_any_one_base_is_ours_where_none_is_known() -> None:
    for base in (A, B):
        assert len(record(at(base), at(f"{base}", "c2"), condition("c3"), fhir_base=None).conditions) == 3
    with pytest.raises(AnotherPatient):
        record(condition(subject={"reference": "ftp://elsewhere.example.org/Patient/p1"}), fhir_base=None)


def test_a_base_below_another_patient_is_none() -> None:
    for below in (f"{A}/Patient/p2", f"{A}/Patient/p1", f"{A}/Patient"):
        for known in (None, below):
            with pytest.raises(AnotherPatient):
                record(at(below), fhir_base=known)


@pytest.mark.parametrize(("one", "other"), [(A, B), (B, A)])
def test_the_same_id_at_two_bases_is_two_patients(one: str, other: str) -> None:
    with pytest.raises(AnotherPatient):
        record(at(one), at(other, "c2"), fhir_base=None)
    with pytest.raises(AnotherPatient):
        record(at(one), observation(subject={"reference": f"{other}/Patient/p1/_history/2"}), fhir_base=None)


def told_at(*entries: tuple[str | None, Json]) -> PatientRecord:
    """The record of a Bundle, each entry with its fullUrl, at no known base."""
    made = [{"resource": one} if url is None else {"fullUrl": url, "resource": one} for url, one in entries]
    raw = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": made}).encode()
    return record_from(read_patient_bundle(raw), fhir_base=None)


@pytest.mark.parametrize("url", [f"{A}/Patient/p1", f"{A}/Patient/p1/_history/3"])
def test_the_base_is_that_of_the_patients_own_address(url: str) -> None:
    assert told_at((None, at(A)), (url, patient())).conditions
    for entries in ([(None, at(B)), (url, patient())], [(url, patient()), (None, at(B))]):
        with pytest.raises(AnotherPatient):
            told_at(*entries)


def test_copies_of_the_patient_at_two_bases_are_two_patients() -> None:
    for one, other in ((A, B), (B, A)):
        with pytest.raises(AnotherPatient):
            told_at((f"{one}/Patient/p1", patient()), (f"{other}/Patient/p1", patient()))


@pytest.mark.parametrize("url", ["urn:uuid:26a9ffa4-9f3c-4d30-a2b7-b3bd8ea7b4a2", "https://a.example.org/x", "ftp://a/Patient/p1", ""])
def test_an_address_of_the_patient_that_is_none_at_a_base_settles_nothing(url: str) -> None:
    assert told_at((url, patient()), (None, at(B))).conditions


def test_a_trailing_slash_on_our_base_does_not_matter() -> None:
    assert record(condition(subject={"reference": f"{BASE}/Patient/p1"}), fhir_base=BASE + "/").conditions


def in_bundle(full_url: str, subject: str) -> bytes:
    entries = [{"fullUrl": full_url, "resource": patient()}, {"resource": condition(subject={"reference": subject})}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


@pytest.mark.parametrize("urn", ["urn:uuid:26a9ffa4-9f3c-4d30-a2b7-b3bd8ea7b4a2", "urn:oid:2.16.840.1.113883.19"])
def test_a_urn_is_resolved_by_the_full_url_of_the_patient(urn: str) -> None:
    assert record_from(read_patient_bundle(in_bundle(urn, urn))).conditions


def test_a_urn_that_no_patient_has_is_somebody_else() -> None:
    with pytest.raises(AnotherPatient):
        record_from(read_patient_bundle(in_bundle("urn:uuid:26a9ffa4", "urn:uuid:ffffffff")))


@pytest.mark.parametrize("source", ["prefetch", "fetched"])
def test_the_refusal_says_where_the_resource_came_from(source: Source) -> None:
    other = read_section("Condition", json.dumps(bundle(about("Condition", "Patient/p2"))).encode(), source)
    with pytest.raises(AnotherPatient) as refused:
        record_from([*sections(patient()), other])
    assert refused.value.source == source


BY_TYPE: dict[str, list[Section]] = {
    "Observation": [*sections(patient()), section("Condition", bundle(about("Observation", "Patient/p2")))],
    "ImagingStudy": [*sections(patient()), section("MedicationRequest", bundle(medication_request(), about("ImagingStudy", "Patient/p2")))],
    "DiagnosticReport": sections(
        patient(), resource("DiagnosticReport", contained=[{"resourceType": "Observation", "subject": {"reference": "Patient/p2"}}])
    ),
    "Patient": [section("Patient", bundle(patient(), patient(id="p2")))],
}


@pytest.mark.parametrize("kind", BY_TYPE)
def test_the_refusal_names_the_type_that_another_patient_came_in(kind: str) -> None:
    with pytest.raises(AnotherPatient) as refused:
        record_from(BY_TYPE[kind])
    assert (refused.value.resource_type, refused.value.source) == (kind, "prefetch")


def test_the_refusal_of_two_addresses_names_the_patient() -> None:
    with pytest.raises(AnotherPatient) as refused:
        told_at((f"{A}/Patient/p1", patient()), (f"{B}/Patient/p1", patient()))
    assert (refused.value.resource_type, refused.value.source) == ("Patient", "bundle")


def test_a_patient_without_an_id_is_named_as_that() -> None:
    with pytest.raises(PatientUnusable, match=r"^a Patient without an id$"):
        record_from([section("Patient", bundle(patient(), patient(id=None)))])
    with pytest.raises(PatientUnusable, match=r"^no Patient with an id$"):
        patient_id_of([section("Condition", bundle(condition()))])


def test_only_a_base_that_is_known_is_ours_with_or_without_its_slash() -> None:
    asked: list[str] = []

    def knows(base: str) -> bool:
        asked.append(base)
        return base == A

    assert PatientGuard("p1", f"{A}/", [], knows).base == A
    assert PatientGuard("p1", B, [], knows).base is None
    assert asked == [A, B]


@pytest.mark.parametrize(
    ("base", "ours"),
    [
        ("https://a.example.org/fhir/Patient", False),
        ("https://a.example.org/Patient/1/fhir", False),
        ("https://a.example.org/Patient/1/https://b.example.org", False),
        ("https://Patient/fhir", True),
        ("https://a.example.org/Patients", True),
    ],
)
def test_a_base_below_a_patient_is_nobodys(base: str, ours: bool) -> None:
    assert PatientGuard("p1", base, []).base == (base if ours else None)
