"""Sample patients as they stand on disk: FHIR R4 resources in YAML, with days told relative to today and codes told short.

Notation, beside plain FHIR:
    "-23d", "-78y -40d", "0d"   the day so far before today, YYYY-MM-DD (`-23d 10:30` is that day at 10:30 UTC)
    "month of -3y"              only as exact as that: YYYY-MM; "year of -12y" is YYYY
    sct|66794005                a Coding, wherever it stands in a `coding` list; `system: loinc` is a URI spelt short
    reference: Condition/pain   another resource of the same patient
A resource's `id` is local to its patient; on loading it is prefixed with the patient's id, as are references to it. What `defaults.yaml`
holds for a type is filled in where the resource says nothing; `null` in the resource takes it out.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

Resource = dict[str, Any]

SYSTEMS: Mapping[str, str] = {
    "sct": "http://snomed.info/sct",
    "loinc": "http://loinc.org",
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
    "opcs4": "https://fhir.hl7.org.uk/Id/opcs-4",
    "dmd": "https://dmd.nhs.uk",
    "dcm": "http://dicom.nema.org/resources/ontology/DCM",
    "ucum": "http://unitsofmeasure.org",
    "own": "https://vertebral-augmentation-cds.example/fhir/CodeSystem/findings",
    "condition-clinical": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "condition-ver-status": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
    "condition-category": "http://terminology.hl7.org/CodeSystem/condition-category",
    "observation-category": "http://terminology.hl7.org/CodeSystem/observation-category",
    "allergy-clinical": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
    "allergy-verification": "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
    "v2-0074": "http://terminology.hl7.org/CodeSystem/v2-0074",
    "act-reason": "http://terminology.hl7.org/CodeSystem/v3-ActReason",
    "act-code": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "record-number": "https://vertebral-augmentation-cds.example/fhir/sid/demo-record-number",
}

PATIENT_IN = ("AllergyIntolerance", "Immunization")  # these types name their patient in `patient`, the others in `subject`

_RELATIVE = re.compile(r"(?:(month|year) of )?(?=[+-]?\d)(?:([+-]?\d+)y)? ?(?:([+-]?\d+)d)?(?: (\d\d:\d\d))?")


class TemplateError(Exception):
    """A sample patient on disk is not written as it must be."""


def expand_resource(template: Resource, patient_id: str, defaults: Mapping[str, Resource], today: date) -> Resource:
    """One whole resource: defaults filled in, patient named, days and codes spelt out."""
    kind = template["resourceType"]
    filled = {**defaults.get(kind, {}), **template}
    told: Resource = _expand({name: value for name, value in filled.items() if value is not None}, patient_id, today)
    if kind == "Patient":
        return {"resourceType": kind, "id": patient_id} | told
    head = {"resourceType": kind, "id": _local(patient_id, template["id"])}
    whose = {"patient" if kind in PATIENT_IN else "subject": {"reference": f"Patient/{patient_id}"}}
    return head | {name: value for name, value in told.items() if name not in head} | whose


def day_from(text: str, today: date) -> str | None:
    """'-23d' on 22 November 2026 is '2026-10-30'; None where the text is no relative day."""
    if not (found := _RELATIVE.fullmatch(text)):
        return None
    precision, years, days, time = found.groups()
    day = _years_from(today, int(years or 0)) + timedelta(days=int(days or 0))
    if precision:
        return day.isoformat()[: len("YYYY-MM") if precision == "month" else len("YYYY")]
    return f"{day.isoformat()}T{time}:00Z" if time else day.isoformat()


def _years_from(day: date, years: int) -> date:
    year = day.year + years
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _expand(node: Any, patient_id: str, today: date) -> Any:
    if isinstance(node, dict):
        return {name: _member(name, value, patient_id, today) for name, value in node.items()}
    if isinstance(node, list):
        return [_expand(item, patient_id, today) for item in node]
    if isinstance(node, str):
        return day_from(node, today) or node
    return node


def _member(name: str, value: Any, patient_id: str, today: date) -> Any:
    if name == "coding":
        return [_coding(item) if isinstance(item, str) else _expand(item, patient_id, today) for item in value]
    if name == "system" and isinstance(value, str):
        return SYSTEMS.get(value, value)
    if name == "reference" and isinstance(value, str):
        return _reference(value, patient_id)
    return _expand(value, patient_id, today)


def _coding(text: str) -> dict[str, str]:
    system, _, code = text.partition("|")
    if system not in SYSTEMS or not code:
        raise TemplateError(f"not a coding: {text}")
    return {"system": SYSTEMS[system], "code": code}


def _reference(text: str, patient_id: str) -> str:
    kind, slash, local = text.partition("/")
    return f"{kind}/{_local(patient_id, local)}" if slash else text


def _local(patient_id: str, local: str) -> str:
    return f"{patient_id}-{local}"
