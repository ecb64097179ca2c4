"""Public R4 data that nobody here wrote: mapping never raises, and nothing odd becomes evidence. With the terminology that ships."""

import gzip
import json
from collections import Counter
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clinical.codes import Terminology
from clinical.record import PatientRecord
from fhir_mapping.errors import InvalidBundle, MappingError
from fhir_mapping.patient_guard import patient_id_of
from fhir_mapping.section import SectionState, read_patient_bundle, read_section
from fhir_mapping.shapes import SHAPES
from guidelines.ta279.terminology import load_terminology, text_hints
from tests.unit.fhir_mapping.given import patient, record_from, section

DATA = Path(__file__).resolve().parents[3] / "../shared/data"
ODD = sorted(DATA.glob("odd-r4/*/*.json"))
SYNTHEA = sorted(DATA.glob("synthea-*/bundles/*.json.gz"))
AS_OF = date(2026, 11, 22)

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the public data stand beside the repository, and are not here")


@cache
def terminology() -> Terminology:
    return load_terminology()


def options(patient_id: str) -> dict[str, Any]:
    return {"patient_id": patient_id, "terminology": terminology(), "text_hints": text_hints, "today": AS_OF, "fhir_base": None}


def of_bundle(raw: bytes) -> PatientRecord:
    parts = read_patient_bundle(raw)
    return record_from(parts, **options(patient_id_of(parts)))


def of_one(raw: bytes, made: dict[str, Any]) -> PatientRecord:
    """A single resource as the only answer to a search, for the patient it names (if it names none, for somebody)."""
    kind = made["resourceType"]
    if kind == "Patient":
        return record_from([read_section("Patient", raw, "prefetch")], **options(made.get("id", "somebody")))
    owner = made.get("subject") or made.get("patient") or {}
    patient_id = owner.get("reference", "Patient/somebody").rpartition("/")[2]
    return record_from([section("Patient", patient(id=patient_id)), read_section(kind, raw, "prefetch")], **options(patient_id))


def observed(found: PatientRecord) -> list[str]:
    return [fact.reference for kind in (found.observations, found.allergies, found.procedures) for fact in kind]


@pytest.mark.parametrize("path", ODD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_odd_resource_gives_a_record_or_is_refused_and_is_no_evidence(path: Path) -> None:
    raw = path.read_bytes()
    made = json.loads(raw)
    with suppress(MappingError):
        found = of_one(raw, made) if made["resourceType"] in SHAPES else of_bundle(raw)
        assert observed(found) == []
        assert [fact for fact in found.conditions if "fracture" in " ".join(fact.concepts | fact.hints)] == []


@pytest.mark.parametrize("path", ODD, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_odd_resource_is_a_section_in_one_of_five_states(path: Path) -> None:
    raw = path.read_bytes()
    kind = json.loads(raw)["resourceType"]
    for asked in SHAPES:
        part = read_section(asked, raw, "prefetch")
        assert part.state is SectionState.GIVEN if kind == asked else part.state is not SectionState.GIVEN or kind == "Bundle"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Observation/fhir__Observation-f202", "entered-in-error"),
        ("MedicationRequest/clinical-reasoning__eUiVPIA4udhEdqh-pTkrmwgSyQiJ4b3lTggI9WYnyGUk3", "intent"),
        ("MedicationStatement/fhir-test-cases__medstmt-ips", "unresolved-medication"),
        ("Observation/fhir-test-cases__Observation-ex-pain", "no-subject"),
        ("Procedure/fhir__Procedure-education", "no-subject"),
    ],
)
def test_why_some_of_them_are_not_used(name: str, why: str) -> None:
    raw = (DATA / "odd-r4" / f"{name}.json").read_bytes()
    assert of_one(raw, json.loads(raw)).set_aside == {why: 1}


def test_bundles_that_are_not_of_one_patient_are_refused() -> None:
    refused = []
    for path in sorted((DATA / "odd-r4" / "Bundle").glob("*.json")):
        try:
            of_bundle(path.read_bytes())
        except InvalidBundle:
            refused.append(path)
    assert len(refused) == 14


@pytest.mark.parametrize("path", SYNTHEA, ids=lambda path: path.name.partition(".")[0])
def test_a_whole_synthetic_patient_is_read(path: Path) -> None:
    """Nothing is undecodable or another's; pain scores arrive as numbers; only the patients made to have a vertebral fracture have one."""
    raw = gzip.decompress(path.read_bytes())
    found = of_bundle(raw)
    assert not found.set_aside.keys() - {"not-relevant", "other-type", "status", "future-dated"}
    scores = [fact.quantity for fact in found.observations if "pain-nrs" in fact.concepts]
    assert all(score is not None and score.low == score.high for score in scores)
    assert [fact for fact in found.conditions if fact.site.level is not None] == []
    if "synthea-r4" in path.parts:
        assert vertebral_fractures(found) == []


def vertebral_fractures(found: PatientRecord) -> list[str]:
    about = ("vertebral-fracture", "text-vertebral-fracture")
    return [fact.reference for fact in found.conditions if not (fact.concepts | fact.hints).isdisjoint(about)]


@pytest.mark.parametrize(
    "name", ["Antione_Hammes_45d02373", "Devona_McKenzie_0bb4c3de", "Ginny_Tillman_4cd1791a", "Mariano_Miller_d7244b64"]
)
def test_a_coded_fracture_of_a_vertebra_is_a_fact(name: str) -> None:
    raw = gzip.decompress((DATA / "synthea-vertebral" / "bundles" / f"{name}.json.gz").read_bytes())
    assert vertebral_fractures(of_bundle(raw)) != []


def test_the_same_patient_by_prefetch_and_by_bundle_gives_the_same_facts() -> None:
    raw = gzip.decompress(SYNTHEA[0].read_bytes())
    resources = [entry["resource"] for entry in json.loads(raw)["entry"]]
    kinds = Counter(one["resourceType"] for one in resources if one["resourceType"] in SHAPES)
    parts = []
    for kind in kinds:
        entries = [{"resource": one} for one in resources if one["resourceType"] == kind]
        value = entries[0]["resource"] if kind == "Patient" else {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        parts.append(read_section(kind, json.dumps(value).encode(), "bundle"))
    sent = record_from(parts, **options(patient_id_of(parts)))
    whole = of_bundle(raw)
    for facts in ("conditions", "observations", "imaging_studies", "medications", "allergies", "procedures"):
        assert getattr(sent, facts) == getattr(whole, facts)
