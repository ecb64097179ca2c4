"""The services of this house by id: discovery and dispatch read nothing else."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

import msgspec

from hooks.answer import Answer, ClientTerms
from hooks.prefetch import Template


class CDSService(Protocol):
    """One entry of discovery, and its answer to a call."""

    @property
    def id(self) -> str: ...
    @property
    def hook(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def usage_requirements(self) -> str: ...
    @property
    def templates(self) -> tuple[Template, ...]: ...

    def answer(self, body: bytes, today: date) -> bytes:
        """Request body to response body, from what the call brought; CallError or MappingError where there is no answer."""
        ...

    async def respond(self, body: bytes, today: date, terms: ClientTerms) -> Answer:
        """The same for one client, with what the call did not bring fetched where that can be."""
        ...


class Registry:
    """Services in the order in which discovery lists them."""

    def __init__(self, *services: CDSService) -> None:
        self._services: Mapping[str, CDSService] = {service.id: service for service in services}

    def __iter__(self) -> Iterator[CDSService]:
        return iter(self._services.values())

    def __contains__(self, service_id: str) -> bool:
        return service_id in self._services

    def discovery(self) -> bytes:
        """The body of `GET /cds-services`."""
        return msgspec.json.encode({"services": [_entry(service) for service in self]})


def _entry(service: CDSService) -> dict[str, object]:
    return {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "prefetch": {template.key: template.query for template in service.templates},
        "usageRequirements": service.usage_requirements,
    }
