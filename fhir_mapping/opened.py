"""Resources opened: decoded whole, each with where it came from and what its Bundle calls it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC

import msgspec

from clinical.record import Source
from fhir_mapping.elements import UNREADABLE, status_codes
from fhir_mapping.entries import Body, text
from fhir_mapping.errors import MemberTwice
from fhir_mapping.moments import moment
from fhir_mapping.shapes import SHAPES, Mapped
from fhir_mapping.twice import is_given_twice

ENTERED_IN_ERROR = "entered-in-error"
_LONGEST_VERSION = 18
_URN_UUID = "urn:uuid:"
_encode = msgspec.json.Encoder(order="deterministic").encode


class Opened(msgspec.Struct, frozen=True):
    resource: Mapped
    full_url: str | None
    source: Source

    @property
    def id(self) -> str | None:
        """The resource's id; where a Bundle gives none, the UUID that the Bundle knows it by."""
        return identity(self.resource.id, self.full_url)


def identity(resource_id: str | None, full_url: str | None) -> str | None:
    """`id`, else the x of a fullUrl `urn:uuid:x`."""
    if resource_id is not None or full_url is None or not full_url.startswith(_URN_UUID):
        return resource_id
    return full_url.removeprefix(_URN_UUID)


def open_all(resource_type: str, bodies: Iterable[Body], source: Source, cannot_read: Callable[[], None]) -> list[Opened]:
    """Those of these entries that can be decoded; `cannot_read` is told of each other one.

    MemberTwice where one says two things by one name.
    """
    read, opened = SHAPES[resource_type].open, []
    for body in bodies:
        try:
            resource, ambiguous = read(body.resource), is_given_twice(body.resource)
        except UNREADABLE:
            cannot_read()
            continue
        if ambiguous:
            raise MemberTwice(resource_type, source)
        opened.append(Opened(resource, text(body.full_url), source))
    return opened


def newest(copies: Sequence[Opened]) -> list[Opened]:
    """The newest version of each resource, whatever order they came in (trust.md 3, fault 15); those without an id are all kept.

    Different copies of which none is known to be the newest are all kept: what they contradict each other in, a guideline must see.
    If one of them was entered in error, only that one is kept, so that none counts.
    """
    groups: defaultdict[object, list[Opened]] = defaultdict(list)
    for number, opened in enumerate(copies):
        key = (opened.resource.resource_type, opened.resource.id) if opened.resource.id is not None else number
        groups[key].append(opened)
    return [kept for group in groups.values() for kept in (_newest_of(group) if len(group) > 1 else group)]


def _newest_of(copies: Sequence[Opened]) -> list[Opened]:
    numbered = [opened for opened in copies if _version(opened) is not None]
    unnumbered = [opened for opened in copies if _version(opened) is None]
    last = _last(_last(numbered, _version), _updated)
    rest = _last(unnumbered, _updated)
    kept = _different(_last([*last, *rest], _updated))
    withdrawn = [opened for opened in kept if _entered_in_error(opened.resource)]
    return withdrawn[:1] or kept


def _last(copies: Sequence[Opened], order: Callable[[Opened], float | None]) -> list[Opened]:
    """Of those that have a place in this order the last, with all that have none."""
    top = max((place for opened in copies if (place := order(opened)) is not None), default=None)
    return [opened for opened in copies if order(opened) in (None, top)]


def _version(opened: Opened) -> int | None:
    meta = opened.resource.meta
    version = meta.version_id if meta is not None else None
    if version is None or not (version.isascii() and version.isdigit()) or len(version) > _LONGEST_VERSION:
        return None
    return int(version)


def _updated(opened: Opened) -> float | None:
    meta = opened.resource.meta
    updated = moment(meta.last_updated, UTC) if meta is not None and meta.last_updated is not None else None
    return updated.instant if updated is not None else None


def _different(copies: Sequence[Opened]) -> list[Opened]:
    """Each content once, in an order that does not depend on theirs; between equals any will do, if it is always the same."""
    by_content: dict[bytes, Opened] = {}
    for opened in sorted(copies, key=lambda opened: (opened.source, opened.full_url or "")):
        by_content[_encode(msgspec.structs.replace(opened.resource, meta=None))] = opened
    return [by_content[content] for content in sorted(by_content)]


def _entered_in_error(resource: Mapped) -> bool:
    status = getattr(resource, "status", None)
    verification = getattr(resource, "verification_status", None)
    return status == ENTERED_IN_ERROR or ENTERED_IN_ERROR in status_codes(verification)
