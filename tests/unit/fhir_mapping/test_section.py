"""What each shape of a prefetch value or search answer means (cds-hooks.md 3.3)."""

import json
from functools import partial
from typing import Any

import msgspec
import pytest

from fhir_mapping.section import Section, SectionState, read_section, section_of
from fhir_mapping.shapes import SHAPES, SearchBundle
from tests.unit.fhir_mapping.given import bundle, condition, medication_request, observation, patient, resource, section

ABSENT, EMPTY, FAILED, GIVEN, TRUNCATED = (
    SectionState.ABSENT, SectionState.EMPTY, SectionState.FAILED, SectionState.GIVEN, SectionState.TRUNCATED,
)  # fmt: skip
NEXT = [{"relation": "self", "url": "x"}, {"relation": "next", "url": "https://ehr.example.org/page2"}]


def outcome(*severities: str) -> dict[str, Any]:
    issues = [{"severity": severity, "code": "processing", "diagnostics": "told"} for severity in severities]
    return {"resourceType": "OperationOutcome", "issue": issues}


def ids(part: Section) -> list[str | None]:
    return [entry.resource.id for entry in part.entries]


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (None, EMPTY),
        (bundle(), EMPTY),
        ({"resourceType": "Bundle", "type": "searchset", "entry": None}, EMPTY),
        ({"resourceType": "Bundle", "type": "searchset"}, EMPTY),
        ({"resourceType": "Bundle"}, EMPTY),
        (bundle(condition()), GIVEN),
        (bundle(condition(), kind="collection"), GIVEN),
        (condition(), GIVEN),
        (outcome("error"), FAILED),
        (outcome("warning"), FAILED),
        (outcome(), FAILED),
        (bundle(condition(), link=NEXT), TRUNCATED),
        (bundle(link=NEXT), TRUNCATED),
        (bundle(condition(), link=[None, {"relation": "self"}]), GIVEN),
        (bundle(condition(), outcome("information")), GIVEN),
        (bundle(outcome("warning")), EMPTY),
        (bundle(condition(), outcome("error")), FAILED),
        (bundle(outcome("warning", "fatal")), FAILED),
        (bundle({"resourceType": "OperationOutcome", "issue": "text"}), FAILED),
        (bundle(observation(), link=NEXT), TRUNCATED),
        (bundle(observation()), EMPTY),
        (bundle(condition(code="text")), GIVEN),
        (bundle(condition(subject=7)), FAILED),
        (observation(), ABSENT),
        (condition(subject=7), FAILED),
        (bundle(condition(), kind="history"), ABSENT),
        (bundle(condition(), kind="batch-response"), ABSENT),
        ({"resource": bundle(condition()), "response": {"status": "200 OK"}}, ABSENT),
        ("<html>Sign in</html>", ABSENT),
        (42, ABSENT),
        ([condition()], ABSENT),
        ({}, ABSENT),
        ({"resourceType": ["Bundle"]}, ABSENT),
        ({"resourceType": "Bundle", "type": "searchset", "entry": {"resource": condition()}}, FAILED),
    ],
)
def test_a_search_key_in_each_shape(value: Any, state: SectionState) -> None:
    assert section("Condition", value).state is state


def test_a_key_that_was_not_sent_is_absent() -> None:
    assert read_section("Condition", None, "prefetch").state is ABSENT


@pytest.mark.parametrize("raw", [b"", b"{", b'{"resourceType": "Bundle"', b"\xff\xfe", b'{"a":' * 5000])
def test_bytes_that_are_no_json_have_failed(raw: bytes) -> None:
    assert read_section("Condition", raw, "fetched").state is FAILED


@pytest.mark.parametrize(
    ("value", "state"),
    [
        (patient(), GIVEN),
        (bundle(patient()), GIVEN),
        (bundle(), EMPTY),
        (None, EMPTY),
        (outcome("error"), FAILED),
        ({"resourceType": "Practitioner", "id": "p1"}, ABSENT),
        ("Patient/p1", ABSENT),
        (patient(id=7), FAILED),
    ],
)
def test_the_patient_key_in_each_shape(value: Any, state: SectionState) -> None:
    assert section("Patient", value).state is state


def test_null_entries_entries_without_a_resource_and_null_resources_are_nothing() -> None:
    value = {"resourceType": "Bundle", "type": "searchset", "entry": [None, {}, {"resource": None}, {"resource": condition("c9")}]}
    part = section("Condition", value)
    assert (part.state, ids(part), dict(part.set_aside)) == (GIVEN, ["c9"], {})


def test_other_types_that_are_read_are_strays_and_the_rest_is_counted() -> None:
    part = section("Condition", bundle(condition("c1"), observation(), {"resourceType": "Provenance"}))
    assert (ids(part), dict(part.set_aside)) == (["c1"], {"other-type": 1})
    assert [(stray.resource_type, ids(stray)) for stray in part.strays] == [("Observation", ["o1"])]


@pytest.mark.parametrize("kind", ["Bundle", "Parameters"])
@pytest.mark.parametrize("members", ["", ', "issue": 1e999'], ids=["readable", "only its type can be read"])
def test_what_holds_resources_where_a_resource_should_be_fails_the_section(kind: str, members: str) -> None:
    inner = f'{{"resourceType": "{kind}"{members}}}'
    raw = f'{{"resourceType": "Bundle", "type": "searchset", "entry": [{{"resource": {inner}}}]}}'
    assert read_section("Condition", raw.encode(), "prefetch").state is FAILED


@pytest.mark.parametrize("mode", ["match", None])
def test_matches_are_kept(mode: str | None) -> None:
    value = {"resourceType": "Bundle", "entry": [{"resource": condition("c1"), "search": {"mode": mode}}]}
    assert ids(section("Condition", value)) == ["c1"]


@pytest.mark.parametrize("mode", ["include", "outcome"])
def test_what_is_not_a_match_is_no_entry(mode: str) -> None:
    value = {"resourceType": "Bundle", "entry": [{"resource": condition("c1"), "search": {"mode": mode}}]}
    part = section("Condition", value)
    assert (part.state, ids(part)) == (EMPTY, [])


def test_included_medications_and_studies_are_kept_to_look_up() -> None:
    drug = {"resourceType": "Medication", "id": "d1"}
    part = section("MedicationRequest", bundle(medication_request("m1"), drug, resource("ImagingStudy", "i1"), condition()))
    assert ids(part) == ["m1"]
    assert {kind: [entry.resource.id for entry in batch.seen] for kind, batch in part.lookups.items()} == {
        "Medication": ["d1"],
        "ImagingStudy": ["i1"],
    }


def test_an_entry_that_cannot_be_read_is_set_aside_and_the_rest_kept() -> None:
    broken = '{"resourceType": "Condition", "id": "c2", "subject": {"reference": ["Patient/p1"]}}'
    raw = json.dumps(bundle(condition("c1"))).replace('"entry": [', f'"entry": [{{"resource": {broken}}}, 7, ')
    part = read_section("Condition", raw.encode(), "prefetch")
    assert (part.state, ids(part), dict(part.set_aside)) == (GIVEN, ["c1"], {"undecodable": 2})


def test_the_bodies_are_the_entries_unread_in_the_same_order() -> None:
    for value in (bundle(condition("c1"), condition("c2")), bundle(condition("c1"), {"resourceType": "Flag"}, condition("c2"))):
        part = section("Condition", value)
        assert [json.loads(bytes(body.resource))["id"] for body in part.bodies()] == ids(part) == ["c1", "c2"]


def expected_type(kind: str) -> object:
    return SHAPES[kind].seen if kind == "Patient" else SearchBundle[SHAPES[kind].seen]  # type: ignore[misc]


def test_keys_that_were_decoded_together_give_the_sections_that_each_gives_alone() -> None:
    """Whoever decodes a whole call at once makes what is expected of each key a member of one Struct."""
    kinds = {"patient": "Patient", "conditions": "Condition", "observations": "Observation"}
    together = msgspec.defstruct("Together", [(key, expected_type(kind)) for key, kind in kinds.items()])
    values = {"patient": patient(), "conditions": bundle(condition("c1"), link=NEXT), "observations": bundle()}
    decoded = msgspec.json.decode(json.dumps(values).encode(), type=together)
    for key, kind in kinds.items():
        raw = json.dumps(values[key]).encode()
        part, alone = section_of(getattr(decoded, key), kind, partial(bytes, raw), "prefetch"), read_section(kind, raw, "prefetch")
        assert (part.state, ids(part), len(part.bodies())) == (alone.state, ids(alone), len(alone.bodies()))
