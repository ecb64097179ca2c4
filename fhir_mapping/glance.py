"""The first look at a resource: whose it is, and what its codes may be about. Most of a chart is never opened further.

One member names the patient (`subject`, or `patient` for an allergy); servers may repeat it in the other of the two (`also`). The other
members by which R4 names a patient are declared as null: a resource that carries one of them is not of the shape we know, and is read entry
by entry, where the guard sees it (fhir_mapping.entries).
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from clinical.codes import NONE, Terminology
from fhir_mapping.elements import UNREADABLE, Codes, Concept, Element, NamedConcept, Reference, concepts_of, listed
from fhir_mapping.reading import TextHints
from fhir_mapping.twice import made

NOT_GIVEN = msgspec.Raw()
LINKED = frozenset({"linked"})
"""Says something only together with another resource."""
UNSURE = frozenset({"unsure"})
"""Cannot be told without opening it."""


_WITHDRAWN = (b'"cancelled"', b'"entered-in-error"')


class _CodeHolder(Element, kw_only=True):
    """An element of evidence, extension or reaction, wherever it keeps its codes."""

    code: list[Codes | None] | None = None
    substance: Codes | None = None
    value_codeable_concept: Codes | None = None


class _Component(Element, kw_only=True):
    code: Codes | None = None


_read_concept = msgspec.json.Decoder(Concept).decode
_read_named = msgspec.json.Decoder(NamedConcept | None).decode
_read_concepts = msgspec.json.Decoder(list[Codes | None] | None).decode
_read_holders = msgspec.json.Decoder(list[_CodeHolder | None] | None).decode
_read_components = msgspec.json.Decoder(list[_Component | None] | None).decode


class Topics:
    """What the codes of one chart are about, as ids of value sets and hints. Equal bytes mean the same and are looked up once.

    `about` is everything found so far.
    """

    def __init__(self, terminology: Terminology, text_hints: TextHints) -> None:
        self.about: set[str] = set()
        self._terminology = terminology
        self._text_hints = text_hints
        self._known: dict[bytes, frozenset[str]] = {b"": NONE, b"null": NONE}
        self._known_names = self._known.copy()

    def of(self, concept: msgspec.Raw) -> frozenset[str]:
        """Of a CodeableConcept, unread: what its codes are about."""
        key = bytes(concept)
        found = self._known.get(key)
        return self._look_up(key) if found is None else found

    def of_named(self, concept: msgspec.Raw) -> frozenset[str]:
        """The same; where its codes are about nothing, what its text hints at."""
        key = bytes(concept)
        found = self._known_names.get(key)
        return self._look_up_name(key) if found is None else found

    def of_words(self, concept: msgspec.Raw) -> frozenset[str]:
        """What the text and the displays of a CodeableConcept hint at, whatever its codes are about."""
        try:
            names = read.names if (read := _read_named(concept)) is not None else ()
        except UNREADABLE:
            return self.unsure()
        found = NONE.union(*(self._text_hints(name) for name in names if name))
        self.about |= found
        return found

    def of_any(self, concepts: msgspec.Raw) -> frozenset[str]:
        """Of a list of CodeableConcepts."""
        return self._of(concepts, _codes_in_list)

    def of_holders(self, holders: msgspec.Raw) -> frozenset[str]:
        """Of the codes in a list of evidence, extensions or reactions."""
        return self._of(holders, _codes_in_holders)

    def of_components(self, components: msgspec.Raw) -> frozenset[str]:
        return self._of(components, _codes_in_components)

    def unsure(self) -> frozenset[str]:
        self.about |= UNSURE
        return UNSURE

    def _look_up(self, concept: bytes) -> frozenset[str]:
        try:
            found = concepts_of(self._terminology, _read_concept(concept))
        except UNREADABLE:
            found = UNSURE
        self.about |= found
        self._known[concept] = found
        return found

    def _look_up_name(self, concept: bytes) -> frozenset[str]:
        try:
            read = _read_concept(concept)
        except UNREADABLE:
            found = UNSURE
        else:
            found = concepts_of(self._terminology, read) or (self._text_hints(read.text) if read.text else NONE)
        self.about |= found
        self._known_names[concept] = found
        return found

    def _of(self, raw: msgspec.Raw, codes_in: Callable[[msgspec.Raw], Iterable[Codes | None]]) -> frozenset[str]:
        try:
            found = concepts_of(self._terminology, *codes_in(raw))
        except UNREADABLE:
            return self.unsure()
        self.about |= found
        return found


def _codes_in_list(raw: msgspec.Raw) -> Iterable[Codes | None]:
    return _read_concepts(raw) or ()


def _codes_in_components(raw: msgspec.Raw) -> Iterable[Codes | None]:
    return [component.code for component in listed(_read_components(raw))]


def _codes_in_holders(raw: msgspec.Raw) -> Iterable[Codes | None]:
    return [codes for holder in listed(_read_holders(raw)) for codes in _held(holder)]


def _held(holder: _CodeHolder) -> Iterator[Codes]:
    yield from listed(holder.code)
    yield from listed([holder.substance, holder.value_codeable_concept])


class Glance(Element, kw_only=True):
    """What every resource type is first seen by. `topics` is empty where no rule could ask about it."""

    id: str | None = None
    contained: msgspec.Raw = NOT_GIVEN
    subject: Reference | None = None
    for_: None = msgspec.field(default=None, name="for")
    beneficiary: None = None
    also: Reference | None = msgspec.field(default=None, name="patient")

    def __post_init__(self) -> None:
        next(made)

    def topics(self, topics: Topics) -> frozenset[str]:
        return LINKED


class OfSubject(Glance, kw_only=True):
    code: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        return topics.of(self.code)


class PatientGlance(Glance, kw_only=True):
    resource_type: Literal["Patient"]


class MedicationGlance(Glance, kw_only=True):
    """A product: R4 gives it no patient, and it is only looked up."""

    resource_type: Literal["Medication"]


class ConditionGlance(OfSubject, kw_only=True):
    resource_type: Literal["Condition"]
    evidence: msgspec.Raw = NOT_GIVEN
    extension: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        found = topics.of_named(self.code)
        if self.evidence:
            found |= topics.of_holders(self.evidence)
        return found | topics.of_holders(self.extension) if self.extension else found


class ObservationGlance(OfSubject, kw_only=True):
    resource_type: Literal["Observation"]
    component: msgspec.Raw = NOT_GIVEN
    has_member: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        found = topics.of(self.code)
        if self.component:
            found |= topics.of_components(self.component)
        return found | LINKED if self.has_member else found


class DiagnosticReportGlance(OfSubject, kw_only=True):
    """A laboratory report's list of results alone says nothing, unless the report was withdrawn."""

    resource_type: Literal["DiagnosticReport"]
    status: msgspec.Raw = NOT_GIVEN
    conclusion_code: msgspec.Raw = NOT_GIVEN
    imaging_study: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        found = topics.of(self.code)
        if self.conclusion_code:
            found |= topics.of_any(self.conclusion_code)
        if self.contained:
            found |= topics.unsure()
        return found | LINKED if self.imaging_study or bytes(self.status) in _WITHDRAWN else found


class ImagingStudyGlance(OfSubject, kw_only=True):
    """Its modality stands in many places; there are few of them."""

    resource_type: Literal["ImagingStudy"]

    def topics(self, topics: Topics) -> frozenset[str]:
        return LINKED


class ProcedureGlance(OfSubject, kw_only=True):
    resource_type: Literal["Procedure"]


class AllergyIntoleranceGlance(Glance, kw_only=True):
    resource_type: Literal["AllergyIntolerance"]
    subject: Reference | None = msgspec.field(default=None, name="patient")
    also: Reference | None = msgspec.field(default=None, name="subject")
    code: msgspec.Raw = NOT_GIVEN
    reaction: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        found = topics.of(self.code) | topics.of_words(self.code) if self.code else NONE
        return found | topics.of_holders(self.reaction) if self.reaction else found


class OfMedication(Glance, kw_only=True):
    code: msgspec.Raw = msgspec.field(default=NOT_GIVEN, name="medicationCodeableConcept")
    medication_reference: msgspec.Raw = NOT_GIVEN

    def topics(self, topics: Topics) -> frozenset[str]:
        """A reference may mean anything: it is looked up once all resources are known."""
        found = topics.of_named(self.code)
        return found | LINKED if self.medication_reference else found


class MedicationRequestGlance(OfMedication, kw_only=True):
    resource_type: Literal["MedicationRequest"]


class MedicationStatementGlance(OfMedication, kw_only=True):
    resource_type: Literal["MedicationStatement"]


class MedicationAdministrationGlance(OfMedication, kw_only=True):
    resource_type: Literal["MedicationAdministration"]


class MedicationDispenseGlance(OfMedication, kw_only=True):
    resource_type: Literal["MedicationDispense"]
