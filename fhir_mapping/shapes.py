"""The resource types we read, each with its decoders, made once."""

from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeAlias, TypeVar

import msgspec

from fhir_mapping import glance
from fhir_mapping.elements import Element
from fhir_mapping.glance import Glance, PatientGlance
from fhir_mapping.resources.allergy_intolerance import AllergyIntolerance
from fhir_mapping.resources.condition import Condition
from fhir_mapping.resources.diagnostic_report import DiagnosticReport
from fhir_mapping.resources.imaging_study import ImagingStudy
from fhir_mapping.resources.medication import (
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
)
from fhir_mapping.resources.observation import Observation
from fhir_mapping.resources.patient import Patient
from fhir_mapping.resources.procedure import Procedure
from fhir_mapping.resources.questionnaire_response import QuestionnaireResponse, QuestionnaireResponseGlance

Mapped = (
    AllergyIntolerance | Condition | DiagnosticReport | ImagingStudy | Medication | MedicationAdministration | MedicationDispense
    | MedicationRequest | MedicationStatement | Observation | Patient | Procedure | QuestionnaireResponse
)  # fmt: skip
Bytes: TypeAlias = bytes | msgspec.Raw
G = TypeVar("G", bound=Glance)

LOOKED_UP = frozenset({"Medication", "ImagingStudy"})
"""Types that other resources refer to: kept wherever they come."""


class Match(Element, kw_only=True):
    mode: Literal["match"] | None = None


class Entry(Element, Generic[G], kw_only=True):
    """One Bundle entry that answers the search, seen at a glance."""

    resource: G
    search: Match | None = None


class Link(Element, kw_only=True):
    relation: str | None = None


class SearchBundle(Element, Generic[G], kw_only=True):
    """A Bundle of nothing but matches of one type: what servers nearly always send. All else is read entry by entry."""

    resource_type: Literal["Bundle"]
    type: Literal["searchset", "collection", "batch", "transaction"] | None = None
    link: list[Link | None] | None = None
    entry: list[Entry[G]] | None = None


class Shape(msgspec.Struct, frozen=True):
    """How one resource type is decoded: opened, at a glance, and as what is expected where it is asked for."""

    open: Callable[[Bytes], Mapped]
    glance: Callable[[Bytes], Glance]
    expected: Callable[[Bytes], SearchBundle[Glance] | PatientGlance]
    seen: type[Glance]
    """What `glance` gives: for a Struct that decodes several prefetch keys at once."""


def _shape(struct: type[Mapped], seen: type[Glance]) -> Shape:
    opened, glanced = msgspec.json.Decoder(struct).decode, msgspec.json.Decoder(seen).decode
    if seen is PatientGlance:
        return Shape(opened, glanced, msgspec.json.Decoder(PatientGlance).decode, seen)
    return Shape(opened, glanced, msgspec.json.Decoder(SearchBundle[seen]).decode, seen)  # type: ignore[valid-type]


SHAPES: Mapping[str, Shape] = {
    struct.__name__: _shape(struct, seen)
    for struct, seen in (
        (Patient, glance.PatientGlance),
        (AllergyIntolerance, glance.AllergyIntoleranceGlance),
        (Condition, glance.ConditionGlance),
        (DiagnosticReport, glance.DiagnosticReportGlance),
        (ImagingStudy, glance.ImagingStudyGlance),
        (Medication, glance.MedicationGlance),
        (MedicationAdministration, glance.MedicationAdministrationGlance),
        (MedicationDispense, glance.MedicationDispenseGlance),
        (MedicationRequest, glance.MedicationRequestGlance),
        (MedicationStatement, glance.MedicationStatementGlance),
        (Observation, glance.ObservationGlance),
        (Procedure, glance.ProcedureGlance),
        (QuestionnaireResponse, QuestionnaireResponseGlance),
    )
}
