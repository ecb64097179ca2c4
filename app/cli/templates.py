"""`vacds templates`: the prefetch templates of discovery, fitted to what an EHR's FHIR server declares.

An EHR that does not read discovery has them typed in by hand, the key as the name. What is left out says so: the service then asks the
FHIR server itself where a call names one, and takes the part of the record for unread where it may not.
"""

import json
from collections.abc import Iterator, Mapping

import msgspec

from clinical.codes import Terminology
from hooks.prefetch import Template, templates

NO_STATEMENTS = "the FHIR server declares no MedicationStatement"
BY_PATIENT = "QuestionnaireResponse?patient={{context.patientId}}"


class Ehr(msgspec.Struct, frozen=True):
    """What differs from discovery: keys that are left out, with why; queries that are put more simply."""

    left_out: Mapping[str, str] = msgspec.field(default_factory=dict)
    simpler: Mapping[str, str] = msgspec.field(default_factory=dict)


EHRS: Mapping[str, Ehr] = {
    "standard": Ehr(),
    # By the R4 CapabilityStatements of Epic (July 2026) and Oracle Health Millennium (August 2026). Neither declares `_sort`, nor the
    # search of a QuestionnaireResponse by `questionnaire`; Oracle's no `code` of a Condition, which no template here asks for.
    "epic": Ehr(left_out={"medicationStatements": NO_STATEMENTS}, simpler={"assessments": BY_PATIENT}),
    "oracle": Ehr(
        left_out={"medicationStatements": NO_STATEMENTS, "imagingStudies": "the FHIR server declares no ImagingStudy"},
        simpler={"assessments": BY_PATIENT},
    ),
}


def fitted(ehr: str, terminology: Terminology) -> list[Template]:
    """In the order of discovery."""
    terms = EHRS[ehr]
    kept = [each for each in templates(terminology) if each.key not in terms.left_out]
    return [msgspec.structs.replace(each, query=terms.simpler.get(each.key, each.query)) for each in kept]


def as_json(ehr: str, terminology: Terminology) -> str:
    return json.dumps({each.key: each.query for each in fitted(ehr, terminology)}, indent=2)


def remarks(ehr: str) -> Iterator[str]:
    yield "Required keys: patient, conditions. All others are optional. Keys must be spelt as they stand."
    for key, why in EHRS[ehr].left_out.items():
        yield f"Left out: {key} ({why})."
