"""The clients' trust as one thing: made at start, running while the service does."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx

from app.fhir_access.limits import Limits
from app.fhir_client import FhirClient
from app.store.replay import ReplayStore
from app.trust.clients import Client
from app.trust.gate import TokenGate
from app.trust.key_ring import FetchedKeys, KeyRing, Patience, WrittenKeys
from app.trust.keys import Keys, read_key_set

KEY_SET = "application/jwk-set+json, application/json;q=0.9"


class Trust:
    """`public_only`: keys that anybody can sign with are not believed, which only a demo may."""

    def __init__(
        self,
        clients: Sequence[Client],
        replay: ReplayStore | None,
        *,
        public_only: bool,
        patience: Patience | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.clients = clients
        self._public_only = public_only
        self._patience = patience or Patience()
        self._http = FhirClient(Limits(metadata_seconds=self._patience.fetch), tls)
        self._rings = {client.issuer: self._ring(client) for client in clients}
        self.gate = TokenGate(clients, self._rings, replay)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keys are asked for when the block begins, without waiting for them, and again as they age."""
        keeping = [asyncio.create_task(ring.keep()) for ring in self._rings.values()]
        try:
            yield
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)
            await asyncio.gather(*(ring.close() for ring in self._rings.values()))
            await self._http.close()

    def _ring(self, client: Client) -> KeyRing:
        if client.jwks_url is None:
            return WrittenKeys(client.keys)
        return FetchedKeys(client.name, partial(self._fetch, client.jwks_url), self._patience)

    async def _fetch(self, url: httpx.URL) -> Keys:
        return read_key_set(await self._http.document(url, KEY_SET), public_only=self._public_only)
