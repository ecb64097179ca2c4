"""DiagnosticReport: coded conclusions, the kind of imaging, and the Observations it holds."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from clinical.record import ImagingStudy as ImagingStudyFact
from clinical.record import Observation as ObservationFact
from fhir_mapping.elements import Codes, Period, Reference, concepts_of, listed
from fhir_mapping.findings import Origin, is_future, refused, to_observations, when_observed
from fhir_mapping.reading import Reading
from fhir_mapping.references import contained_of
from fhir_mapping.resources.imaging_study import MODALITIES
from fhir_mapping.resources.observation import Observation
from fhir_mapping.resources.resource import Resource

PRELIMINARY = frozenset({"preliminary", "partial"})
COUNTED = PRELIMINARY | {"final", "amended", "corrected", "appended"}


class DiagnosticReport(Resource, kw_only=True):
    resource_type: Literal["DiagnosticReport"]
    status: str | None = None
    code: Codes | None = None
    conclusion_code: list[Codes | None] | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    issued: str | None = None
    result: list[Reference | None] | None = None
    imaging_study: list[Reference | None] | None = None

    @property
    def counts(self) -> bool:
        return self.status in COUNTED and not self.read_with_care


_read_observation = msgspec.json.Decoder(Observation).decode


def to_facts(report: DiagnosticReport, origin: Origin, reading: Reading) -> list[ObservationFact | ImagingStudyFact] | str:
    """The facts of a report whose links are read (`origin.modality`), or why there are none."""
    if refusal := refused(report.status, COUNTED):
        return refusal
    date = reading.date(report.effective_date_time) or when_observed(report.effective_period, report.issued, reading)
    if is_future(date, reading):
        return "future-dated"
    origin = replace(origin, date=date, preliminary=report.status in PRELIMINARY)
    return [*_concluded(report, origin, reading), *_imaged(report, origin, reading), *_contained(report, origin, reading)]


def _concluded(report: DiagnosticReport, origin: Origin, reading: Reading) -> Iterator[ObservationFact]:
    """A conclusionCode says that its finding is there; it has no level (contract 6.13)."""
    concepts = concepts_of(reading.terminology, *listed(report.conclusion_code))
    if concepts:
        yield ObservationFact(
            reference=origin.reference,
            source=origin.source,
            concepts=concepts,
            present=True,
            date=origin.date,
            preliminary=origin.preliminary,
            modality=origin.modality,
            studied=origin.studied,
            study_withdrawn=origin.study_withdrawn,
        )


def _imaged(report: DiagnosticReport, origin: Origin, reading: Reading) -> Iterator[ImagingStudyFact]:
    if MODALITIES & concepts_of(reading.terminology, report.code):
        yield ImagingStudyFact(
            reference=origin.reference, source=origin.source, modality=origin.modality, date=origin.date, preliminary=origin.preliminary
        )


def _contained(report: DiagnosticReport, origin: Origin, reading: Reading) -> Iterator[ObservationFact]:
    """Contained results are the report's own: its patient, its reference, its date where they have none."""
    for _, observation in contained_of(report, "Observation", _read_observation, reading.count):
        facts: list[ObservationFact] | str = to_observations(observation, origin, reading)
        if facts and observation.read_with_care:
            reading.unread |= set() if isinstance(facts, str) else {"Observation"}
            facts = "modifier-extension"
        if isinstance(facts, str):
            reading.set_aside[facts] += 1
        else:
            yield from facts
