"""The ways a patient reaches the guideline: a Bundle as POST /evaluations takes it, and a patient-view call with every prefetch key."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from cards.from_assessment import CardOptions, to_cards
from fhir_mapping.section import read_patient_bundle
from guidelines.ta279.guideline import ta279
from guidelines.ta279.terminology import load_terminology, text_hints
from hooks.assessor import Assessor
from hooks.patient_view.service import PatientViewService
from tests.cases.builder import Chart
from tests.cases.case import Case
from tests.cases.resource import Resource

Answer = tuple[dict[str, Any], list[str]]
"""An Evaluation as JSON, and the topics of the cards."""

PROFILES = Path(__file__).with_name("profiles")
EXTENSION = "vertebral-augmentation-cds.evaluation"
_OUTCOME: Resource = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}


@cache
def assessor(profile: str, time_zone: str) -> Assessor:
    """`profile`: a shipped one, or a file of `profiles` beside this one."""
    thresholds = str(PROFILES / profile) if profile.endswith(".toml") else profile
    return Assessor(guideline=ta279(thresholds), terminology=load_terminology(), text_hints=text_hints, zone=ZoneInfo(time_zone))


@cache
def service(profile: str, time_zone: str) -> PatientViewService:
    return PatientViewService(assessor(profile, time_zone), CardOptions(), explain=True)


def by_bundle(case: Case, chart: Chart) -> Answer:
    """As POST /evaluations answers; it has no way to say that a part of the record was not read."""
    sections = read_patient_bundle(json.dumps(chart.bundle()).encode())
    judge = assessor(case.profile, case.time_zone)
    assessment = judge.assess(sections, patient_id=chart.patient_id, today=case.as_of)
    cards = to_cards(assessment, judge.guideline, CardOptions())
    evaluation: dict[str, Any] = json.loads(msgspec.json.encode(assessment))
    return evaluation, [str(card.source.topic.code) for card in cards]


def by_patient_view(case: Case, chart: Chart) -> Answer:
    """As the hook answers, its gaps being keys not sent, outcomes that failed, or first pages."""
    hook = service(case.profile, case.time_zone)
    values = {template.key: _prefetched(template.resource_type, case, chart) for template in hook.templates}
    call = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": chart.patient_id},
        "prefetch": {key: value for key, value in values.items() if value is not None},
    }
    response = json.loads(hook.answer(json.dumps(call).encode(), case.as_of))
    return response["extension"][EXTENSION], [card["source"]["topic"]["code"] for card in response["cards"]]


def _prefetched(resource_type: str, case: Case, chart: Chart) -> Resource | None:
    gap = case.gaps.get(resource_type)
    if gap in ("not-supported", "not-authorised"):
        return None
    if gap == "failed":
        return _OUTCOME
    found = [each for each in chart.resources if each["resourceType"] == resource_type]
    if resource_type == "Patient":
        return found[0]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": each} for each in found]}
    if gap == "truncated":
        bundle["link"] = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]
    return bundle
