"""The tolerant pass: a Bundle read entry by entry, each entry to where it belongs.

Only for what the typed pass refuses: included resources, outcomes, nulls, and entries with something of the wrong type in them.
Whatever an entry is, the patients it names are kept for the guard.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from fhir_mapping.elements import UNREADABLE, Element
from fhir_mapping.shapes import LOOKED_UP, SHAPES, Entry, Mapped

FAILING = frozenset({"error", "fatal"})


class Named(msgspec.Struct, frozen=True):
    """The patients that a resource names which is not otherwise kept. `resource_type` is one we know, else 'Resource'."""

    resource_type: str
    references: tuple[str, ...]


class Peek(Element, kw_only=True):
    """Of any resource: its type, whom it is about, and if it is an outcome, how bad."""

    resource_type: Any = None
    subject: Any = None
    patient: Any = None
    for_: Any = msgspec.field(default=None, name="for")
    beneficiary: Any = None
    contained: Any = None
    issue: Any = None


class _RawEntry(Element, kw_only=True):
    resource: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)
    full_url: Any = None
    search: Any = None


peek = msgspec.json.Decoder(Peek).decode
_read_raw_entry = msgspec.json.Decoder(_RawEntry | None).decode
_LONGEST_NOTHING = len(b"null")


class Sorted(msgspec.Struct):
    """Entries by type; `included` only to look up; `failed` where an outcome among them says so."""

    wanted: frozenset[str]
    include_is_lookup: bool = True
    matches: defaultdict[str, list[Entry[Mapped]]] = msgspec.field(default_factory=lambda: defaultdict(list))
    included: list[Entry[Mapped]] = msgspec.field(default_factory=list)
    named: list[Named] = msgspec.field(default_factory=list)
    set_aside: defaultdict[str, Counter[str]] = msgspec.field(default_factory=lambda: defaultdict(Counter))
    failed: bool = False

    def add(self, raw: msgspec.Raw) -> None:
        """Sort one element of Bundle.entry. One without a resource is nothing."""
        try:
            entry = _read_raw_entry(raw)
            if entry is not None and len(entry.resource) > _LONGEST_NOTHING:
                self.add_resource(entry.resource, _text(entry.full_url), _mode(entry.search))
        except UNREADABLE:
            self._set_aside("Resource", "undecodable")

    def add_resource(self, raw: msgspec.Raw | bytes, full_url: str | None = None, mode: str | None = None) -> None:
        """Sort one resource."""
        try:
            seen = peek(raw)
        except UNREADABLE:
            self._set_aside("Resource", "undecodable")
            return
        kind = known_type(seen)
        if seen.resource_type == "OperationOutcome":
            self.failed = self.failed or is_failure(seen)
        elif mode == "outcome" or not self._keeps(kind, mode):
            self._name(kind, seen)
            self._set_aside(kind, "other-type")
        else:
            self._decode(raw, kind, seen, full_url, is_match=self._is_match(kind, mode))

    def _keeps(self, kind: str, mode: str | None) -> bool:
        return self._is_match(kind, mode) or (kind in LOOKED_UP and bool(self.wanted))

    def _is_match(self, kind: str, mode: str | None) -> bool:
        return kind in self.wanted and not (self.include_is_lookup and mode == "include")

    def _decode(self, raw: msgspec.Raw | bytes, kind: str, seen: Peek, full_url: str | None, *, is_match: bool) -> None:
        try:
            resource = SHAPES[kind].resource(raw)
        except UNREADABLE:
            self._name(kind, seen)
            self._set_aside(kind, "undecodable")
        else:
            (self.matches[kind] if is_match else self.included).append(Entry(resource=resource, full_url=full_url))

    def _name(self, kind: str, seen: Peek) -> None:
        if references := tuple(owners(seen)):
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


def owners_of_contained(contained: Iterable[msgspec.Raw]) -> Iterator[str]:
    """The same for contained resources that are still bytes. What cannot be read names nobody and is used for nothing."""
    for raw in contained:
        try:
            seen = peek(raw)
        except UNREADABLE:
            seen = Peek()
        yield from owners(seen)


def is_failure(outcome: Peek) -> bool:
    """An OperationOutcome of severity error or fatal, or one that cannot be understood. A warning tells of an empty result."""
    if outcome.issue is None:
        return False
    if not isinstance(outcome.issue, list):
        return True
    return any(not isinstance(issue, dict) or issue.get("severity") in FAILING for issue in outcome.issue)


def _references(owner: object) -> Iterator[str]:
    """Of a Reference, a list of them, or (wrongly) the bare text of one. An empty reference names nobody."""
    if isinstance(owner, list):
        for one in owner:
            yield from _references(one)
    reference = owner.get("reference") if isinstance(owner, dict) else owner
    if isinstance(reference, str) and reference:
        yield reference


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _mode(search: object) -> str | None:
    return _text(search.get("mode")) if isinstance(search, dict) else None
