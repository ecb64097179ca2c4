"""All sections of one call together: this patient's entries by type, which of them may matter, and those opened.

Looking costs little and opening much, so nothing is opened whose codes mean nothing here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec

from fhir_mapping.entries import UNDECODABLE, Body
from fhir_mapping.glance import UNSURE, Topics
from fhir_mapping.opened import Opened, newest, open_all
from fhir_mapping.patient_guard import PatientGuard
from fhir_mapping.reading import Reading
from fhir_mapping.section import Section
from fhir_mapping.shapes import LOOKED_UP

NEVER_FACTS = frozenset({"Patient", "Medication"})


class _Part(msgspec.Struct):
    """One section, and the places in it of the entries that are this patient's and may matter."""

    section: Section
    places: Sequence[int]

    def bodies(self, cannot_read: Callable[[str, int], None]) -> Iterable[Body]:
        if not self.places:
            return ()
        bodies = self.section.bodies()
        if len(bodies) < len(self.section.entries):
            cannot_read(self.section.resource_type, len(self.places))
            return ()
        return [bodies[place] for place in self.places]


class Chart:
    """Raises AnotherPatient before anything is opened."""

    def __init__(self, sections: Iterable[Section], guard: PatientGuard, reading: Reading) -> None:
        self._reading = reading
        self._parts: defaultdict[str, list[_Part]] = defaultdict(list)
        self._unclear: list[_Part] = []
        self._opened: dict[str, list[Opened]] = {}
        for section in sections:
            self._admit(section, guard)
        self._topics = Topics(reading.terminology, reading.text_hints)
        self._with_copies = {kind for kind, parts in self._parts.items() if _has_copies(parts)}
        for kind, parts in self._parts.items():
            if kind not in NEVER_FACTS:
                self._look_at(kind, parts)
        for part in self._unclear:
            part.places = [place for place in part.places if part.section.entries[place].resource.topics(self._topics)]

    def may_be_about(self, value_sets: frozenset[str] | None) -> bool:
        """Could any entry be about one of these? None: about anything."""
        return value_sets is None or not self._topics.about.isdisjoint(value_sets | UNSURE)

    def patients(self) -> list[Opened]:
        return self._open("Patient")

    def looked_up(self) -> list[Opened]:
        """The Medications and ImagingStudies that others may refer to, wherever they came."""
        own = [opened for kind in LOOKED_UP for opened in self._open(kind)]
        sections = (part.section for parts in self._parts.values() for part in parts if part.section.lookups)
        included = [
            opened
            for section in sections
            for kind, batch in section.lookups.items()
            for opened in open_all(kind, batch.bodies, section.source, partial(self._reading.cannot_read, section.resource_type))
        ]
        return newest([*own, *included]) if included else own

    def telling(self) -> list[Opened]:
        """Every entry that may matter, each resource once. One whose meaning is modified is not read as if it were not."""
        opened = [opened for kind in self._parts.keys() - NEVER_FACTS for opened in self._open(kind)]
        plain = [item for item in opened if not item.resource.read_with_care]
        self._reading.count("modifier-extension", len(opened) - len(plain))
        return plain

    def modified(self) -> list[Opened]:
        """Every entry that might have mattered, but for a modifierExtension or implicitRules."""
        opened = [opened for kind in self._parts.keys() - NEVER_FACTS for opened in self._open(kind)]
        return [item for item in opened if item.resource.read_with_care]

    def unclear(self) -> list[Opened]:
        """Every entry that might have mattered, had it said whose it is."""
        return [item for part in self._unclear for item in self._open_part(part)]

    def _admit(self, section: Section, guard: PatientGuard) -> None:
        ours = guard.admit(section)
        if ours or section.lookups:
            self._parts[section.resource_type].append(_Part(section, ours))
        for reason, times in section.set_aside.items():
            if reason == UNDECODABLE:
                self._reading.cannot_read(section.resource_type, times)
            else:
                self._reading.count(reason, times)
        if len(ours) < len(section.entries):
            self._unclear.append(_Part(section, sorted(set(range(len(section.entries))).difference(ours))))
            self._reading.count("no-subject", len(section.entries) - len(ours))
        for stray in section.strays:
            self._admit(stray, guard)

    def _look_at(self, kind: str, parts: Sequence[_Part]) -> None:
        """Leave in each part the places of entries that may matter; of a type with copies all: a newer one may overrule an older."""
        topics = self._topics
        for part in parts:
            entries = part.section.entries
            telling = [place for place in part.places if entries[place].resource.topics(topics)]
            if kind not in self._with_copies and len(telling) < len(part.places):
                self._reading.count("not-relevant", len(part.places) - len(telling))
                part.places = telling

    def _open(self, kind: str) -> list[Opened]:
        if kind not in self._opened:
            opened = [item for part in self._parts.get(kind, ()) for item in self._open_part(part)]
            self._opened[kind] = newest(opened) if kind in self._with_copies else opened
            self._reading.count("duplicate", len(opened) - len(self._opened[kind]))
        return self._opened[kind]

    def _open_part(self, part: _Part) -> list[Opened]:
        kind, cannot_read = part.section.resource_type, self._reading.cannot_read
        return open_all(kind, part.bodies(cannot_read), part.section.source, partial(cannot_read, kind))


def _has_copies(parts: Sequence[_Part]) -> bool:
    """Is any id there twice?"""
    ids = {part.section.entries[place].resource.id for part in parts for place in part.places}
    return len(ids) < sum(len(part.places) for part in parts)
