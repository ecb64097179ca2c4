"""References between resources, in every form: relative, absolute, versioned, `urn:uuid:` within a Bundle, `#contained`."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import msgspec

from fhir_mapping.elements import UNREADABLE, Element, Reference, listed
from fhir_mapping.resources.resource import Resource

_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}")
_ABSOLUTE = re.compile(r"(https?://[^/?#]\S*)/([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})")

Found = TypeVar("Found")


def without_version(reference: str) -> str:
    """`Patient/A/_history/2` is `Patient/A`."""
    head, mark, version = reference.rpartition("/_history/")
    return head if mark and _VERSION.fullmatch(mark + version) else reference


def relative(reference: str, fhir_base: str | None) -> str:
    """`https://ehr/fhir/Patient/A` at our FHIR base (at any base where none is known) is `Patient/A`; anything else stays."""
    reference = without_version(reference)
    absolute = _ABSOLUTE.fullmatch(reference)
    if absolute is None or (fhir_base is not None and absolute[1] != fhir_base.rstrip("/")):
        return reference
    return absolute[2]


def names_of(resource_type: str, resource_id: str | None, full_url: str | None, fhir_base: str | None) -> Iterator[str]:
    """Every form, made relative, by which another resource may refer to this one."""
    if resource_id:
        yield f"{resource_type}/{resource_id}"
        yield f"urn:uuid:{resource_id}"
    if full_url:
        yield relative(full_url, fhir_base)


def targets(references: Iterable[list[Reference | None] | None], fhir_base: str | None) -> Iterator[str]:
    """What some lists of references point to, made relative; `#contained` stays as it is."""
    for some in references:
        for reference in listed(some):
            if reference.reference:
                yield relative(reference.reference, fhir_base)


class _Head(Element, kw_only=True):
    resource_type: str | None = None
    id: str | None = None


_read_head = msgspec.json.Decoder(_Head).decode


def contained_of(
    resource: Resource, resource_type: str, read: Callable[[msgspec.Raw], Found], set_aside: Callable[[str], None]
) -> Iterator[tuple[str, Found]]:
    """The contained resources of one type, each with the reference that means it (`#x`); `set_aside` is told of those unreadable."""
    for raw in resource.contained or ():
        try:
            head = _read_head(raw)
            found = read(raw) if head.resource_type == resource_type else None
        except UNREADABLE:
            set_aside("undecodable")
        else:
            if found is not None:
                yield "#" + (head.id or "").removeprefix("#"), found
