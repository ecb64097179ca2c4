"""Any JSON object as a section gives a Section, and a record or a MappingError: never another exception (design.md, law 1)."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_mapping.errors import MappingError
from fhir_mapping.patient_guard import patient_id_of
from fhir_mapping.section import Section, read_patient_bundle, read_section
from fhir_mapping.shapes import SHAPES
from tests.unit.fhir_mapping.given import (
    FRACTURE,
    L1,
    MORPHINE,
    OEDEMA,
    PAIN,
    PRESENT,
    Json,
    concept,
    patient,
    record_from,
    section,
)

TYPES = sorted(SHAPES)
MEMBERS = [
    "resourceType", "id", "meta", "versionId", "lastUpdated", "type", "link", "relation", "entry", "resource", "fullUrl", "search", "mode",
    "subject", "patient", "reference", "status", "code", "coding", "system", "text", "contained", "modifierExtension", "extension",
    "url", "valueCodeableConcept", "valueQuantity", "value", "unit", "valueInteger", "valueBoolean", "valueString", "component",
    "bodySite", "effectiveDateTime", "effectivePeriod", "start", "end", "issued", "interpretation", "referenceRange", "low", "high",
    "derivedFrom", "hasMember", "result", "conclusionCode", "imagingStudy", "series", "modality", "started", "onsetDateTime", "onsetAge",
    "onsetPeriod", "abatementDateTime", "recordedDate", "clinicalStatus", "verificationStatus", "evidence", "reaction", "substance",
    "medicationCodeableConcept", "medicationReference", "ingredient", "dosageInstruction", "timing", "repeat", "boundsPeriod", "daysSupply",
    "whenHandedOver", "dispenseRequest", "expectedSupplyDuration", "statusReason", "authoredOn", "birthDate", "deceasedBoolean", "active",
    "performedDateTime", "performedAge", "dataAbsentReason", "_valueBoolean", "issue", "severity", "focus", "intent",
]  # fmt: skip
WORDS = [
    *TYPES, "Bundle", "OperationOutcome", "searchset", "collection", "match", "include", "outcome", "next", "Patient/p1", "p1", "#x", "x",
    "final", "active", "completed", "entered-in-error", "2026-11-20", "2026-13", "9999-12-31T23:59:60Z", "a", "d", "mo", ">", "L1",
    *(part for coding in (FRACTURE, L1, MORPHINE, OEDEMA, PAIN, PRESENT) for part in coding),
]  # fmt: skip

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), st.sampled_from(WORDS)
)
values: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6), max_leaves=25
)
members = st.dictionaries(st.sampled_from(MEMBERS), values, max_size=8)
codes = st.sampled_from([FRACTURE, L1, MORPHINE, OEDEMA, PAIN, PRESENT]).map(lambda coding: concept(coding))


@st.composite
def resources(draw: st.DrawFn) -> Json:
    """A resource of ours with true codes, and anything at all in its other members."""
    kind = draw(st.sampled_from(TYPES))
    owner = {"reference": "Patient/p1"}
    coded = {"code": draw(codes), "medicationCodeableConcept": draw(codes), "conclusionCode": [draw(codes)]}
    status = draw(st.sampled_from(["final", "active", "completed", "available"]))
    given_id = {"id": "p1"} if kind == "Patient" else {}
    return {"resourceType": kind, "status": status, "subject": owner, "patient": owner, **coded, **draw(members), **given_id}


def as_bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


@given(st.sampled_from(TYPES), members | values)
@settings(max_examples=300, deadline=None)
def test_any_value_of_a_prefetch_key(kind: str, value: Any) -> None:
    with suppress(MappingError):
        record_from([section("Patient", patient()), read_section(kind, as_bytes(value), "prefetch")])


@given(st.sampled_from(TYPES), st.lists(resources() | members, max_size=5), members)
@settings(max_examples=300, deadline=None)
def test_any_resources_in_a_searchset(kind: str, some: list[Json], beside: Json) -> None:
    owner = "subject" if kind != "AllergyIntolerance" else "patient"
    mine = [{**one, "resourceType": kind, owner: {"reference": "Patient/p1"}} for one in some]
    entries = [{"resource": one} for one in mine]
    value = {**beside, "resourceType": "Bundle", "type": "searchset", "entry": entries}
    with suppress(MappingError):
        record_from([section("Patient", patient()), read_section(kind, as_bytes(value), "prefetch")])


@given(st.lists(resources() | values, max_size=6), members)
@settings(max_examples=300, deadline=None)
def test_any_bundle_of_a_patient(some: list[Any], beside: Json) -> None:
    entries = [{"resource": one} for one in [patient(), *some]]
    value = {**beside, "resourceType": "Bundle", "type": "collection", "entry": entries}
    with suppress(MappingError):
        parts = read_patient_bundle(as_bytes(value))
        record_from(parts, patient_id=patient_id_of(parts), fhir_base=None)


@given(st.binary(max_size=200), st.sampled_from(TYPES))
@settings(max_examples=200, deadline=None)
def test_any_bytes(raw: bytes, kind: str) -> None:
    assert isinstance(read_section(kind, raw, "fetched"), Section)


@pytest.mark.parametrize("depth", [100, 900, 960, 980, 2000])
@pytest.mark.parametrize("member", ["subject", "contained", "code", "component", "extension", "bodySite", "unheard-of"])
@pytest.mark.parametrize("link", [b"[", b'{"subject":'])
def test_any_depth(depth: int, member: str, link: bytes) -> None:
    """How deep is too deep depends on who reads: what one reader could take, the next may not."""
    nested = link * depth + b"1" + (b"]" if link == b"[" else b"}") * depth
    odd = b'{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p1"},"%s":%s}' % (member.encode(), nested)
    for beside in (b"", b',{"resource":{"resourceType":"Flag"}}'):
        value = b'{"resourceType":"Bundle","type":"searchset","entry":[{"resource":%s}%s]}' % (odd, beside)
        with suppress(MappingError):
            assert record_from([section("Patient", patient()), read_section("Condition", value, "prefetch")]).conditions == ()
