"""The resource types we read, each with its decoders, made once."""

from collections.abc import Callable, Mapping
from typing import Generic, Literal, TypeVar

import msgspec

from fhir_mapping.elements import Element
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

Mapped = (
    AllergyIntolerance | Condition | DiagnosticReport | ImagingStudy | Medication | MedicationAdministration | MedicationDispense
    | MedicationRequest | MedicationStatement | Observation | Patient | Procedure
)  # fmt: skip
R = TypeVar("R", bound=Mapped)
LOOKED_UP = frozenset({"Medication", "ImagingStudy"})
"""Types that other resources refer to: kept wherever they come."""


class Match(Element, kw_only=True):
    mode: Literal["match"] | None = None


class Entry(Element, Generic[R], kw_only=True):
    """One Bundle entry that answers the search."""

    resource: R
    full_url: str | None = None
    search: Match | None = None


class Link(Element, kw_only=True):
    relation: str | None = None


class SearchBundle(Element, Generic[R], kw_only=True):
    """A Bundle of nothing but matches of one type: what servers nearly always send. All else is read entry by entry."""

    resource_type: Literal["Bundle"]
    type: Literal["searchset", "collection", "batch", "transaction"] | None = None
    link: list[Link | None] | None = None
    entry: list[Entry[R]] | None = None


class Shape(msgspec.Struct, frozen=True):
    """How one resource type is decoded, alone and as the matches of a search."""

    resource: Callable[[msgspec.Raw | bytes], Mapped]
    search: Callable[[msgspec.Raw | bytes], SearchBundle[Mapped]]


def _shape(struct: type[Mapped]) -> Shape:
    return Shape(msgspec.json.Decoder(struct).decode, msgspec.json.Decoder(SearchBundle[struct]).decode)  # type: ignore[valid-type]


SHAPES: Mapping[str, Shape] = {
    struct.__name__: _shape(struct)
    for struct in (
        AllergyIntolerance, Condition, DiagnosticReport, ImagingStudy, Medication, MedicationAdministration, MedicationDispense,
        MedicationRequest, MedicationStatement, Observation, Patient, Procedure,
    )
}  # fmt: skip
