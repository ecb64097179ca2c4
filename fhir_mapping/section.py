"""One part of the record as it arrived: a prefetch value, a search answer, or what a Bundle holds of one type (cds-hooks.md 3.3)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from clinical.record import Source
from fhir_mapping.elements import UNREADABLE, Element, listed
from fhir_mapping.entries import STRAYS, UNDECODABLE, Batch, Bodies, Body, Peek, Sorted, peek
from fhir_mapping.errors import InvalidBundle, MemberTwice
from fhir_mapping.glance import Glance, PatientGlance
from fhir_mapping.named import Named, named_in
from fhir_mapping.shapes import SHAPES, Bytes, Entry, SearchBundle
from fhir_mapping.twice import bundle_is_given_twice, made, read_members, wrapper_is_given_twice

NOTHING: Mapping[str, int] = {}
NO_BATCHES: Mapping[str, Batch] = {}
PATIENT_BUNDLE_TYPES = ("searchset", "collection", "batch", "transaction")
SEARCH_TYPES = (None, *PATIENT_BUNDLE_TYPES)


class SectionState(StrEnum):
    """Five states that are never merged: only the first two say what the record holds."""

    GIVEN = "given"
    EMPTY = "empty"
    FAILED = "failed"
    TRUNCATED = "truncated"
    ABSENT = "absent"


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """`entries` are of the type asked for, seen at a glance; `bodies()` are the same entries unread, in the same order (or none at all).

    `lookups` are Medications and ImagingStudies that others refer to; `named` are the patients that anything else in it names.
    `strays` are what came with it of other types that tell of the patient, a section each: read as if they had come by themselves.
    `set_aside` counts by reason what could not be read or was not asked for.
    """

    resource_type: str
    source: Source
    state: SectionState
    entries: Sequence[Entry[Glance]] = ()
    bodies: Callable[[], Sequence[Body]] = tuple
    lookups: Mapping[str, Batch] = NO_BATCHES
    strays: Sequence["Section"] = ()
    named: Sequence[Named] = ()
    set_aside: Mapping[str, int] = NOTHING


class _Bundle(Element, kw_only=True):
    type: Any = None
    link: Any = None
    entry: list[msgspec.Raw] | None = None


_read_bundle = msgspec.json.Decoder(_Bundle).decode
_read_bodies = msgspec.json.Decoder(Bodies).decode
_peek_or_null = msgspec.json.Decoder(Peek | None).decode


def read_section(resource_type: str, raw: Bytes | None, source: Source) -> Section:
    """What was sent for one type: a searchset, one resource, null (known empty), an OperationOutcome (failed). Python's None: not sent.

    Anything else counts as not sent, except that what cannot be read at all has failed. MemberTwice where a Bundle or an entry says two
    things by one name.
    """
    if raw is None:
        return Section(resource_type=resource_type, source=source, state=SectionState.ABSENT)
    before = next(made)
    try:
        seen = SHAPES[resource_type].expected(raw)
        lost = isinstance(seen, SearchBundle) and _has_lost(seen, raw, next(made) - before - 1)
    except UNREADABLE:
        lost = True
    return _read_oddly(resource_type, raw, source) if lost else section_of(seen, resource_type, lambda: raw, source)


def _has_lost(seen: SearchBundle[Glance], raw: Bytes, resources: int) -> bool:
    """Whether more resources were decoded than are there in the end, or another member was given twice: the last is all a Struct keeps."""
    return resources != len(seen.entry or ()) or wrapper_is_given_twice(read_members(raw))


def section_of(seen: SearchBundle[Glance] | PatientGlance, resource_type: str, raw: Callable[[], Bytes], source: Source) -> Section:
    """The section of a value already decoded as `expected` does it, by whoever decodes many at once; `raw` is asked for its bytes
    if any of its entries must be opened.
    """
    if isinstance(seen, PatientGlance):
        return _of_one(seen, raw(), resource_type, source)
    entries = seen.entry or ()
    truncated = seen.link is not None and any(link.relation == "next" for link in listed(seen.link))
    return Section(
        resource_type=resource_type,
        source=source,
        state=SectionState.TRUNCATED if truncated else SectionState.GIVEN if entries else SectionState.EMPTY,
        entries=entries,
        bodies=lambda: _reread(raw(), resource_type, source),
    )


def _reread(raw: Bytes, resource_type: str, source: Source) -> Sequence[Body]:
    """The entries unread; none of them where the nesting that could just be read from higher up is too deep to be read from here."""
    try:
        bodies = _read_bodies(raw).entry or ()
        ambiguous = _may_have_lost_an_address(bytes(raw), bodies) and bundle_is_given_twice(raw)
    except UNREADABLE:
        return ()
    if ambiguous:
        raise MemberTwice(resource_type, source)
    return bodies


def _may_have_lost_an_address(raw: bytes, bodies: Sequence[Body]) -> bool:
    """Whether there may be more fullUrls than were kept: only then are all the names looked at. Resources were counted before."""
    if b"\\" in raw and b"\\u00" in raw:
        return True
    return raw.count(b'"fullUrl"') != sum(body.full_url is not None for body in bodies)


def _of_one(seen: Glance, raw: Bytes, resource_type: str, source: Source) -> Section:
    """A single resource where its own type was asked for."""
    entry, body = Entry(resource=seen), Body(resource=raw if isinstance(raw, msgspec.Raw) else msgspec.Raw(raw))
    return Section(resource_type=resource_type, source=source, state=SectionState.GIVEN, entries=(entry,), bodies=lambda: (body,))


def _read_oddly(resource_type: str, raw: Bytes, source: Source) -> Section:
    """Null, a single resource, an outcome, a Bundle with anything but plain matches in it, or no FHIR at all."""
    try:
        seen = _peek_or_null(raw)
        ambiguous = seen is not None and bundle_is_given_twice(raw)
    except msgspec.ValidationError:
        return Section(resource_type=resource_type, source=source, state=SectionState.ABSENT, named=named_in(raw))
    except UNREADABLE:
        return Section(resource_type=resource_type, source=source, state=SectionState.FAILED, named=named_in(raw))
    if ambiguous:
        raise MemberTwice(resource_type, source)
    if seen is None:
        return Section(resource_type=resource_type, source=source, state=SectionState.EMPTY)
    if seen.resource_type == "Bundle":
        return _read_bundle_oddly(resource_type, raw, source)
    if seen.resource_type == "OperationOutcome":
        return Section(resource_type=resource_type, source=source, state=SectionState.FAILED)
    found = Sorted(frozenset({resource_type}))
    found.add_body(Body(resource=raw if isinstance(raw, msgspec.Raw) else msgspec.Raw(raw)))
    unread = SectionState.FAILED if seen.resource_type == resource_type else SectionState.ABSENT
    return _section(found, resource_type, source, SectionState.GIVEN if found.matches else unread)


def _read_bundle_oddly(resource_type: str, raw: Bytes, source: Source) -> Section:
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
    return SectionState.FAILED if unread[UNDECODABLE] else SectionState.EMPTY


def _has_next(links: object) -> bool:
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("relation") == "next" for link in links)


def _section(found: Sorted, resource_type: str, source: Source, state: SectionState) -> Section:
    batch = found.matches[resource_type]
    strays = (STRAYS - {resource_type}) & (found.strays.keys() | found.set_aside.keys())
    return Section(
        resource_type=resource_type,
        source=source,
        state=state,
        entries=batch.seen,
        bodies=lambda: batch.bodies,
        lookups=found.included,
        strays=[_stray(found.strays[kind], kind, source, found.set_aside[kind]) for kind in sorted(strays)],
        named=found.named,
        set_aside=sum((reasons for kind, reasons in found.set_aside.items() if kind not in strays), start=Counter()),
    )


def _stray(batch: Batch, kind: str, source: Source, set_aside: Mapping[str, int]) -> Section:
    entries, bodies = batch.seen, batch.bodies
    return Section(resource_type=kind, source=source, state=SectionState.GIVEN, entries=entries, bodies=lambda: bodies, set_aside=set_aside)


def read_patient_bundle(raw: bytes) -> list[Section]:
    """A Bundle of one patient as sections, one per type we read (contract 6.12); InvalidBundle if it is no such Bundle.

    A Bundle that says it goes on, or holds an outcome that failed, another Bundle or what may be any resource, gives truncated sections.
    """
    try:
        seen, bundle, ambiguous = peek(raw), _read_bundle(raw), bundle_is_given_twice(raw)
    except UNREADABLE:
        raise InvalidBundle("not a FHIR Bundle in JSON") from None
    if ambiguous:
        raise MemberTwice("Bundle", "bundle")
    if seen.resource_type != "Bundle" or bundle.type not in PATIENT_BUNDLE_TYPES:
        raise InvalidBundle("not a Bundle of type collection, searchset, transaction or batch")
    found = Sorted(frozenset(SHAPES), include_is_lookup=False)
    for entry in bundle.entry or ():
        found.add(entry)
    if _patients(found.matches["Patient"]) != 1 or found.set_aside["Patient"]:
        raise InvalidBundle("must hold exactly one Patient that can be read")
    partial = found.failed or _has_next(bundle.link) or found.set_aside["Resource"][UNDECODABLE] > 0
    return [_of_bundle(found, resource_type, partial=partial) for resource_type in SHAPES]


def _patients(batch: Batch) -> int:
    """How many people: copies of one resource are one."""
    copies = zip(batch.seen, batch.bodies, strict=True)
    return len({entry.resource.id or str(body.full_url or number) for number, (entry, body) in enumerate(copies)})


def _of_bundle(found: Sorted, resource_type: str, *, partial: bool) -> Section:
    """What belongs to no type we read goes with the Patient: the guard and the count want it once."""
    is_patient = resource_type == "Patient"
    batch = found.matches[resource_type]
    whole = SectionState.GIVEN if batch.seen else SectionState.EMPTY
    return Section(
        resource_type=resource_type,
        source="bundle",
        state=SectionState.TRUNCATED if partial else whole,
        entries=batch.seen,
        bodies=lambda: batch.bodies,
        named=found.named if is_patient else (),
        set_aside=found.set_aside["Resource" if is_patient else resource_type],
    )
