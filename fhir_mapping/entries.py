"""The tolerant pass: a Bundle read entry by entry, each entry to where it belongs.

Only for what the typed pass refuses: included resources, outcomes, nulls, and entries with something of the wrong type in them.
Whatever an entry is, the patients it names are kept for the guard.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from fhir_mapping.elements import UNREADABLE, Element
from fhir_mapping.glance import NOT_GIVEN, Glance
from fhir_mapping.shapes import LOOKED_UP, SHAPES, Entry

UNDECODABLE = "undecodable"
"""Why an entry is set aside that is not what FHIR says. What it would have told is then not known, which is not nothing."""
FAILING = frozenset({"error", "fatal"})


class Named(msgspec.Struct, frozen=True):
    """The patients that a resource names which is not otherwise kept. `resource_type` is one we know, else 'Resource'."""

    resource_type: str
    references: tuple[str, ...]


class _Owner(Element, kw_only=True):
    """Of any resource: what it is, and whom it is about."""

    resource_type: Any = None
    subject: Any = None
    patient: Any = None
    for_: Any = msgspec.field(default=None, name="for")
    beneficiary: Any = None


class Peek(_Owner, kw_only=True):
    """The same, with what it contains, and if it is an outcome, how bad."""

    id: Any = None
    contained: Any = None
    issue: Any = None


class Body(Element, kw_only=True):
    """An entry of a Bundle, its resource unread."""

    resource: msgspec.Raw = NOT_GIVEN
    full_url: Any = None


class _AnyEntry(Body, kw_only=True):
    """With a `resource_type` of its own it is a resource where an entry should be."""

    search: Any = None
    resource_type: Any = None


class Bodies(Element, kw_only=True):
    entry: list[Body] | None = None


peek = msgspec.json.Decoder(Peek).decode
_read_owner = msgspec.json.Decoder(_Owner).decode
_read_anything = msgspec.json.Decoder().decode
_read_entry = msgspec.json.Decoder(_AnyEntry | None).decode
_NO_RESOURCE = (b"", b"null")


class Batch(msgspec.Struct):
    """Entries of one type, at a glance and unread, in one order."""

    seen: list[Entry[Glance]] = msgspec.field(default_factory=list)
    bodies: list[Body] = msgspec.field(default_factory=list)


class Sorted(msgspec.Struct):
    """Entries by type; `included` only to look up; `failed` where an outcome among them says so."""

    wanted: frozenset[str]
    include_is_lookup: bool = True
    matches: defaultdict[str, Batch] = msgspec.field(default_factory=lambda: defaultdict(Batch))
    included: defaultdict[str, Batch] = msgspec.field(default_factory=lambda: defaultdict(Batch))
    named: list[Named] = msgspec.field(default_factory=list)
    set_aside: defaultdict[str, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    failed: bool = False

    def add(self, raw: msgspec.Raw) -> None:
        """Sort one element of Bundle.entry. One without a resource is nothing."""
        try:
            entry = _read_entry(raw)
            if entry is not None and bytes(entry.resource) not in _NO_RESOURCE:
                self.add_body(entry, _mode(entry.search))
            elif entry is not None and entry.resource_type is not None:
                self._set_aside("Resource", UNDECODABLE)
        except UNREADABLE:
            self._set_aside("Resource", UNDECODABLE)

    def add_body(self, body: Body, mode: str | None = None) -> None:
        """Sort one resource; `mode` is that of the search."""
        try:
            seen = peek(body.resource)
        except UNREADABLE:
            alone = _owners_alone(body.resource)
            self._name("Resource", alone)
            self._set_unread_aside(alone)
            return
        kind = known_type(seen)
        if seen.resource_type == "OperationOutcome":
            self.failed = self.failed or is_failure(seen)
        elif mode == "outcome" or not self._keeps(kind, mode):
            self._name(kind, seen)
            self._set_aside(kind, "other-type" if text(seen.resource_type) else UNDECODABLE)
        else:
            self._keep(body, kind, seen, self.matches if self._is_match(kind, mode) else self.included)

    def _set_unread_aside(self, alone: Peek) -> None:
        """What says it is of a type that is never read does not matter; what does not say may be anything."""
        kind = known_type(alone)
        self.failed = self.failed or alone.resource_type == "OperationOutcome"
        self._set_aside(kind, "other-type" if kind == "Resource" and text(alone.resource_type) else UNDECODABLE)

    def _keeps(self, kind: str, mode: str | None) -> bool:
        return self._is_match(kind, mode) or (kind in LOOKED_UP and bool(self.wanted))

    def _is_match(self, kind: str, mode: str | None) -> bool:
        return kind in self.wanted and not (self.include_is_lookup and mode == "include")

    def _keep(self, body: Body, kind: str, seen: Peek, batches: defaultdict[str, Batch]) -> None:
        try:
            entry = Entry(resource=SHAPES[kind].glance(body.resource))
        except UNREADABLE:
            self._name(kind, seen)
            self._set_aside(kind, UNDECODABLE)
        else:
            batches[kind].seen.append(entry)
            batches[kind].bodies.append(body)

    def _name(self, kind: str, seen: Peek) -> None:
        himself = (f"Patient/{seen.id}",) if kind == "Patient" and text(seen.id) else ()
        if references := (*himself, *owners(seen)):
            self.named.append(Named(kind, references))

    def _set_aside(self, kind: str, reason: str) -> None:
        self.set_aside[kind][reason] += 1


def known_type(seen: Peek) -> str:
    """The resource's type if we read it; else 'Resource', so that no text of the input is passed on."""
    return seen.resource_type if isinstance(seen.resource_type, str) and seen.resource_type in SHAPES else "Resource"


def owners(seen: Peek) -> Iterator[str]:
    """Every reference by which a resource, or one contained in it, names whom it is about."""
    for owner in (seen.subject, seen.patient, seen.for_, seen.beneficiary):
        yield from _references(owner)
    for inner in seen.contained if isinstance(seen.contained, list) else ():
        if isinstance(inner, dict):
            for member in ("subject", "patient", "for", "beneficiary"):
                yield from _references(inner.get(member))


def _owners_alone(resource: msgspec.Raw) -> Peek:
    """Whom a resource is about, where something else in it cannot be read."""
    try:
        owner = _read_owner(resource)
    except UNREADABLE:
        return Peek()
    return Peek(
        resource_type=owner.resource_type, subject=owner.subject, patient=owner.patient, for_=owner.for_, beneficiary=owner.beneficiary
    )


def owners_of_contained(contained: msgspec.Raw) -> Iterator[str]:
    """The same for a `contained` that is still bytes. What cannot be read names nobody, and its resource cannot be opened."""
    try:
        inner = _read_anything(contained)
    except UNREADABLE:
        inner = None
    return owners(Peek(contained=inner))


def is_failure(outcome: Peek) -> bool:
    """An OperationOutcome of severity error or fatal, or one that cannot be understood. A warning tells of an empty result."""
    if outcome.issue is None:
        return False
    if not isinstance(outcome.issue, list):
        return True
    return any(not isinstance(issue, dict) or issue.get("severity") in FAILING for issue in outcome.issue)


def _references(owner: object) -> Iterator[str]:
    """Of a Reference, a list of them, or (wrongly) the bare text of one. An empty reference names nobody."""
    for one in owner if isinstance(owner, list) else [owner]:
        reference = one.get("reference") if isinstance(one, dict) else one
        if isinstance(reference, str) and reference:
            yield reference


def text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _mode(search: object) -> str | None:
    return text(search.get("mode")) if isinstance(search, dict) else None
