"""Entry order, copies, splitting a Bundle, prefetch or Bundle: the same record (design.md, law 4)."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from clinical.record import PatientRecord
from fhir_mapping.section import Section, read_patient_bundle
from tests.unit.fhir_mapping.given import (
    BASE,
    CEMENT,
    FRACTURE,
    HEIGHT,
    KNEE,
    L1,
    L2,
    MORPHINE,
    MRI,
    MRI_REPORT,
    OEDEMA,
    PAIN,
    TENDERNESS,
    VERTEBROPLASTY,
    Json,
    bundle,
    concept,
    condition,
    medication_request,
    observation,
    patient,
    record_from,
    resource,
    section,
)

STUDY = {"reference": f"{BASE}/ImagingStudy/i1"}
CHART: list[Json] = [
    condition("c1", onsetDateTime="2026-10-20", bodySite=[concept(L1)]),
    condition("c2", code=concept(KNEE)),
    condition(None, code=concept(FRACTURE), onsetDateTime="2026-09"),
    condition("c3", meta={"versionId": "1"}),
    condition("c3", meta={"versionId": "2"}, verificationStatus={"text": "refuted"}),
    observation("o1", valueInteger=8),
    observation("o2", valueInteger=6, effectiveDateTime="2026-11-01"),
    observation("o3", code=concept(HEIGHT), hasMember=[{"reference": "Observation/o4"}]),
    observation("o4", code=concept(OEDEMA), component=[{"code": concept(level), "valueBoolean": level is L1} for level in (L1, L2)]),
    observation("o5", code=concept(TENDERNESS), bodySite=concept(L1), valueBoolean=True, derivedFrom=[STUDY]),
    observation("o6", code=concept(PAIN), status="entered-in-error"),
    resource("ImagingStudy", "i1", status="available", modality=[{"system": MRI[0], "code": MRI[1]}]),
    resource("DiagnosticReport", "d1", status="final", code=concept(MRI_REPORT), result=[{"reference": "Observation/o3"}]),
    {"resourceType": "Medication", "id": "x", "code": concept(MORPHINE)},
    medication_request("m1", medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"}),
    medication_request("m2"),
    resource("AllergyIntolerance", "a1", code=concept(CEMENT)),
    resource("Procedure", "p1", status="completed", code=concept(VERTEBROPLASTY)),
]  # fmt: skip
PARTS = st.lists(st.integers(0, 2), min_size=len(CHART), max_size=len(CHART))
ORDER = st.permutations(CHART)


def comparable(found: PatientRecord) -> dict[str, Any]:
    """All but the counts of what was set aside, and where it came from."""
    kinds = ("conditions", "observations", "imaging_studies", "medications", "allergies", "procedures")
    return {kind: sorted((replace(fact, source="prefetch") for fact in getattr(found, kind)), key=repr) for kind in kinds}


def whole(resources: Sequence[Json]) -> list[Section]:
    kinds = sorted({one["resourceType"] for one in resources})
    return [section("Patient", patient()), *(section(kind, bundle(*_of(kind, resources))) for kind in kinds)]


def _of(kind: str, resources: Sequence[Json]) -> list[Json]:
    return [one for one in resources if one["resourceType"] == kind]


EXPECTED = record_from(whole(CHART))


def test_the_chart_says_something_of_every_kind() -> None:
    found = comparable(EXPECTED)
    assert {kind: len(facts) for kind, facts in found.items()} == {
        "conditions": 3, "observations": 5, "imaging_studies": 2, "medications": 2, "allergies": 1, "procedures": 1,
    }  # fmt: skip


@given(ORDER)
@settings(max_examples=50, deadline=None)
def test_the_order_of_entries_changes_nothing(order: list[Json]) -> None:
    assert record_from(whole(order)) == EXPECTED


@given(ORDER, PARTS)
@settings(max_examples=50, deadline=None)
def test_splitting_a_bundle_into_pages_changes_nothing(order: list[Json], pages: list[int]) -> None:
    kinds = sorted({one["resourceType"] for one in order})
    split = [
        section(kind, bundle(*_of(kind, [one for one, page in zip(order, pages, strict=True) if page == number])))
        for kind in kinds
        for number in range(3)
    ]
    assert record_from([section("Patient", patient()), *split]) == EXPECTED


@given(ORDER, st.lists(st.sampled_from(CHART), max_size=6))
@settings(max_examples=50, deadline=None)
def test_copies_change_nothing(order: list[Json], copies: list[Json]) -> None:
    assert comparable(record_from(whole([*order, *copies]))) == comparable(EXPECTED)


@given(ORDER)
@settings(max_examples=50, deadline=None)
def test_a_bundle_of_the_whole_patient_says_the_same(order: list[Json]) -> None:
    parts = read_patient_bundle(json.dumps(bundle(*order, patient(), kind="collection")).encode())
    assert comparable(record_from(parts)) == comparable(EXPECTED)


@given(ORDER)
@settings(max_examples=50, deadline=None)
def test_an_odd_entry_beside_them_changes_nothing(order: list[Json]) -> None:
    """The second, tolerant pass reads as the first does."""
    odd = {"resourceType": "Flag", "id": "f"}
    parts = [section(part.resource_type, bundle(*_of(part.resource_type, order), odd)) for part in whole(order)[1:]]
    assert comparable(record_from([section("Patient", patient()), *parts])) == comparable(EXPECTED)
