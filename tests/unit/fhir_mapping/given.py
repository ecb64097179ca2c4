"""Small charts as JSON, and the record they give. Codes are real ones; the terminology is a handful of them."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from clinical.codes import NONE, Terminology
from clinical.record import DataGap, PatientRecord
from fhir_mapping.patient_record import to_patient_record
from fhir_mapping.section import Section, read_section

Json = dict[str, Any]

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
OWN = "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings"
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
REASON = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"
ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

L1, L2, T12, C5 = (SNOMED, "66794005"), (SNOMED, "14293000"), (SNOMED, "23215003"), (SNOMED, "36054005")
L1_BODY = (SNOMED, "61032001")
LUMBAR, CERVICAL, SACRUM, DISC = (SNOMED, "122496007"), (SNOMED, "122494005"), (SNOMED, "54735007"), (SNOMED, "243926009")
KNEE = (SNOMED, "72696002")
FEMUR = (SNOMED, "71341001")
FRACTURE, OSTEOPOROSIS, OF_L1, OF_A_PAIR = (SNOMED, "240198002"), (SNOMED, "64859006"), (ICD, "S32.010A"), (ICD, "S22.080A")
PAIN, VAS, INR, HEIGHT = (LOINC, "72514-3"), (LOINC, "38214-3"), (LOINC, "6301-6"), (LOINC, "8302-2")
PRESENT, NOT_PRESENT = (SNOMED, "52101004"), (SNOMED, "2667000")
TENDERNESS, OEDEMA, HEALED = (OWN, "vertebral-tenderness"), (OWN, "marrow-oedema"), (OWN, "healed-vertebral-fracture")
MRI, CT, MRI_REPORT = (DICOM, "MR"), (DICOM, "CT"), (LOINC, "24968-0")
PARACETAMOL, MORPHINE = (SNOMED, "777067000"), (SNOMED, "73572009")
VERTEBROPLASTY, CEMENT, FALL = (SNOMED, "401226007"), (OWN, "pmma-allergy"), (OWN, "low-energy-mechanism")

_MEANINGS = {
    L1: "vertebra", L2: "vertebra", T12: "vertebra", C5: "vertebra", L1_BODY: "vertebra", LUMBAR: "spine-site", FEMUR: "hip-site",
    CERVICAL: "out-of-scope-site", SACRUM: "out-of-scope-site", FRACTURE: "osteoporotic-vertebral-fracture", OSTEOPOROSIS: "osteoporosis",
    PAIN: "pain-nrs", VAS: "pain-vas", INR: "inr", PRESENT: "present", NOT_PRESENT: "absent", TENDERNESS: "vertebral-tenderness",
    OEDEMA: "marrow-oedema", HEALED: "healed-vertebral-fracture", MRI: "mri-study", CT: "ct-study", MRI_REPORT: "mri-study",
    PARACETAMOL: "paracetamol", MORPHINE: "strong-opioid", VERTEBROPLASTY: "vertebroplasty", CEMENT: "pmma-allergy",
    FALL: "low-energy-mechanism", (SNOMED, "24484000"): "severity-severe", (REASON, "sintol"): "status-reason-intolerance",
    (ICD, "S32010A"): "vertebral-compression-fracture", (ICD, "S22080A"): "vertebral-compression-fracture",
}  # fmt: skip
_LEVELS = {L1: "L1", L1_BODY: "L1", L2: "L2", T12: "T12", C5: "C5", (ICD, "S32010A"): "L1"}

PATIENT_ID = "p1"
TODAY = date(2026, 11, 22)
ZONE = ZoneInfo("Europe/London")
BASE = "https://ehr.example.org/fhir/r4"


def ids(*value_sets: str) -> frozenset[str]:
    """Concepts, as facts hold them."""
    return frozenset(value_sets)


def _by_system(rows: dict[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    tables: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for (system, code), value in rows.items():
        tables[system][code] = value
    return tables


def _knowing(meanings: dict[tuple[str, str], str]) -> Terminology:
    return Terminology(
        exact=_by_system({coding: frozenset({meaning}) for coding, meaning in meanings.items()}),
        prefixes={},
        levels=_by_system(_LEVELS),
        aliases={},
        undotted=frozenset({ICD}),
    )


SMALL = _knowing(_MEANINGS)
WITH_LOCATION = _knowing({**_MEANINGS, (LOINC, "38204-4"): "pain-location"})


def hints(text: str) -> frozenset[str]:
    found = {name for word, name in (("fracture", "text-vertebral-fracture"), ("morphine", "text-opioid")) if word in text.lower()}
    return frozenset(found) or NONE


def concept(*codings: tuple[str, str], text: str | None = None) -> Json:
    coded = {"coding": [{"system": system, "code": code, "display": "a name"} for system, code in codings]} if codings else {}
    return {**coded, **({"text": text} if text is not None else {})}


def resource(kind: str, resource_id: str | None = "r1", **members: Any) -> Json:
    """About this patient, unless `subject` (or `patient`) says otherwise; a member given as None is left out."""
    owner = "patient" if kind == "AllergyIntolerance" else "subject"
    made = {"resourceType": kind, "id": resource_id, owner: {"reference": f"Patient/{PATIENT_ID}"}, **members}
    return {name: value for name, value in made.items() if value is not None}


def patient(**members: Any) -> Json:
    made = {"resourceType": "Patient", "id": PATIENT_ID, "birthDate": "1946-05-05", **members}
    return {name: value for name, value in made.items() if value is not None}


def condition(resource_id: str | None = "c1", **members: Any) -> Json:
    return resource("Condition", resource_id, **{"code": concept(FRACTURE), **members})


def observation(resource_id: str | None = "o1", **members: Any) -> Json:
    given = {"status": "final", "code": concept(PAIN), "effectiveDateTime": "2026-11-20", **members}
    return resource("Observation", resource_id, **given)


def medication_request(resource_id: str | None = "m1", **members: Any) -> Json:
    given = {"status": "active", "intent": "order", "medicationCodeableConcept": concept(MORPHINE), "authoredOn": "2026-11-01", **members}
    return resource("MedicationRequest", resource_id, **given)


def bundle(*resources: Json, kind: str = "searchset", **members: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": [{"resource": one} for one in resources], **members}


def section(resource_type: str, value: Any) -> Section:
    return read_section(resource_type, json.dumps(value).encode(), "prefetch")


def sections(*resources: Json) -> list[Section]:
    """One searchset per type, as prefetch brings them; the Patient alone."""
    by_type: defaultdict[str, list[Json]] = defaultdict(list)
    for one in resources:
        by_type[one["resourceType"]].append(one)
    return [section(kind, some[0] if kind == "Patient" else bundle(*some)) for kind, some in by_type.items()]


def record_from(parts: Sequence[Section], **options: Any) -> PatientRecord:
    settings: dict[str, Any] = {
        "patient_id": PATIENT_ID, "terminology": SMALL, "text_hints": hints, "zone": ZONE, "today": TODAY, "fhir_base": BASE,
    }  # fmt: skip
    return to_patient_record(parts, **{**settings, **options})


def record(*resources: Json, gaps: Sequence[DataGap] = (), **options: Any) -> PatientRecord:
    """The record of these resources and, if none of them is a Patient, of a plain one."""
    mine = () if any(one["resourceType"] == "Patient" for one in resources) else (patient(),)
    return record_from(sections(*mine, *resources), gaps=gaps, **options)
