"""The pages of one search as one section, or as much of them as came (trust.md 3, faults 9 to 14)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from app.fhir_access import troubles
from app.fhir_access.errors import FhirRefusal
from app.fhir_access.limits import Limits
from fhir_mapping.section import Section, SectionState, read_section
from hooks.retrieval import Fetched, Trouble

Raw = msgspec.Raw
NOWHERE = "about:blank"


class _Page(msgspec.Struct, gc=False, rename="camel"):
    resource_type: Any = None
    type: Any = None
    link: list[Any] | None = None
    entry: list[Raw] | None = None


class _Joined(msgspec.Struct, tag_field="resourceType", tag="Bundle"):
    """Several pages as the one Bundle they are pages of."""

    type: str
    entry: list[Raw]
    link: list[Mapping[str, str]]


_read_page = msgspec.json.Decoder(_Page).decode


class Pages:
    """Collects pages. Nothing of them is kept when the first one cannot be read."""

    def __init__(self, resource_type: str, limits: Limits) -> None:
        self._resource_type = resource_type
        self._limits = limits
        self._sections: list[Section] = []
        self._entries: list[Raw] = []

    def add(self, body: bytes) -> str | None:
        """The address of the page that follows, if one does. FhirRefusal for what is no page of a search, or one page too many."""
        try:
            page = _read_page(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise FhirRefusal(troubles.UNREADABLE) from None
        if page.resource_type == "OperationOutcome":
            raise FhirRefusal(troubles.SEARCH_FAILED)
        if page.resource_type != "Bundle" or page.type != "searchset":
            raise FhirRefusal(troubles.UNREADABLE)
        self._sections.append(_read(self._resource_type, body))
        self._entries += page.entry or ()
        following = _next(page)
        if len(self._entries) > self._limits.resources or (following and len(self._sections) >= self._limits.pages):
            raise FhirRefusal(troubles.NO_MORE_PAGES)
        return following

    def whole(self) -> Fetched:
        return Fetched(self._section(is_whole=True))

    def interrupted(self, trouble: Trouble) -> Fetched:
        """What there is, told to be a part."""
        return Fetched(self._section(is_whole=False), trouble) if self._sections else without(self._resource_type, trouble)

    def _section(self, *, is_whole: bool) -> Section:
        if is_whole and len(self._sections) == 1:
            return self._sections[0]
        link: list[Mapping[str, str]] = [] if is_whole else [{"relation": "next", "url": NOWHERE}]
        joined = msgspec.json.encode(_Joined("searchset", self._entries[: self._limits.resources], link))
        return read_section(self._resource_type, joined, "fetched")


def without(resource_type: str, trouble: Trouble) -> Fetched:
    """Nothing was had."""
    state = SectionState.FAILED if trouble.gap in ("failed", "not-authorised", "truncated") else SectionState.ABSENT
    return Fetched(Section(resource_type=resource_type, source="fetched", state=state), trouble)


def _read(resource_type: str, body: bytes) -> Section:
    """One page. Where none of its resources names a patient in R4's way they are not R4: to leave them out would look like "none"."""
    section = read_section(resource_type, body, "fetched")
    if section.state is SectionState.FAILED:
        raise FhirRefusal(troubles.SEARCH_FAILED)
    if section.entries and all(entry.resource.subject is None for entry in section.entries):
        raise FhirRefusal(troubles.UNREADABLE)
    return section


def _next(page: _Page) -> str | None:
    """`next` links: the first counts. One without an address leaves a part of the answer where it cannot be had."""
    for link in page.link or ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url") or NOWHERE)
    return None
