"""What resources tell through others: the product behind a medicationReference, the kind of imaging behind a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from clinical.codes import NONE
from fhir_mapping.elements import Reference, concepts_of
from fhir_mapping.findings import COUNTED
from fhir_mapping.opened import Opened
from fhir_mapping.reading import Reading
from fhir_mapping.references import contained_of, names_of, relative, targets
from fhir_mapping.resources.diagnostic_report import DiagnosticReport
from fhir_mapping.resources.imaging_study import MODALITIES, ImagingStudy, modality_of
from fhir_mapping.resources.medication import Medication, OfMedication
from fhir_mapping.resources.observation import Observation
from fhir_mapping.resources.resource import Resource
from fhir_mapping.shapes import Mapped

PANEL_DEPTH = 3

_read_medication = msgspec.json.Decoder(Medication).decode
_read_study = msgspec.json.Decoder(ImagingStudy).decode


class Links:
    """Medications and ImagingStudies by every name they have; the modality that reports and panels give to the Observations they hold."""

    def __init__(self, looked_up: Iterable[Opened], reading: Reading, fhir_base: str | None) -> None:
        self._terminology = reading.terminology
        self._count = reading.count
        self._base = fhir_base
        self._looked_up = looked_up
        self._handed_on: Mapping[str, frozenset[str]] = {}

    @cached_property
    def _by_name(self) -> Mapping[str, Mapped]:
        """Made when the first reference is followed: most charts have none."""
        return {name: opened.resource for opened in self._looked_up for name in self._names(opened)}

    def product_of(self, medication: OfMedication) -> Medication | None:
        """The Medication behind a medicationReference, contained or not; None where there is none to be had."""
        reference = medication.medication_reference
        if reference is None or not reference.reference:
            return None
        if reference.reference.startswith("#"):
            return dict(contained_of(medication, "Medication", _read_medication, self._count)).get(reference.reference)
        found = self._by_name.get(relative(reference.reference, self._base))
        return found if isinstance(found, Medication) else None

    def modality_of_report(self, report: DiagnosticReport) -> frozenset[str]:
        by_code = MODALITIES & concepts_of(self._terminology, report.code)
        return by_code | self._modality_of_studies(report, [report.imaging_study]) if report.imaging_study else by_code

    def modality_of_observation(self, opened: Opened, observation: Observation) -> frozenset[str]:
        """From the study it was derived from, and from the report or panel that holds it."""
        found = self._own_modality(observation)
        if self._handed_on:
            found = found.union(*(self._handed_on.get(name, NONE) for name in self._names(opened)))
        return found

    def hand_on(self, kept: Sequence[Opened]) -> None:
        """Let reports give their modality to their results, and panels theirs to their members, three deep."""
        given: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for opened in kept:
            report = opened.resource
            if isinstance(report, DiagnosticReport) and report.result and report.counts:
                modality = self.modality_of_report(report)
                for target in targets([report.result], self._base) if modality else ():
                    given[target] |= modality
        self._handed_on = given
        panels = [opened for opened in kept if isinstance(opened.resource, Observation) and opened.resource.has_member]
        for _ in range(PANEL_DEPTH if panels else 0):
            self._handed_on = self._handed_on_by(panels)

    def _handed_on_by(self, panels: Iterable[Opened]) -> Mapping[str, frozenset[str]]:
        given = defaultdict(frozenset, self._handed_on)
        for opened in panels:
            panel = opened.resource
            if isinstance(panel, Observation) and panel.status in COUNTED:
                modality = self.modality_of_observation(opened, panel)
                for target in targets([panel.has_member], self._base):
                    given[target] |= modality
        return given

    def _own_modality(self, observation: Observation) -> frozenset[str]:
        if not (observation.derived_from or observation.part_of or observation.has_member):
            return NONE
        return self._modality_of_studies(observation, [observation.derived_from, observation.part_of, observation.has_member])

    def _modality_of_studies(self, resource: Resource, references: Sequence[list[Reference | None] | None]) -> frozenset[str]:
        found = NONE
        for target in targets(references, self._base):
            contained = dict(contained_of(resource, "ImagingStudy", _read_study, self._count)) if target.startswith("#") else None
            study = self._by_name.get(target) if contained is None else contained.get(target)
            found |= modality_of(study, self._terminology) if isinstance(study, ImagingStudy) else NONE
        return found

    def _names(self, opened: Opened) -> Iterable[str]:
        return names_of(opened.resource.resource_type, opened.resource.id, opened.full_url, self._base)
