"""Observation as R4 has it, and which of them a rule may ask about. Its facts are made in fhir_mapping.findings."""

from typing import Literal

import msgspec

from fhir_mapping.elements import Anything, Codes, Concept, Element, NamedConcept, Period, Primitive, Quantity, Range, Reference
from fhir_mapping.resources.resource import Resource


class Component(Element, kw_only=True):
    """The value[x] of a component is an Observation's; the two declare it alike (a Struct has one line of ancestors)."""

    modifier_extension: list[msgspec.Raw] | None = None
    code: Codes | None = None
    value_quantity: Quantity | None = None
    value_integer: float | None = None
    value_decimal: float | None = None
    value_range: Range | None = None
    value_boolean: bool | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_date_time: str | None = None
    value_time: str | None = None
    value_period: Anything | None = None
    value_ratio: Anything | None = None
    value_sampled_data: Anything | None = None
    absent_boolean: Primitive | None = msgspec.field(default=None, name="_valueBoolean")
    absent_integer: Primitive | None = msgspec.field(default=None, name="_valueInteger")
    absent_string: Primitive | None = msgspec.field(default=None, name="_valueString")
    data_absent_reason: Anything | None = None
    interpretation: list[Codes | None] | None = None
    reference_range: list[Range | None] | None = None


class Observation(Resource, kw_only=True):
    resource_type: Literal["Observation"]
    status: str | None = None
    code: Codes | None = None
    value_quantity: Quantity | None = None
    value_integer: float | None = None
    value_decimal: float | None = None
    value_range: Range | None = None
    value_boolean: bool | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_date_time: str | None = None
    value_time: str | None = None
    value_period: Anything | None = None
    value_ratio: Anything | None = None
    value_sampled_data: Anything | None = None
    absent_boolean: Primitive | None = msgspec.field(default=None, name="_valueBoolean")
    absent_integer: Primitive | None = msgspec.field(default=None, name="_valueInteger")
    absent_string: Primitive | None = msgspec.field(default=None, name="_valueString")
    data_absent_reason: Anything | None = None
    interpretation: list[Codes | None] | None = None
    reference_range: list[Range | None] | None = None
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    body_site: NamedConcept | None = None
    component: list[Component | None] | None = None
    focus: list[Reference | None] | None = None
    derived_from: list[Reference | None] | None = None
    part_of: list[Reference | None] | None = None
    has_member: list[Reference | None] | None = None


Valued = Observation | Component
