"""Which version of FHIR a server speaks, asked of its `metadata` once for each server, beside the first call's searches.

A DSTU2 server answers the same searches with resources that look alike and name the patient elsewhere: read as R4 they say "no
fracture". Neither a media type parameter nor the shape of an empty answer tells the versions apart, so `metadata` is asked, without a
token, and of its answer only the beginning is read. A server that does not tell is taken at its word and asked again later.
"""

import asyncio
import re

from app.fhir_access import troubles
from app.fhir_access.addresses import FhirServer
from app.fhir_access.errors import FhirRefusal
from app.fhir_access.limits import Limits
from app.fhir_client import FhirClient
from hooks.retrieval import Trouble

_VERSION = re.compile(rb'"fhirVersion"\s*:\s*"(\d{1,2}\.\d{1,2})[^"]{0,20}"')
R4 = frozenset({"4.0", "4.1", "4.3"})


class Versions:
    """By server. Asking is shared by the calls that wait for it, and outlives them."""

    def __init__(self, client: FhirClient, limits: Limits) -> None:
        self._client = client
        self._limits = limits
        self._known: dict[FhirServer, str] = {}
        self._asking: dict[FhirServer, asyncio.Task[str | None]] = {}
        self._not_before: dict[FhirServer, float] = {}

    async def trouble_of(self, server: FhirServer) -> Trouble | None:
        """A trouble where the server is known not to be of R4."""
        version = self._known.get(server) or await self._ask(server)
        return None if version is None or version in R4 else troubles.other_version(version)

    async def close(self) -> None:
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _ask(self, server: FhirServer) -> str | None:
        now = asyncio.get_running_loop().time()
        if server not in self._asking:
            if now < self._not_before.get(server, now):
                return None
            self._not_before[server] = now + self._limits.metadata_again
            self._asking[server] = asyncio.create_task(self._read(server))
        return await asyncio.shield(self._asking[server])

    async def _read(self, server: FhirServer) -> str | None:
        try:
            async with asyncio.timeout(self._limits.metadata_seconds):
                beginning = await self._client.beginning(server.url("metadata"), lambda body: _VERSION.search(body) is not None)
        except (FhirRefusal, TimeoutError):
            return None
        finally:
            del self._asking[server]
        told = _VERSION.search(beginning)
        if told is None:
            return None
        return self._known.setdefault(server, told[1].decode())
