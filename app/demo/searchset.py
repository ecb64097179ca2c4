"""The answer to a search: a searchset Bundle, in pages where `_count` asks for them (FHIR R4, 3.1.1.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from app.demo.search import Found, Pairs, SearchError
from app.demo.templates import Resource

_COUNT = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class Page:
    """`count` None is everything; `offset` is ours, told only in the links we make."""

    offset: int = 0
    count: int | None = None

    @classmethod
    def asked(cls, asked: Pairs) -> Self:
        """Raises SearchError where `_count` is no whole number."""
        told = {name: value for name, value in asked if name in ("_count", "_offset")}
        for name, value in told.items():
            if not _COUNT.fullmatch(value):
                raise SearchError(f"The search parameter '{name}' is a whole number.")
        return cls(int(told.get("_offset", 0)), int(told["_count"]) if "_count" in told else None)

    def cut(self, matches: Sequence[Resource]) -> Sequence[Resource]:
        return matches[self.offset :] if self.count is None else matches[self.offset : self.offset + self.count]

    def parameters(self) -> list[tuple[str, str]]:
        count = [] if self.count is None else [("_count", str(self.count))]
        return [*count, ("_offset", str(self.offset))] if self.offset else count

    def after(self, total: int) -> "Page | None":
        """The page that follows, if there is one."""
        if not self.count or self.offset + self.count >= total:
            return None
        return Page(self.offset + self.count, self.count)


def searchset(base: str, resource_type: str, found: Found, page: Page) -> Resource:
    """`base` is the FHIR server's address, without a trailing slash; `total` counts all pages."""
    following = page.after(len(found.matches))
    links = {"self": page} if following is None else {"self": page, "next": following}
    bundle: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found.matches),
        "link": [{"relation": relation, "url": _address(base, resource_type, found, part)} for relation, part in links.items()],
    }
    if shown := page.cut(found.matches):
        bundle["entry"] = [_entry(base, resource) for resource in shown]
    return bundle


def _address(base: str, resource_type: str, found: Found, page: Page) -> str:
    query = urlencode([*found.used, *page.parameters()], safe="|,:/")
    return f"{base}/{resource_type}?{query}" if query else f"{base}/{resource_type}"


def _entry(base: str, resource: Resource) -> Resource:
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource, "search": {"mode": "match"}}
