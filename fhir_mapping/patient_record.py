"""Sections to a PatientRecord: whose they are, which of them count, what they say. The one way into the record."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import TypeAlias, TypeVar

import msgspec

from clinical.codes import Terminology
from clinical.record import Allergy, Condition, DataGap, ImagingStudy, Medication, Observation, Patient, PatientRecord, Procedure
from fhir_mapping.duplicates import Sourced, newest
from fhir_mapping.errors import PatientUnusable
from fhir_mapping.findings import Origin, to_observations
from fhir_mapping.links import Links
from fhir_mapping.patient_guard import PatientGuard, identity
from fhir_mapping.prescriptions import to_medication
from fhir_mapping.reading import Reading, TextHints
from fhir_mapping.resources import (
    allergy_intolerance,
    condition,
    diagnostic_report,
    imaging_study,
    medication,
    observation,
    patient,
    procedure,
)
from fhir_mapping.section import Section
from fhir_mapping.shapes import LOOKED_UP

Fact: TypeAlias = Allergy | Condition | ImagingStudy | Medication | Observation | Procedure
FactType = TypeVar("FactType", bound=Fact)
Chart: TypeAlias = Mapping[str, list[Sourced]]

_sort_key = msgspec.json.Encoder(order="deterministic").encode


def to_patient_record(
    sections: Sequence[Section],
    *,
    patient_id: str,
    terminology: Terminology,
    text_hints: TextHints,
    zone: tzinfo,
    today: date,
    fhir_base: str | None,
    gaps: Sequence[DataGap] = (),
) -> PatientRecord:
    """The record of `patient_id` as of `today`, days in `zone`. It does not depend on the order or the splitting of the sections.

    AnotherPatient if anything in any section names somebody else; PatientUnusable without a readable Patient; nothing else is raised.
    `fhir_base` is the address at which absolute references may point to this patient; None: any. `gaps` are passed through.
    """
    reading = Reading(terminology, text_hints, zone, today)
    lookups, chart = _admit(sections, PatientGuard(patient_id, fhir_base, sections), reading)
    who = _patient(chart, patient_id, reading)
    reading.birth = who.birth_date
    links = Links([*lookups, *(sourced for kind in LOOKED_UP for sourced in chart[kind])], terminology, fhir_base)
    facts = _facts(_that_matter(chart, reading), links, reading)
    return PatientRecord(
        patient=who,
        conditions=_ordered(facts, Condition),
        observations=_ordered(facts, Observation),
        imaging_studies=_ordered(facts, ImagingStudy),
        medications=_ordered(facts, Medication),
        allergies=_ordered(facts, Allergy),
        procedures=_ordered(facts, Procedure),
        data_gaps=tuple(gaps),
        set_aside=dict(sorted(reading.set_aside.items())),
    )


def _admit(sections: Sequence[Section], guard: PatientGuard, reading: Reading) -> tuple[list[Sourced], Chart]:
    """Every entry of this patient, by type, each resource once; and those that are only looked up."""
    chart: defaultdict[str, list[Sourced]] = defaultdict(list)
    lookups: list[Sourced] = []
    for section in sections:
        ours, without_subject = guard.admit(section)
        chart[section.resource_type] += [(entry, section.source) for entry in ours]
        lookups += [(entry, section.source) for entry in section.lookups]
        reading.set_aside += {**section.set_aside}
        _count(reading, "no-subject", without_subject)
    for kind, entries in chart.items():
        chart[kind], dropped = newest(entries)
        _count(reading, "duplicate", dropped)
    return newest(lookups)[0], chart


def _patient(chart: Chart, patient_id: str, reading: Reading) -> Patient:
    found = [sourced for sourced in chart["Patient"] if isinstance(sourced[0].resource, patient.Patient)]
    if not found:
        raise PatientUnusable("no Patient with an id")
    entry, source = found[0]
    if not isinstance(entry.resource, patient.Patient) or entry.resource.read_with_care:
        raise PatientUnusable("the Patient has a modifierExtension or implicitRules")
    return patient.to_patient(entry.resource, patient_id, source, reading)


def _that_matter(chart: Chart, reading: Reading) -> list[Sourced]:
    """Filtered by code, before anything is built; a resource whose meaning is modified is not read as if it were not."""
    kept = []
    for kind, entries in chart.items():
        if kind in ("Patient", "Medication"):
            continue
        mattering = [sourced for sourced in entries if sourced[0].resource.matters(reading)]
        plain = [sourced for sourced in mattering if not sourced[0].resource.read_with_care]
        _count(reading, "not-relevant", len(entries) - len(mattering))
        _count(reading, "modifier-extension", len(mattering) - len(plain))
        kept += plain
    return kept


def _facts(kept: Sequence[Sourced], links: Links, reading: Reading) -> list[Fact]:
    entries = [entry for entry, _ in kept]
    reports = (entry.resource for entry in entries if isinstance(entry.resource, diagnostic_report.DiagnosticReport))
    links.hand_on([report for report in reports if diagnostic_report.counts(report)], entries)
    facts: list[Fact] = []
    for sourced in kept:
        made = _facts_of(sourced, links, reading)
        if isinstance(made, str):
            reading.set_aside[made] += 1
        else:
            facts += made
    return facts


def _facts_of(sourced: Sourced, links: Links, reading: Reading) -> Sequence[Fact] | str:
    """What one resource says, or why it says nothing."""
    (entry, source), resource = sourced, sourced[0].resource
    reference = reading.name(resource.resource_type, identity(entry))
    match resource:
        case condition.Condition():
            return _one(condition.to_condition(resource, reference, source, reading))
        case observation.Observation():
            origin = Origin(reference=reference, source=source, modality=links.modality_of_observation(entry, resource))
            return to_observations(resource, origin, reading)
        case diagnostic_report.DiagnosticReport():
            origin = Origin(reference=reference, source=source, modality=links.modality_of_report(resource))
            return diagnostic_report.to_facts(resource, origin, reading)
        case imaging_study.ImagingStudy():
            return _one(imaging_study.to_imaging_study(resource, reference, source, reading))
        case allergy_intolerance.AllergyIntolerance():
            return _one(allergy_intolerance.to_allergy(resource, reference, source, reading))
        case procedure.Procedure():
            return _one(procedure.to_procedure(resource, reference, source, reading))
        case patient.Patient() | medication.Medication():
            return ()
        case _:
            return _one(to_medication(resource, links.product_of(resource), reference, source, reading))


def _one(made: Fact | str) -> Sequence[Fact] | str:
    return made if isinstance(made, str) else (made,)


def _ordered(facts: Iterable[Fact], kind: type[FactType]) -> tuple[FactType, ...]:
    """The facts of one kind, each once, in an order that does not depend on the record's."""
    unique = {_sort_key(fact): fact for fact in facts if isinstance(fact, kind)}
    return tuple(unique[key] for key in sorted(unique))


def _count(reading: Reading, reason: str, times: int) -> None:
    if times:
        reading.set_aside[reason] += times
