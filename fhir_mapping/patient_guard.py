"""Nobody else's data: every entry must name this patient before any of them is read (contract 6.10, trust.md 2.6)."""

import re
from collections.abc import Callable, Iterable, Sequence

from clinical.record import Source
from fhir_mapping.entries import text
from fhir_mapping.errors import AnotherPatient, PatientUnusable
from fhir_mapping.glance import Glance
from fhir_mapping.named import Named, named_in, named_in_contained
from fhir_mapping.opened import identity
from fhir_mapping.references import without_version
from fhir_mapping.section import Section

_BASE = re.compile(r"https?://[^/?#\s][^?#\s]*")
_URN = "urn:"
_URN_UUID = "urn:uuid:"
_OF_NOBODY = frozenset({"Patient", "Medication"})

KnowsBase = Callable[[str], bool]
"""Whether a FHIR base may be that of the patients a call is about."""


def any_base(base: str) -> bool:
    """Where nobody knows whose bases are whose."""
    return True


def patient_id_of(sections: Iterable[Section]) -> str:
    """The id of the one Patient in these sections; PatientUnusable where there is none or it has no id."""
    ids = {patient_id for patient_id, _ in _patients(sections)}
    if len(ids) != 1 or not (patient_id := ids.pop()):
        raise PatientUnusable("no Patient with an id")
    return patient_id


class PatientGuard:
    """Knows every way to refer to one patient. A reference that is none of them is another patient's.

    Where no FHIR base is known, it is that of the Patient's own fullUrl, else that of the first absolute reference to the patient:
    the same id at two bases is two people. A base that `knows_base` does not know, or that is below a Patient, is nobody's.
    """

    def __init__(self, patient_id: str, fhir_base: str | None, sections: Sequence[Section], knows_base: KnowsBase = any_base) -> None:
        self._patient_id = patient_id
        self._knows_base = knows_base
        self._base = fhir_base.rstrip("/") if fhir_base is not None and self._may_be_ours(fhir_base.rstrip("/")) else None
        self._relative = f"Patient/{patient_id}"
        self.accepted = {self._relative, _URN_UUID + patient_id} | _urns_of(sections, patient_id)
        if self._base is None:
            self._adopt_own_base(sections)

    @property
    def base(self) -> str | None:
        """The FHIR base of this patient: final once every section is admitted."""
        return self._base

    def admit(self, section: Section) -> Sequence[int]:
        """Which of its entries are this patient's, leaving out those that name no patient; AnotherPatient if anything names another."""
        self.refuse(section.named, section.source)
        for stray in section.strays:
            self.admit(stray)
        for kind, batch in section.lookups.items():
            for entry in batch.seen:
                self._is_ours(entry.resource, kind, section.source)
        accepted = self.accepted
        for entry in section.entries:
            seen = entry.resource
            subject = seen.subject
            if subject is None or subject.reference not in accepted or seen.also is not None or seen.contained:
                return self._admit_one_by_one(section)
        return range(len(section.entries))

    def _admit_one_by_one(self, section: Section) -> Sequence[int]:
        kind = section.resource_type
        if kind == "Patient":
            self._refuse_other_patients(section)
        ours = [number for number, entry in enumerate(section.entries) if self._is_ours(entry.resource, kind, section.source)]
        if len(ours) < len(section.entries):
            bodies = section.bodies()
            for number in set(range(len(bodies))).difference(ours):
                self.refuse(named_in(bodies[number].resource), section.source)
        return ours

    def refuse(self, named: Iterable[Named], source: Source) -> None:
        """AnotherPatient where a resource is somebody else's by its owners, or has none and refers to other Patients only."""
        for each in named:
            self._refuse_others(each.owners, each.resource_type, source)
            if not each.owners and not any(self.names_us(reference) for reference in each.others):
                raise AnotherPatient(each.resource_type, source)

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
        if self._base is None and _BASE.fullmatch(base) is not None and self._may_be_ours(base):
            self._base = base
        return base == self._base

    def _may_be_ours(self, base: str) -> bool:
        below_host = base.partition("://")[2] + "/"
        return "/Patient/" not in below_host and self._knows_base(base)

    def _adopt_own_base(self, sections: Sequence[Section]) -> None:
        """AnotherPatient where copies of the Patient stand at two bases."""
        for section in sections:
            for own_id, url in _patients([section]):
                full_url = without_version(url) if own_id == self._patient_id and url is not None else ""
                at_a_base = _BASE.fullmatch(full_url) is not None and full_url.endswith("/" + self._relative)
                if at_a_base and not self._at_our_base(full_url):
                    raise AnotherPatient("Patient", section.source)

    def _is_ours(self, seen: Glance, kind: str, source: Source) -> bool:
        """False where it names no patient though its type has one. AnotherPatient where it names another."""
        if seen.contained:
            for inner in named_in_contained(seen.contained):
                self._refuse_others(inner.owners, kind, source)
        named = [owner.reference for owner in (seen.subject, seen.also) if owner is not None and owner.reference]
        self._refuse_others(named, kind, source)
        return kind in _OF_NOBODY or bool(seen.subject is not None and seen.subject.reference)

    def _refuse_other_patients(self, section: Section) -> None:
        for patient_id, _ in _patients([section]):
            if patient_id is None:
                raise PatientUnusable("a Patient without an id")
            if patient_id != self._patient_id:
                raise AnotherPatient("Patient", section.source)

    def _refuse_others(self, references: Iterable[str], kind: str, source: Source) -> None:
        for reference in references:
            if not self.names_us(reference):
                raise AnotherPatient(kind, source)


def _patients(sections: Iterable[Section]) -> Iterable[tuple[str | None, str | None]]:
    """Identity and fullUrl of every Patient."""
    for section in sections:
        if section.resource_type == "Patient":
            for entry, body in zip(section.entries, section.bodies(), strict=True):
                full_url = text(body.full_url)
                yield identity(entry.resource.id, full_url), full_url


def _urns_of(sections: Iterable[Section], patient_id: str) -> set[str]:
    """The URNs by which Bundles know this patient's own resource."""
    return {url for own_id, url in _patients(sections) if own_id == patient_id and url is not None and url.startswith(_URN)}
