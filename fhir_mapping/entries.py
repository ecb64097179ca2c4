"""The tolerant pass: a Bundle read entry by entry, each entry to where it belongs.

Only for what the typed pass refuses: included resources, outcomes, nulls, and entries with something of the wrong type in them.
Whatever an entry is, the patients it names are kept for the guard.
"""

from collections import Counter, defaultdict
from typing import Any

import msgspec

from fhir_mapping.elements import UNREADABLE, Element
from fhir_mapping.glance import NOT_GIVEN, Glance
from fhir_mapping.named import ANY_TYPE, Named, known_type, named_in
from fhir_mapping.shapes import LOOKED_UP, SHAPES, Entry

UNDECODABLE = "undecodable"
"""Why an entry is set aside that is not what FHIR says. What it would have told is then not known, which is not nothing."""
FAILING = frozenset({"error", "fatal"})
HOLDERS = frozenset({"Bundle", "Parameters"})
"""What may hold resources of any type. Where an entry should be, it is not read."""
STRAYS = frozenset(SHAPES) - LOOKED_UP - {"Patient"}
"""Types that tell of the patient wherever they come."""


class _Typed(Element, kw_only=True):
    """Of any resource: what it is."""

    resource_type: Any = None


class Peek(_Typed, kw_only=True):
    """The same, and if it is an outcome, how bad."""

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
_read_type = msgspec.json.Decoder(_Typed).decode
_read_entry = msgspec.json.Decoder(_AnyEntry | None).decode
_NO_RESOURCE = (b"", b"null")


class Batch(msgspec.Struct):
    """Entries of one type, at a glance and unread, in one order."""

    seen: list[Entry[Glance]] = msgspec.field(default_factory=list)
    bodies: list[Body] = msgspec.field(default_factory=list)


class Sorted(msgspec.Struct):
    """Entries by type; `included` only to look up; `strays` not asked for here.

    `failed` where an outcome among them says so, or one of them holds resources itself.
    """

    wanted: frozenset[str]
    include_is_lookup: bool = True
    matches: defaultdict[str, Batch] = msgspec.field(default_factory=lambda: defaultdict(Batch))
    included: defaultdict[str, Batch] = msgspec.field(default_factory=lambda: defaultdict(Batch))
    strays: defaultdict[str, Batch] = msgspec.field(default_factory=lambda: defaultdict(Batch))
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
                self._name(raw)
                self._set_aside(ANY_TYPE, UNDECODABLE)
        except UNREADABLE:
            self._name(raw)
            self._set_aside(ANY_TYPE, UNDECODABLE)

    def add_body(self, body: Body, mode: str | None = None) -> None:
        """Sort one resource; `mode` is that of the search."""
        try:
            seen = peek(body.resource)
        except UNREADABLE:
            self._set_unread_aside(body.resource)
            return
        kind = known_type(seen.resource_type)
        if seen.resource_type == "OperationOutcome":
            self.failed = self.failed or is_failure(seen)
        elif text(seen.resource_type) in HOLDERS:
            self._name(body.resource)
            self.failed = True
        elif mode == "outcome" or (batches := self._batches(kind, mode)) is None:
            self._name(body.resource)
            self._set_aside(kind, "other-type" if text(seen.resource_type) else UNDECODABLE)
        else:
            self._keep(body, kind, batches)

    def _set_unread_aside(self, resource: msgspec.Raw) -> None:
        """What says it is of a type that is never read does not matter; what does not say may be anything."""
        self._name(resource)
        try:
            said = _read_type(resource).resource_type
        except UNREADABLE:
            said = None
        kind = known_type(said)
        self.failed = self.failed or text(said) in {"OperationOutcome", *HOLDERS}
        self._set_aside(kind, "other-type" if kind == ANY_TYPE and text(said) else UNDECODABLE)

    def _batches(self, kind: str, mode: str | None) -> defaultdict[str, Batch] | None:
        """Where a resource of this type belongs. None: nowhere."""
        if kind in self.wanted and not (self.include_is_lookup and mode == "include"):
            return self.matches
        if not self.wanted:
            return None
        if kind in LOOKED_UP:
            return self.included
        return self.strays if kind in STRAYS - self.wanted else None

    def _keep(self, body: Body, kind: str, batches: defaultdict[str, Batch]) -> None:
        try:
            entry = Entry(resource=SHAPES[kind].glance(body.resource))
        except UNREADABLE:
            self._name(body.resource)
            self._set_aside(kind, UNDECODABLE)
        else:
            batches[kind].seen.append(entry)
            batches[kind].bodies.append(body)

    def _name(self, unread: msgspec.Raw) -> None:
        self.named.extend(named_in(unread))

    def _set_aside(self, kind: str, reason: str) -> None:
        self.set_aside[kind][reason] += 1


def is_failure(outcome: Peek) -> bool:
    """An OperationOutcome of severity error or fatal, or one that cannot be understood. A warning tells of an empty result."""
    if outcome.issue is None:
        return False
    if not isinstance(outcome.issue, list):
        return True
    return any(not isinstance(issue, dict) or issue.get("severity") in FAILING for issue in outcome.issue)


def text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _mode(search: object) -> str | None:
    return text(search.get("mode")) if isinstance(search, dict) else None
