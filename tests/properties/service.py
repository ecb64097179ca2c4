"""The service as the properties ask it: a chart's resources in, the Evaluation or a hook's answer out, as bytes and as JSON."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date
from typing import Any

import msgspec

from app.routes.evaluations import evaluate
from cards.from_assessment import CardOptions
from clinical.assessment import Assessment
from fhir_mapping.patient_guard import patient_id_of
from fhir_mapping.section import Section, read_section
from guidelines.ta279.guideline import ta279
from guidelines.ta279.terminology import load_terminology, text_hints
from hooks.assessor import Assessor
from hooks.messages import EVALUATION
from hooks.patient_view.service import PatientViewService
from tests.cohort.chart import Resource
from tests.cohort.generator import bundle_of

Json = Any

TODAY = date(2026, 11, 22)
ONE_UUID = "00000000-0000-4000-8000-000000000000"
ASSESSOR = Assessor(guideline=ta279("default"), terminology=load_terminology(), text_hints=text_hints, zone=UTC)
PATIENT_VIEW = PatientViewService(ASSESSOR, CardOptions(show_not_met=True, new_uuid=lambda: ONE_UUID), explain=True)

encode = msgspec.json.encode
decode = msgspec.json.decode


def evaluation_bytes(resources: Sequence[Resource], today: date = TODAY, kind: str = "collection") -> bytes:
    """What `POST /evaluations` answers."""
    return evaluate(ASSESSOR, encode(bundle_of(list(resources), kind)), today)


def evaluation(resources: Sequence[Resource], today: date = TODAY) -> Json:
    return decode(evaluation_bytes(resources, today))


def assessed(sections: Iterable[Section], today: date = TODAY) -> Assessment:
    sections = list(sections)
    return ASSESSOR.assess(sections, patient_id=patient_id_of(sections), today=today)


def prefetched(resources: Sequence[Resource]) -> dict[str, Json]:
    """Every key of discovery as a client that holds these resources would fill it."""
    filled: dict[str, Json] = {}
    for template in PATIENT_VIEW.templates:
        held = [resource for resource in resources if resource["resourceType"] == template.resource_type]
        filled[template.key] = held[0] if template.resource_type == "Patient" else bundle_of(held, "searchset")
    return filled


def call_with(prefetch: Json, patient_id: str = "p") -> bytes:
    context = {"patientId": patient_id, "userId": "Practitioner/1"}
    return encode({"hook": "patient-view", "hookInstance": "1", "context": context, "prefetch": prefetch})


def hook_answer(resources: Sequence[Resource], today: date = TODAY) -> Json:
    return decode(PATIENT_VIEW.answer(call_with(prefetched(resources), resources[0]["id"]), today))


def evaluation_in(answer: Json) -> Json:
    return answer["extension"][EVALUATION]


def section_of(resource_type: str, resources: Sequence[Resource]) -> Section:
    """One prefetch value, marked as read from a Bundle so that nothing but the splitting differs."""
    return read_section(resource_type, encode(bundle_of(list(resources), "searchset")), "bundle")


def mapped(value: Json, change: Callable[[str], str]) -> Json:
    """The same JSON with every string, member names left alone, changed."""
    if isinstance(value, dict):
        return {name: mapped(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value
