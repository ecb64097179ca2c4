"""Answers to the assessment form, as a QuestionnaireResponse."""

from datetime import date, timedelta
from typing import Any

CANONICAL = "https://vertebral-augmentation-cds.example/fhir"
SNOMED = "http://snomed.info/sct"
LEVELS = {"T12": "23215003", "L1": "66794005", "L2": "14293000", "L3": "36470004", "L4": "11994002"}
THERE, NOT_THERE = (SNOMED, "52101004"), (SNOMED, "2667000")
DCM = "http://dicom.nema.org/resources/ontology/DCM"
MRI, CT = (DCM, "MR"), (DCM, "CT")
TODAY = date(2026, 11, 22)

Json = dict[str, Any]
Value = bool | int | float | date | tuple[str, str]


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def level(name: str) -> tuple[str, str]:
    return (SNOMED, LEVELS[name])


def own(code: str, system: str = "findings") -> tuple[str, str]:
    return (f"{CANONICAL}/CodeSystem/{system}", code)


def answer(value: Value) -> Json:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int():
            return {"valueInteger": value}
        case float():
            return {"valueDecimal": value}
        case date():
            return {"valueDate": value.isoformat()}
        case (system, code):
            return {"valueCoding": {"system": system, "code": code}}


def group(link_id: str, *inner: Json, **answers: Value) -> Json:
    """One group; `answers` by the last part of their linkId, with `_` for `-`; `inner` are groups within it."""
    questions = [{"linkId": f"{link_id}.{name.strip('_').replace('_', '-')}", "answer": [answer(value)]} for name, value in answers.items()]
    return {"linkId": link_id, "item": [*questions, *inner]}


def response(*groups: Json, patient: str = "p", **members: Any) -> Json:
    """A finished form of TODAY, unless `members` say otherwise; None takes a member out."""
    told = {
        "resourceType": "QuestionnaireResponse",
        "id": "form",
        "questionnaire": f"{CANONICAL}/Questionnaire/ta279-assessment",
        "status": "completed",
        "subject": {"reference": f"Patient/{patient}"},
        "authored": f"{TODAY.isoformat()}T09:00:00Z",
        "item": list(groups),
        **members,
    }
    return {name: value for name, value in told.items() if value is not None}
