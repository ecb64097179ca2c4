"""One part of the record as it arrived: a prefetch value, a search answer, or what a Bundle holds of one type (cds-hooks.md 3.3)."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from clinical.record import Source
from fhir_mapping.elements import UNREADABLE, Element, listed
from fhir_mapping.entries import Named, Sorted, known_type, owners, peek
from fhir_mapping.errors import InvalidBundle
from fhir_mapping.shapes import SHAPES, Entry, Mapped

NOTHING: Mapping[str, int] = {}
SEARCH_TYPES = (None, "searchset", "collection", "batch", "transaction")
PATIENT_BUNDLE_TYPES = ("searchset", "collection", "batch", "transaction")


class SectionState(StrEnum):
    """Five states that are never merged: only the first two say what the record holds."""

    GIVEN = "given"
    EMPTY = "empty"
    FAILED = "failed"
    TRUNCATED = "truncated"
    ABSENT = "absent"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """`entries` are of the type asked for; `lookups` are Medications and ImagingStudies that others refer to; `named` are the patients
    that anything else in it names. `set_aside` counts by reason what could not be read.
    """

    resource_type: str
    source: Source
    state: SectionState
    entries: Sequence[Entry[Mapped]] = ()
    lookups: Sequence[Entry[Mapped]] = ()
    named: Sequence[Named] = ()
    set_aside: Mapping[str, int] = NOTHING


class _Bundle(Element, kw_only=True):
    type: Any = None
    link: Any = None
    entry: list[msgspec.Raw] | None = None


_read_bundle = msgspec.json.Decoder(_Bundle).decode
_peek_or_null = msgspec.json.Decoder(type(peek(b"{}")) | None).decode


def read_section(resource_type: str, raw: bytes | msgspec.Raw | None, source: Source) -> Section:
    """What was sent for one type: a searchset, one resource, null (known empty), an OperationOutcome (failed). Python's None: not sent.

    Anything else counts as not sent, except that bytes which are no JSON have failed. Never raises on any input.
    """
    if raw is None:
        return Section(resource_type=resource_type, source=source, state=SectionState.ABSENT)
    try:
        if resource_type == "Patient":
            return _given([Entry(resource=SHAPES["Patient"].resource(raw))], resource_type, source)
        bundle = SHAPES[resource_type].search(raw)
    except UNREADABLE:
        return _read_oddly(resource_type, raw, source)
    truncated = any(link.relation == "next" for link in listed(bundle.link))
    return _given(bundle.entry or (), resource_type, source, truncated=truncated)


def _given(entries: Sequence[Entry[Mapped]], resource_type: str, source: Source, *, truncated: bool = False) -> Section:
    state = SectionState.TRUNCATED if truncated else SectionState.GIVEN if entries else SectionState.EMPTY
    return Section(resource_type=resource_type, source=source, state=state, entries=entries)


def _read_oddly(resource_type: str, raw: bytes | msgspec.Raw, source: Source) -> Section:
    """Null, a single resource, an outcome, a Bundle with anything but plain matches in it, or no FHIR at all."""
    try:
        seen = _peek_or_null(raw)
    except msgspec.ValidationError:
        return Section(resource_type=resource_type, source=source, state=SectionState.ABSENT)
    except UNREADABLE:
        return Section(resource_type=resource_type, source=source, state=SectionState.FAILED)
    if seen is None:
        return Section(resource_type=resource_type, source=source, state=SectionState.EMPTY)
    if seen.resource_type == "Bundle":
        return _read_bundle_oddly(resource_type, raw, source)
    if seen.resource_type == "OperationOutcome":
        return Section(resource_type=resource_type, source=source, state=SectionState.FAILED)
    if seen.resource_type == resource_type:
        found = Sorted(frozenset({resource_type}))
        found.add_resource(raw)
        return _section(found, resource_type, source, SectionState.GIVEN if found.matches else SectionState.FAILED)
    named = [Named(known_type(seen), references)] if (references := tuple(owners(seen))) else []
    return Section(resource_type=resource_type, source=source, state=SectionState.ABSENT, named=named)


def _read_bundle_oddly(resource_type: str, raw: bytes | msgspec.Raw, source: Source) -> Section:
    try:
        bundle = _read_bundle(raw)
    except UNREADABLE:
        return Section(resource_type=resource_type, source=source, state=SectionState.FAILED)
    is_search = bundle.type in SEARCH_TYPES
    found = Sorted(frozenset({resource_type}) if is_search else frozenset())
    for entry in bundle.entry or ():
        found.add(entry)
    return _section(found, resource_type, source, _state(found, bundle, resource_type) if is_search else SectionState.ABSENT)


def _state(found: Sorted, bundle: _Bundle, resource_type: str) -> SectionState:
    if found.failed:
        return SectionState.FAILED
    if _has_next(bundle.link):
        return SectionState.TRUNCATED
    if found.matches:
        return SectionState.GIVEN
    unread = found.set_aside[resource_type] + found.set_aside["Resource"]
    return SectionState.FAILED if unread["undecodable"] else SectionState.EMPTY


def _has_next(links: object) -> bool:
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("relation") == "next" for link in links)


def _section(found: Sorted, resource_type: str, source: Source, state: SectionState) -> Section:
    return Section(
        resource_type=resource_type,
        source=source,
        state=state,
        entries=found.matches[resource_type],
        lookups=found.included,
        named=found.named,
        set_aside=sum(found.set_aside.values(), start=type(found.set_aside[resource_type])()),
    )


def read_patient_bundle(raw: bytes) -> list[Section]:
    """A Bundle of one patient as sections, one per type we read (contract 6.12); InvalidBundle if it is no such Bundle.

    A Bundle that says it goes on, or holds an outcome that failed, gives truncated sections.
    """
    try:
        seen, bundle = peek(raw), _read_bundle(raw)
    except UNREADABLE:
        raise InvalidBundle("not a FHIR Bundle in JSON") from None
    if seen.resource_type != "Bundle" or bundle.type not in PATIENT_BUNDLE_TYPES:
        raise InvalidBundle("not a Bundle of type collection, searchset, transaction or batch")
    found = Sorted(frozenset(SHAPES), include_is_lookup=False)
    for entry in bundle.entry or ():
        found.add(entry)
    patients = {entry.resource.id or entry.full_url or number for number, entry in enumerate(found.matches["Patient"])}
    if len(patients) != 1 or found.set_aside["Patient"]:
        raise InvalidBundle("must hold exactly one Patient that can be read")
    return [_of_bundle(found, resource_type, partial=found.failed or _has_next(bundle.link)) for resource_type in SHAPES]


def _of_bundle(found: Sorted, resource_type: str, *, partial: bool) -> Section:
    """What belongs to no type we read goes with the Patient: the guard and the count want it once."""
    is_patient = resource_type == "Patient"
    entries = found.matches[resource_type]
    whole = SectionState.GIVEN if entries else SectionState.EMPTY
    return Section(
        resource_type=resource_type,
        source="bundle",
        state=SectionState.TRUNCATED if partial else whole,
        entries=entries,
        named=found.named if is_patient else (),
        set_aside=found.set_aside["Resource" if is_patient else resource_type],
    )
