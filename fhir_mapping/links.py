"""What resources tell through others: the product behind a medicationReference, the kind of imaging behind a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from clinical.codes import NONE, Terminology
from fhir_mapping.duplicates import Sourced
from fhir_mapping.elements import Reference, concepts_of
from fhir_mapping.findings import FINAL, PRELIMINARY
from fhir_mapping.references import contained_of, names_of, relative, targets
from fhir_mapping.resources.diagnostic_report import DiagnosticReport
from fhir_mapping.resources.imaging_study import MODALITIES, ImagingStudy, modality_of
from fhir_mapping.resources.medication import Medication, OfMedication
from fhir_mapping.resources.observation import Observation
from fhir_mapping.resources.resource import Resource
from fhir_mapping.shapes import Entry, Mapped

PANEL_DEPTH = 3

_read_medication = msgspec.json.Decoder(Medication).decode
_read_study = msgspec.json.Decoder(ImagingStudy).decode


class Links:
    """Medications and ImagingStudies by every name they have; the modality that reports and panels give to the Observations they hold."""

    def __init__(self, targets_of_links: Iterable[Sourced], terminology: Terminology, fhir_base: str | None) -> None:
        self._terminology = terminology
        self._base = fhir_base
        self._products: dict[str, Medication] = {}
        self._studies: dict[str, frozenset[str]] = {}
        self._handed_on: Mapping[str, frozenset[str]] = {}
        for entry, _ in targets_of_links:
            for name in self._names(entry):
                if isinstance(entry.resource, Medication):
                    self._products[name] = entry.resource
                elif isinstance(entry.resource, ImagingStudy):
                    self._studies[name] = modality_of(entry.resource, terminology)

    def product_of(self, medication: OfMedication) -> Medication | None:
        """The Medication behind a medicationReference, contained or not; None where there is none to be had."""
        reference = medication.medication_reference
        if reference is None or not reference.reference:
            return None
        if reference.reference.startswith("#"):
            return dict(contained_of(medication, "Medication", _read_medication)).get(reference.reference)
        return self._products.get(relative(reference.reference, self._base))

    def modality_of_report(self, report: DiagnosticReport) -> frozenset[str]:
        by_code = MODALITIES & concepts_of(self._terminology, report.code)
        return by_code | self._modality_of_studies(report, [report.imaging_study])

    def modality_of_observation(self, entry: Entry[Mapped], observation: Observation) -> frozenset[str]:
        """From the study it was derived from, and from the report or panel that holds it."""
        held = (self._handed_on.get(name, NONE) for name in self._names(entry))
        return self._own_modality(observation).union(*held)

    def hand_on(self, reports: Iterable[DiagnosticReport], entries: Sequence[Entry[Mapped]]) -> None:
        """Let reports give their modality to their results, and panels theirs to their members, three deep."""
        given: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
        for report in reports:
            modality = self.modality_of_report(report)
            for target in targets([report.result], self._base) if modality else ():
                given[target] |= modality
        self._handed_on = given
        panels = [(entry, entry.resource) for entry in entries if isinstance(entry.resource, Observation) and entry.resource.has_member]
        for _ in range(PANEL_DEPTH if panels else 0):
            self._handed_on = self._handed_on_by(panels)

    def _handed_on_by(self, panels: Iterable[tuple[Entry[Mapped], Observation]]) -> Mapping[str, frozenset[str]]:
        given = defaultdict(frozenset, self._handed_on)
        for entry, panel in panels:
            if panel.status in FINAL | PRELIMINARY and not panel.read_with_care:
                modality = self.modality_of_observation(entry, panel)
                for target in targets([panel.has_member], self._base):
                    given[target] |= modality
        return given

    def _own_modality(self, observation: Observation) -> frozenset[str]:
        return self._modality_of_studies(observation, [observation.derived_from, observation.part_of, observation.has_member])

    def _modality_of_studies(self, resource: Resource, references: Sequence[list[Reference | None] | None]) -> frozenset[str]:
        found = NONE
        for target in targets(references, self._base):
            if target.startswith("#"):
                studies = dict(contained_of(resource, "ImagingStudy", _read_study))
                found |= modality_of(studies[target], self._terminology) if target in studies else NONE
            else:
                found |= self._studies.get(target, NONE)
        return found

    def _names(self, entry: Entry[Mapped]) -> Iterable[str]:
        resource = entry.resource
        return names_of(resource.resource_type, resource.id, entry.full_url, self._base)
