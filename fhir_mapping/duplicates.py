"""Several copies of one resource: the newest version counts, whatever order they came in (trust.md 3, fault 15)."""

from collections.abc import Sequence
from datetime import UTC
from typing import TypeAlias

import msgspec

from clinical.record import Source
from fhir_mapping.moments import moment
from fhir_mapping.shapes import Entry, Mapped

Sourced: TypeAlias = tuple[Entry[Mapped], Source]

_LONGEST_VERSION = 18
_encode = msgspec.json.Encoder(order="deterministic").encode


def newest(entries: Sequence[Sourced]) -> tuple[list[Sourced], int]:
    """One entry per type and id (those without an id are all kept), and how many copies were dropped."""
    ids = [entry.resource.id for entry, _ in entries]
    if len(set(ids)) == len(ids):
        return list(entries), 0
    kept: dict[object, Sourced] = {}
    for number, sourced in enumerate(entries):
        resource = sourced[0].resource
        key = (type(resource), resource.id) if resource.id is not None else number
        kept[key] = max(kept[key], sourced, key=_rank) if key in kept else sourced
    return list(kept.values()), len(entries) - len(kept)


def _rank(sourced: Sourced) -> tuple[int, float, bytes, str, str]:
    """Version, then time of the last update; between equals any order will do, if it is always the same."""
    entry, source = sourced
    meta = entry.resource.meta
    version = meta.version_id if meta is not None else None
    counted = version is not None and version.isascii() and version.isdigit() and len(version) <= _LONGEST_VERSION
    updated = moment(meta.last_updated, UTC) if meta is not None and meta.last_updated is not None else None
    instant = updated.instant if updated is not None and updated.instant is not None else 0.0
    return (int(version) if counted and version is not None else -1, instant, _encode(entry.resource), source, entry.full_url or "")
