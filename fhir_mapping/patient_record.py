"""Sections to a PatientRecord: whose they are, which of them count, what they say. The one way into the record."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date, tzinfo
from typing import TypeAlias, TypeVar

import msgspec

from clinical.codes import Terminology
from clinical.record import Allergy, Condition, DataGap, ImagingStudy, Medication, Observation, Patient, PatientRecord, Procedure, Source
from fhir_mapping import assessment_form
from fhir_mapping.behind import Behind
from fhir_mapping.chart import Chart
from fhir_mapping.errors import PatientUnusable
from fhir_mapping.findings import Origin, to_observations
from fhir_mapping.links import Links
from fhir_mapping.opened import Opened
from fhir_mapping.patient_guard import KnowsBase, PatientGuard, any_base
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
    questionnaire_response,
)
from fhir_mapping.section import Section

Fact: TypeAlias = Allergy | Condition | ImagingStudy | Medication | Observation | Procedure
FactType = TypeVar("FactType", Allergy, Condition, ImagingStudy, Medication, Observation, Procedure)

_encode = msgspec.json.Encoder(order="deterministic").encode


def to_patient_record(
    sections: Sequence[Section],
    *,
    patient_id: str,
    terminology: Terminology,
    text_hints: TextHints,
    zone: tzinfo,
    today: date,
    fhir_base: str | None,
    knows_base: KnowsBase = any_base,
    gaps: Sequence[DataGap] = (),
    only_with: frozenset[str] | None = None,
) -> PatientRecord:
    """The record of `patient_id` as of `today`, days in `zone`. It does not depend on the order or the splitting of the sections.

    AnotherPatient if anything in any section names somebody else; PatientUnusable without a readable Patient; nothing else is raised.
    `fhir_base` is the address at which absolute references may point to this patient; None: that of the Patient's fullUrl, else any
    one that `knows_base` knows. `gaps` are passed on, with one more for each type of which a resource that matters cannot be read,
    must not be as it stands, or does not say whose it is.
    `only_with`: if no code or text of the chart may be about any of these value sets or hints, only the Patient is read.
    """
    reading = Reading(terminology, text_hints, zone, today)
    guard = PatientGuard(patient_id, fhir_base, sections, knows_base)
    chart = Chart(sections, guard, reading)
    who = _patient(chart.patients(), patient_id, reading)
    reading.birth = who.birth_date
    facts: Mapping[type[Fact], list[Fact]] = {}
    if chart.may_be_about(only_with):
        links = Links(chart.looked_up(), reading, guard.base)
        facts = _facts(chart, links, reading)
        _note_untold(chart, links, reading)
    return PatientRecord(
        patient=who,
        conditions=_ordered(facts, Condition),
        observations=_ordered(facts, Observation),
        imaging_studies=_ordered(facts, ImagingStudy),
        medications=_ordered(facts, Medication),
        allergies=_ordered(facts, Allergy),
        procedures=_ordered(facts, Procedure),
        data_gaps=(*gaps, *_gaps_of(reading.unread, gaps)),
        set_aside=dict(sorted(reading.set_aside.items())),
    )


def _patient(found: Sequence[Opened], patient_id: str, reading: Reading) -> Patient:
    """Of several copies of which none is the newest, what they say together."""
    copies = [(opened.resource, opened.source) for opened in found if isinstance(opened.resource, patient.Patient)]
    if not copies:
        raise PatientUnusable("no Patient that can be read")
    if any(copy.read_with_care for copy, _ in copies):
        raise PatientUnusable("the Patient has a modifierExtension or implicitRules")
    return patient.together([patient.to_patient(copy, patient_id, source, reading) for copy, source in copies])


def _facts(chart: Chart, links: Links, reading: Reading) -> Mapping[type[Fact], list[Fact]]:
    telling = chart.telling()
    links.hand_on(telling)
    facts: defaultdict[type[Fact], list[Fact]] = defaultdict(list)
    for opened in telling:
        made = _facts_of(opened, links, reading) or "not-relevant"
        if isinstance(made, str):
            reading.count(made)
        else:
            for fact in made:
                facts[type(fact)].append(fact)
    return facts


def _note_untold(chart: Chart, links: Links, reading: Reading) -> None:
    """A resource that would have told something, had its meaning not been modified, or had it named a patient, leaves a gap in its type."""
    beside = Reading(reading.terminology, reading.text_hints, reading.zone, reading.today)
    beside.birth = reading.birth
    for opened in (*chart.modified(), *chart.unclear()):
        plain = msgspec.structs.replace(opened.resource, modifier_extension=None, implicit_rules=None)
        made = _facts_of(msgspec.structs.replace(opened, resource=plain), links, beside)
        if made and not isinstance(made, str):
            reading.unread.add(opened.resource.resource_type)


def _gaps_of(kinds: Set[str], gaps: Sequence[DataGap]) -> list[DataGap]:
    known = {gap.resource_type for gap in gaps}
    return [DataGap(kind, "failed") for kind in sorted(kinds - known)]


def _facts_of(opened: Opened, links: Links, reading: Reading) -> Sequence[Fact] | str:
    """What one resource says, or why it says nothing."""
    resource, source = opened.resource, opened.source
    reference = reading.name(resource.resource_type, opened.id)
    match resource:
        case observation.Observation():
            origin = _origin(reference, source, links.behind_observation(opened, resource))
            return to_observations(resource, origin, reading)
        case condition.Condition():
            return _one(condition.to_condition(resource, reference, source, reading))
        case diagnostic_report.DiagnosticReport():
            origin = _origin(reference, source, links.behind_report(resource))
            return diagnostic_report.to_facts(resource, origin, reading)
        case imaging_study.ImagingStudy():
            return _one(imaging_study.to_imaging_study(resource, reference, source, reading))
        case allergy_intolerance.AllergyIntolerance():
            return _one(allergy_intolerance.to_allergy(resource, reference, source, reading))
        case procedure.Procedure():
            return procedure.to_procedures(resource, reference, source, reading)
        case questionnaire_response.QuestionnaireResponse():
            return assessment_form.to_facts(resource, reference, source, reading)
        case patient.Patient() | medication.Medication():
            return ()
        case _:
            return _one(to_medication(resource, links.product_of(resource), reference, source, reading))


def _origin(reference: str, source: Source, behind: Behind) -> Origin:
    return Origin(reference, source, behind.modality, studied=behind.studied, study_withdrawn=behind.withdrawn)


def _one(made: Fact | str) -> Sequence[Fact] | str:
    return made if isinstance(made, str) else (made,)


def _ordered(facts: Mapping[type[Fact], list[Fact]], kind: type[FactType]) -> tuple[FactType, ...]:
    """The facts of one kind, each once, in an order that does not depend on the record's."""
    mine = [fact for fact in facts.get(kind, ()) if isinstance(fact, kind)]
    by_reference = {fact.reference: fact for fact in mine}
    if len(by_reference) < len(mine):
        by_reference = {fact.reference + _encode(fact).decode(): fact for fact in mine}
    return tuple(by_reference[key] for key in sorted(by_reference))
