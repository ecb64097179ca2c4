"""Medication and the four resources that say somebody was given, handed, said to take, or prescribed it.

Their stretches of time are read in fhir_mapping.exposure.
"""

from typing import Literal

from fhir_mapping.elements import Codes, Concept, Element, LabelledReference, Period, Quantity, Range, listed
from fhir_mapping.resources.resource import Resource

Reasons = Codes | list[Codes | None] | None


class Ingredient(Element, kw_only=True):
    item_codeable_concept: Codes | None = None


class Medication(Resource, kw_only=True):
    """A product. It names no patient and makes no fact: it is looked up by those below."""

    resource_type: Literal["Medication"]
    code: Concept | None = None
    ingredient: list[Ingredient | None] | None = None


class Repeat(Element, kw_only=True):
    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None
    bounds_range: Range | None = None


class Timing(Element, kw_only=True):
    repeat: Repeat | None = None


class Dosage(Element, kw_only=True):
    timing: Timing | None = None
    as_needed_boolean: bool | None = None
    as_needed_codeable_concept: Concept | None = None


class DispenseRequest(Element, kw_only=True):
    expected_supply_duration: Quantity | None = None


class OfMedication(Resource, kw_only=True):
    status: str | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: LabelledReference | None = None


class MedicationRequest(OfMedication, kw_only=True):
    resource_type: Literal["MedicationRequest"]
    intent: str | None = None
    do_not_perform: bool | None = None
    status_reason: Reasons = None
    authored_on: str | None = None
    dosage_instruction: list[Dosage | None] | None = None
    dispense_request: DispenseRequest | None = None


class MedicationStatement(OfMedication, kw_only=True):
    resource_type: Literal["MedicationStatement"]
    status_reason: Reasons = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    dosage: list[Dosage | None] | None = None


class MedicationAdministration(OfMedication, kw_only=True):
    resource_type: Literal["MedicationAdministration"]
    status_reason: Reasons = None
    effective_date_time: str | None = None
    effective_period: Period | None = None


class MedicationDispense(OfMedication, kw_only=True):
    resource_type: Literal["MedicationDispense"]
    status_reason_codeable_concept: Codes | None = None
    when_handed_over: str | None = None
    when_prepared: str | None = None
    days_supply: Quantity | None = None
    dosage_instruction: list[Dosage | None] | None = None


def codes_of(product: Medication) -> list[Codes | None]:
    """What it is; nothing where its meaning is modified."""
    return [] if product.read_with_care else codes_in(product)


def codes_in(product: Medication) -> list[Codes | None]:
    """The product's code and those of its ingredients: combination products count by each."""
    return [product.code, *(ingredient.item_codeable_concept for ingredient in listed(product.ingredient))]
