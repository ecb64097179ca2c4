"""What the service asks the EHR to send, and what came of it (cds-hooks.md 3, contract 6.9).

A key's value is in one of five states that are never merged: given, known empty (null or no entry), failed (an OperationOutcome),
truncated (more pages than were sent), absent. What is absent or truncated may be had from the EHR's FHIR server; what failed has
been tried, and what is known empty is an answer.
"""

from collections.abc import Iterable, Mapping

import msgspec

from clinical.codes import Coding, Terminology
from fhir_mapping.elements import UNREADABLE
from fhir_mapping.errors import MemberTwice
from fhir_mapping.named import ANY_TYPE, named_in
from fhir_mapping.patient_guard import KnowsBase, PatientGuard
from fhir_mapping.resources.questionnaire_response import QUESTIONNAIRE
from fhir_mapping.section import Section, read_section
from fhir_mapping.twice import is_given_twice
from hooks.envelope import RawMembers


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """One prefetch key: `query` holds tokens of CDS Hooks 2.0.1 only and nothing that common servers do not search by."""

    key: str
    resource_type: str
    query: str
    required: bool = False


Sections = Mapping[str, Section]

IMAGING_PANEL = Coding("http://loinc.org", "38212-7")
OBSERVED = (
    "pain-nrs", "pain-vas", "pain-faces", "pain-reported", "pain-score-scale-unstated", "dxa-t-score",
    "pain-location", "inr", "platelets", "crp", "temperature", "pregnancy-status", "asa-class",
    "vertebral-tenderness", "marrow-oedema", "tracer-uptake", "intravertebral-cleft", "progressive-height-loss",
    "acute-vertebral-fracture", "healed-vertebral-fracture", "retropulsion", "vertebra-plana",
    "uncontrolled-despite-optimal-analgesia", "persistent-back-pain",
)  # fmt: skip
"""Value sets whose every code is an Observation's."""
DIAGNOSED_OR_OBSERVED = (
    "vertebral-compression-fracture", "low-energy-mechanism", "high-energy-mechanism", "opioid-intolerance",
    "cardiopulmonary-or-positioning",
)  # fmt: skip
"""Value sets of diagnoses, which may also be recorded as Observations by our own codes or a site's."""
SEEN_ON_IMAGING = ("osteoporotic-vertebral-fracture", "vertebral-compression-fracture")
"""Diagnoses that a radiologist's finding is coded with as well: the clinical terminology's codes for them are asked for."""
SNOMED = "http://snomed.info/sct"
DIAGNOSIS_SYSTEMS = frozenset(
    (
        "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm",
        "http://read.info/readv2", "http://read.info/ctv3",
    )
)  # fmt: skip


def templates(terminology: Terminology) -> tuple[Template, ...]:
    """The templates of patient-view. Status, date and most codes are filtered here, not there: servers differ in what they search by."""
    codes = ",".join(f"{coding.system}|{coding.code}" for coding in observation_codes(terminology))
    return (
        Template(key="patient", resource_type="Patient", query="Patient/{{context.patientId}}", required=True),
        _of_patient("conditions", "Condition", required=True),
        Template(key="observations", resource_type="Observation", query=_search("Observation") + f"&code={codes}"),
        _of_patient("reports", "DiagnosticReport"),
        _of_patient("imagingStudies", "ImagingStudy"),
        _of_patient("medicationRequests", "MedicationRequest"),
        _of_patient("medicationStatements", "MedicationStatement"),
        _of_patient("medicationAdministrations", "MedicationAdministration"),
        _of_patient("medicationDispenses", "MedicationDispense"),
        _of_patient("allergies", "AllergyIntolerance"),
        _of_patient("procedures", "Procedure"),
        Template(
            key="assessments",
            resource_type="QuestionnaireResponse",
            query=_search("QuestionnaireResponse") + f"&questionnaire={QUESTIONNAIRE}",
        ),
    )


def observation_codes(terminology: Terminology) -> list[Coding]:
    """Every code an Observation may carry that a rule reads, sorted."""
    observed = {coding for value_set in OBSERVED for coding in terminology.codes_in(value_set)}
    either = {coding for value_set in DIAGNOSED_OR_OBSERVED for coding in terminology.codes_in(value_set)}
    seen = {coding for value_set in SEEN_ON_IMAGING for coding in terminology.codes_in(value_set) if coding.system == SNOMED}
    codes = observed | seen | {coding for coding in either if coding.system not in DIAGNOSIS_SYSTEMS} | {IMAGING_PANEL}
    return sorted(codes, key=lambda coding: (coding.system, coding.code))


def read_prefetch(prefetch: RawMembers, asked: Iterable[Template]) -> dict[str, Section]:
    """The section of each key that was asked for."""
    return {template.key: read_section(template.resource_type, prefetch.get(template.key), "prefetch") for template in asked}


def refuse_others(
    unasked: Iterable[msgspec.Raw],
    checked: Iterable[Section],
    sections: Sections,
    *,
    patient_id: str,
    fhir_base: str | None,
    knows_base: KnowsBase,
) -> None:
    """AnotherPatient where what was not asked for, which is no evidence, or a checked section holds somebody else's data. `sections`
    tell by which names Bundles know the patient. MemberTwice where what was not asked for says two things by one name.
    """
    guard = PatientGuard(patient_id, fhir_base, tuple(sections.values()), knows_base)
    for raw in unasked:
        if _is_given_twice(raw):
            raise MemberTwice(ANY_TYPE, "prefetch")
        guard.refuse(named_in(raw), "prefetch")
    for section in checked:
        guard.admit(section)


def _is_given_twice(raw: msgspec.Raw) -> bool:
    """Of what cannot be read that cannot be told, and it is not read."""
    try:
        return is_given_twice(raw)
    except UNREADABLE:
        return False


def _of_patient(key: str, resource_type: str, *, required: bool = False) -> Template:
    return Template(key=key, resource_type=resource_type, query=_search(resource_type), required=required)


def _search(resource_type: str) -> str:
    return f"{resource_type}?patient={{{{context.patientId}}}}"
