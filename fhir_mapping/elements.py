"""FHIR R4 data types, cut down to the members we read, and what their codes say.

Every member is optional and may be null: what is missing stays None. Strings stay strings until a rule needs a date.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from clinical.codes import NONE, Terminology

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises on bytes that are not what was asked for: wrong type or syntax, bad UTF-8, nesting without end."""

DATA_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

Item = TypeVar("Item")


class Element(msgspec.Struct, gc=False, rename="camel", kw_only=True):
    """A FHIR element. Members not named in a subclass are skipped unread."""


class Coding(Element, kw_only=True):
    system: str | None = None
    code: str | None = None


class Codes(Element, kw_only=True):
    """CodeableConcept where only the codes count."""

    coding: Sequence[Coding | None] | None = None


class Concept(Codes, kw_only=True):
    """CodeableConcept with its text: a site, a status, or a name to take a hint from."""

    text: str | None = None


class NamedCoding(Coding, kw_only=True):
    display: str | None = None


class NamedConcept(Concept, kw_only=True):
    """CodeableConcept where any of its words may warn, those of a code that means nothing here included."""

    coding: Sequence[NamedCoding | None] | None = None

    @property
    def names(self) -> list[str | None]:
        return [self.text, *(coding.display for coding in listed(self.coding))]


class Reference(Element, kw_only=True):
    reference: str | None = None


class LabelledReference(Reference, kw_only=True):
    display: str | None = None


class Period(Element, kw_only=True):
    start: str | None = None
    end: str | None = None


class Quantity(Element, kw_only=True):
    """Quantity, Age and Duration."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Range(Element, kw_only=True):
    low: Quantity | None = None
    high: Quantity | None = None


class Meta(Element, kw_only=True):
    version_id: str | None = None
    last_updated: str | None = None


class Extension(Element, kw_only=True):
    url: str | None = None
    value_codeable_concept: Codes | None = None


class Primitive(Element, kw_only=True):
    """The `_element` beside a primitive value."""

    extension: list[Extension | None] | None = None

    @property
    def says_absent(self) -> bool:
        return any(extension.url == DATA_ABSENT for extension in listed(self.extension))


class Anything(Element):
    """An object that is there and whose content no rule reads."""


def listed(items: Iterable[Item | None] | None) -> Iterator[Item]:
    """The members of a list that may be null or hold nulls."""
    return (item for item in items or () if item is not None)


def coded(concepts: Iterable[Codes | None]) -> Iterator[tuple[str, str]]:
    """Every (system, code) of some concepts. A code without a system means nothing."""
    for concept in concepts:
        if concept is not None:
            for coding in listed(concept.coding):
                if coding.system and coding.code:
                    yield coding.system, coding.code


def concepts_of(terminology: Terminology, *concepts: Codes | None) -> frozenset[str]:
    """The value sets that any coding of any of these concepts belongs to. Asked of every code of a chart: plain loops."""
    found = NONE
    for concept in concepts:
        if concept is None or concept.coding is None:
            continue
        for coding in concept.coding:
            if coding is not None and coding.system and coding.code:
                meant = terminology.concepts(coding.system, coding.code)
                found = found | meant if found else meant
    return found


def status_codes(status: Concept | str | None) -> set[str]:
    """What a status says, lower case, whatever the system: its codes, else its text; older records hold a plain string."""
    if status is None:
        return set()
    if isinstance(status, str):
        return {_as_code(status)}
    codes = {_as_code(coding.code) for coding in listed(status.coding) if coding.code}
    return codes or ({_as_code(status.text)} if status.text else set())


def _as_code(text: str) -> str:
    return "-".join(text.lower().split())
