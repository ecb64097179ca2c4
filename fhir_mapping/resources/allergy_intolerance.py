"""AllergyIntolerance: the substances named, in its code or in a reaction."""

from typing import Literal

from clinical.codes import NONE
from clinical.record import Allergy as AllergyFact
from clinical.record import Source
from fhir_mapping.elements import Codes, Concept, Element, NamedConcept, concepts_of, listed, status_codes
from fhir_mapping.reading import Reading
from fhir_mapping.resources.condition import ENTERED_IN_ERROR, verification_of
from fhir_mapping.resources.resource import Resource

INACTIVE = frozenset({"inactive", "resolved"})


class Reaction(Element, kw_only=True):
    substance: Codes | None = None


class AllergyIntolerance(Resource, kw_only=True):
    resource_type: Literal["AllergyIntolerance"]
    clinical_status: Concept | str | None = None
    verification_status: Concept | str | None = None
    code: NamedConcept | None = None
    reaction: list[Reaction | None] | None = None
    recorded_date: str | None = None


def to_allergy(allergy: AllergyIntolerance, reference: str, source: Source, reading: Reading) -> AllergyFact | str:
    """The fact, or why there is none."""
    verification = verification_of(allergy.verification_status)
    if verification is None:
        return ENTERED_IN_ERROR
    concepts = concepts_of(reading.terminology, *_substances(allergy))
    hints = reading.hints(*allergy.code.names) if allergy.code is not None else NONE
    if not (concepts or hints):
        return "not-relevant"
    return AllergyFact(
        reference=reference,
        source=source,
        concepts=concepts,
        hints=hints,
        inactive=bool(status_codes(allergy.clinical_status) & INACTIVE),
        verification=verification,
        recorded=reading.by_today(reading.date(allergy.recorded_date)),
    )


def _substances(allergy: AllergyIntolerance) -> list[Codes | None]:
    return [allergy.code, *(reaction.substance for reaction in listed(allergy.reaction))]
