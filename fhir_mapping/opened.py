"""Resources opened: decoded whole, each with where it came from and what its Bundle calls it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC

import msgspec

from clinical.record import Source
from fhir_mapping.elements import UNREADABLE
from fhir_mapping.entries import Body, text
from fhir_mapping.moments import moment
from fhir_mapping.shapes import SHAPES, Mapped

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


def open_all(resource_type: str, bodies: Iterable[Body], source: Source, set_aside: Callable[[str], None]) -> list[Opened]:
    """Those of these entries that can be decoded; `set_aside` is told of the others."""
    read, opened = SHAPES[resource_type].open, []
    for body in bodies:
        try:
            opened.append(Opened(read(body.resource), text(body.full_url), source))
        except UNREADABLE:
            set_aside("undecodable")
    return opened


def newest(copies: Sequence[Opened]) -> list[Opened]:
    """The newest version of each resource, whatever order they came in (trust.md 3, fault 15); those without an id are all kept."""
    kept: dict[object, Opened] = {}
    for number, opened in enumerate(copies):
        key = (opened.resource.resource_type, opened.resource.id) if opened.resource.id is not None else number
        kept[key] = max(kept[key], opened, key=_rank) if key in kept else opened
    return list(kept.values())


def _rank(opened: Opened) -> tuple[int, float, bytes, str, str]:
    """Version, then time of the last update; between equals any order will do, if it is always the same."""
    meta = opened.resource.meta
    version = meta.version_id if meta is not None else None
    counted = version is not None and version.isascii() and version.isdigit() and len(version) <= _LONGEST_VERSION
    updated = moment(meta.last_updated, UTC) if meta is not None and meta.last_updated is not None else None
    instant = updated.instant if updated is not None and updated.instant is not None else 0.0
    number = int(version) if counted and version is not None else -1
    return (number, instant, _encode(opened.resource), opened.source, opened.full_url or "")
