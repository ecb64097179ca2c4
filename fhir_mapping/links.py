"""What resources tell through others: the product behind a medicationReference, the imaging behind a finding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from fhir_mapping.behind import NOTHING, Behind, behind_report, behind_study, joined
from fhir_mapping.elements import Reference
from fhir_mapping.findings import COUNTED
from fhir_mapping.opened import Opened
from fhir_mapping.reading import Reading
from fhir_mapping.references import contained_of, names_of, relative, targets
from fhir_mapping.resources.diagnostic_report import DiagnosticReport
from fhir_mapping.resources.imaging_study import ImagingStudy
from fhir_mapping.resources.medication import Medication, OfMedication
from fhir_mapping.resources.observation import Observation
from fhir_mapping.resources.resource import Resource
from fhir_mapping.shapes import Mapped

PANEL_DEPTH = 3

_read_medication = msgspec.json.Decoder(Medication).decode
_read_study = msgspec.json.Decoder(ImagingStudy).decode


class Links:
    """Medications and ImagingStudies by every name they have; what reports and panels give to the Observations they hold."""

    def __init__(self, looked_up: Iterable[Opened], reading: Reading, fhir_base: str | None) -> None:
        self._reading = reading
        self._count = reading.count
        self._base = fhir_base
        self._looked_up = looked_up
        self._handed_on: Mapping[str, Behind] = {}

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Mapped]]:
        """Made when the first reference is followed: most charts have none. Several where copies contradict each other."""
        named: defaultdict[str, list[Mapped]] = defaultdict(list)
        for opened in self._looked_up:
            for name in set(self._names(opened)):
                named[name].append(opened.resource)
        return named

    def product_of(self, medication: OfMedication) -> Medication | None:
        """The Medication behind a medicationReference, contained or not; None where there is none to be had."""
        reference = medication.medication_reference
        if reference is None or not reference.reference:
            return None
        if reference.reference.startswith("#"):
            return dict(contained_of(medication, "Medication", _read_medication, self._count)).get(reference.reference)
        found = self._by_name.get(relative(reference.reference, self._base), ())
        return next((product for product in found if isinstance(product, Medication)), None)

    def behind_report(self, report: DiagnosticReport) -> Behind:
        """The report and its studies; of one that does not count, only that."""
        own = behind_report(report, self._reading)
        return joined([own, *self._studies(report, [report.imaging_study])]) if report.imaging_study and report.counts else own

    def behind_observation(self, opened: Opened, observation: Observation) -> Behind:
        """The study it was derived from, and what the report or panel that holds it gives."""
        found = self._behind_alone(observation)
        if self._handed_on:
            given = [self._handed_on[name] for name in self._names(opened) if name in self._handed_on]
            found = joined([found, *given]) if given else found
        return found

    def hand_on(self, kept: Sequence[Opened]) -> None:
        """Let reports give to their results what is behind them, and panels to their members, three deep."""
        given: defaultdict[str, Behind] = defaultdict(lambda: NOTHING)
        for opened in kept:
            report = opened.resource
            if isinstance(report, DiagnosticReport) and report.result and not report.read_with_care:
                _give(given, self.behind_report(report), targets([report.result], self._base))
        self._handed_on = dict(given)
        panels = [opened for opened in kept if isinstance(opened.resource, Observation) and opened.resource.has_member]
        for _ in range(PANEL_DEPTH if panels else 0):
            self._handed_on = self._handed_on_by(panels)

    def _handed_on_by(self, panels: Iterable[Opened]) -> Mapping[str, Behind]:
        given = defaultdict(lambda: NOTHING, self._handed_on)
        for opened in panels:
            panel = opened.resource
            if isinstance(panel, Observation) and panel.status in COUNTED:
                _give(given, self.behind_observation(opened, panel), targets([panel.has_member], self._base))
        return dict(given)

    def _behind_alone(self, observation: Observation) -> Behind:
        if not (observation.derived_from or observation.part_of or observation.has_member):
            return NOTHING
        return joined(self._studies(observation, [observation.derived_from, observation.part_of, observation.has_member]))

    def _studies(self, resource: Resource, references: Sequence[list[Reference | None] | None]) -> list[Behind]:
        """What the ImagingStudies among these references are, of those that can be found."""
        found: list[Behind] = []
        for target in targets(references, self._base):
            contained = dict(contained_of(resource, "ImagingStudy", _read_study, self._count)) if target.startswith("#") else None
            inner = contained.get(target) if contained is not None else None
            studies = self._by_name.get(target, ()) if contained is None else [inner] if inner is not None else []
            found += [behind_study(study, self._reading) for study in studies if isinstance(study, ImagingStudy)]
        return found

    def _names(self, opened: Opened) -> Iterable[str]:
        return names_of(opened.resource.resource_type, opened.resource.id, opened.full_url, self._base)


def _give(given: defaultdict[str, Behind], behind: Behind, names: Iterable[str]) -> None:
    if behind != NOTHING:
        for name in names:
            given[name] = joined([given[name], behind])
