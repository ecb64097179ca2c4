"""Nobody else's data: every entry must name this patient before any of them is read (contract 6.10, trust.md 2.6)."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from clinical.record import Source
from fhir_mapping.entries import owners_of_contained
from fhir_mapping.errors import AnotherPatient, PatientUnusable
from fhir_mapping.references import without_version
from fhir_mapping.resources.medication import Medication
from fhir_mapping.resources.patient import Patient
from fhir_mapping.section import Section
from fhir_mapping.shapes import Entry, Mapped

Entries: TypeAlias = Sequence[Entry[Mapped]]

_BASE = re.compile(r"https?://[^/?#\s][^?#\s]*")
_URN = "urn:"
_URN_UUID = "urn:uuid:"


def identity(entry: Entry[Mapped]) -> str | None:
    """The resource's id; where a Bundle gives none, the UUID that the Bundle knows it by."""
    if entry.resource.id is not None or entry.full_url is None or not entry.full_url.startswith(_URN_UUID):
        return entry.resource.id
    return entry.full_url.removeprefix(_URN_UUID)


def patient_id_of(sections: Iterable[Section]) -> str:
    """The id of the one Patient in these sections; PatientUnusable where there is none or it has no id."""
    ids = {identity(entry) for section in sections if section.resource_type == "Patient" for entry in section.entries}
    if len(ids) != 1 or not (patient_id := ids.pop()):
        raise PatientUnusable("no Patient with an id")
    return patient_id


class PatientGuard:
    """Knows every way to refer to one patient. A reference that is none of them is another patient's."""

    def __init__(self, patient_id: str, fhir_base: str | None, sections: Iterable[Section]) -> None:
        self._patient_id = patient_id
        self._base = fhir_base.rstrip("/") if fhir_base is not None else None
        self._relative = f"Patient/{patient_id}"
        self.accepted = {self._relative, _URN_UUID + patient_id} | _urns_of(sections, patient_id)

    def admit(self, section: Section) -> tuple[Entries, int]:
        """The entries that are this patient's, and how many name no patient; AnotherPatient if any entry is somebody else's."""
        for named in section.named:
            self._refuse_others(named.references, named.resource_type, section.source)
        for entry in section.lookups:
            self._is_ours(entry, section.source)
        accepted, ours, without = self.accepted, [], 0
        for entry in section.entries:
            resource = entry.resource
            subject = resource.subject
            plain = subject is not None and subject.reference in accepted and resource.contained is None
            if plain or self._is_ours(entry, section.source):
                ours.append(entry)
            else:
                without += 1
        return ours, without

    def names_us(self, reference: str) -> bool:
        """`Patient/A`, the same at our base, a version of it, or the URN by which the Bundle knows this patient; letter for letter."""
        if reference in self.accepted:
            return True
        unversioned = without_version(reference)
        if unversioned.startswith(_URN) or not self._at_our_base(unversioned):
            return False
        self.accepted.add(reference)
        return True

    def _at_our_base(self, reference: str) -> bool:
        if reference == self._relative:
            return True
        base = reference.removesuffix("/" + self._relative)
        if base == reference:
            return False
        return base == self._base if self._base is not None else _BASE.fullmatch(base) is not None

    def _is_ours(self, entry: Entry[Mapped], source: Source) -> bool:
        """False where it names no patient though its type has one. AnotherPatient where it names another."""
        resource = entry.resource
        kind = resource.resource_type
        self._refuse_others(owners_of_contained(resource.contained or ()), kind, source)
        if isinstance(resource, Patient):
            if identity(entry) not in (None, self._patient_id):
                raise AnotherPatient(kind, source)
            return identity(entry) is not None
        if isinstance(resource, Medication):
            return True
        reference = resource.subject.reference if resource.subject is not None else None
        if not reference:
            return False
        self._refuse_others([reference], kind, source)
        return True

    def _refuse_others(self, references: Iterable[str], kind: str, source: Source) -> None:
        for reference in references:
            if not self.names_us(reference):
                raise AnotherPatient(kind, source)


def _urns_of(sections: Iterable[Section], patient_id: str) -> set[str]:
    """The URNs by which Bundles know this patient's own resource."""
    patients = (entry for section in sections for entry in section.entries if isinstance(entry.resource, Patient))
    return {entry.full_url for entry in patients if entry.full_url and entry.full_url.startswith(_URN) and identity(entry) == patient_id}
