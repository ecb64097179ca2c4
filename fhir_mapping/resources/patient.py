"""Patient: who, how old, alive, active, merged."""

from typing import Literal

from clinical.record import Patient as PatientFact
from clinical.record import Source
from fhir_mapping.elements import Element, listed
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
    link: list[Link | None] | None = None


def to_patient(patient: Patient, patient_id: str, source: Source, reading: Reading) -> PatientFact:
    return PatientFact(
        id=patient_id,
        reference=reading.name("Patient", patient_id),
        source=source,
        birth_date=reading.date(patient.birth_date),
        deceased=bool(patient.deceased_boolean or patient.deceased_date_time),
        active=patient.active is not False,
        replaced=any(link.type == "replaced-by" for link in listed(patient.link)),
    )
