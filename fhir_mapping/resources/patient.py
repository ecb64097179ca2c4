"""Patient: who, how old, alive, active, merged."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from clinical.dates import PartialDate
from clinical.record import Patient as PatientFact
from clinical.record import Source
from fhir_mapping.elements import Element, Primitive, listed
from fhir_mapping.reading import Reading
from fhir_mapping.resources.resource import Resource


class Link(Element, kw_only=True):
    type: str | None = None


class Patient(Resource, kw_only=True):
    resource_type: Literal["Patient"]
    active: bool | None = None
    birth_date: str | None = None
    deceased_boolean: bool | None = None
    deceased_date_time: str | None = None
    absent_deceased: Primitive | None = msgspec.field(default=None, name="_deceasedDateTime")
    link: list[Link | None] | None = None


def to_patient(patient: Patient, patient_id: str, source: Source, reading: Reading) -> PatientFact:
    return PatientFact(
        id=patient_id,
        reference=reading.name("Patient", patient_id),
        source=source,
        birth_date=reading.date(patient.birth_date),
        deceased=bool(patient.deceased_boolean or patient.deceased_date_time) or _died_some_day(patient),
        active=patient.active is not False,
        replaced=any(link.type == "replaced-by" for link in listed(patient.link)),
    )


def _died_some_day(patient: Patient) -> bool:
    """Is there a day of death of which it is said only why it is not given?"""
    return patient.absent_deceased is not None and patient.absent_deceased.says_absent


def together(copies: Sequence[PatientFact]) -> PatientFact:
    """What copies say of which none is the newest: whatever stands against advice counts, and birth is any day that they give."""
    if len(copies) == 1:
        return copies[0]
    return msgspec.structs.replace(
        copies[0],
        birth_date=_any_of([copy.birth_date for copy in copies if copy.birth_date is not None]),
        deceased=any(copy.deceased for copy in copies),
        active=all(copy.active for copy in copies),
        replaced=any(copy.replaced for copy in copies),
    )


def _any_of(dates: Sequence[PartialDate]) -> PartialDate | None:
    first = min((when.earliest for when in dates if when.earliest is not None), default=None)
    last = max((when.latest for when in dates if when.latest is not None), default=None)
    return PartialDate(first, last) if dates else None
