"""The keys of one client: as written in the clients file, or as its key set's address tells them (trust.md 2.2).

The address is configured. What a token says of where its key is decides nothing but whether the token is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
from joserfc.jwk import Key

from app.trust.keys import Keys

log = logging.getLogger(__name__)

FetchKeys = Callable[[], Awaitable[Keys]]
"""Asks the client's address once; an exception where it tells no keys."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `stale` is how long keys serve that cannot be had anew; `forced`, how often at most an unknown kid makes us ask."""

    fetch: float = 3.0
    refresh: float = 3_600.0
    retry: float = 3.0
    forced: float = 30.0
    stale: float = 86_400.0


class KeyRing(Protocol):
    async def key(self, kid: str) -> Key | None:
        """The client's key of that name, if it has one."""
        ...

    async def keep(self) -> None:
        """Keeps the keys fresh until cancelled."""
        ...

    async def close(self) -> None:
        """Ends what still runs."""
        ...


class WrittenKeys:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    async def key(self, kid: str) -> Key | None:
        return self._keys.get(kid)

    async def keep(self) -> None:
        return

    async def close(self) -> None:
        return


class FetchedKeys:
    """`client` is the name for the log. Whoever needs the answer of a running request waits for that one: there is never a second."""

    def __init__(self, client: str, fetch: FetchKeys, patience: Patience) -> None:
        self._client = client
        self._fetch = fetch
        self._patience = patience
        self._keys: Keys = {}
        self._had_at = 0.0
        self._may_force_at = 0.0
        self._running: asyncio.Task[None] | None = None

    async def key(self, kid: str) -> Key | None:
        now = asyncio.get_running_loop().time()
        usable = self._usable(now)
        if kid in usable:
            return usable[kid]
        if self._running is None and now < self._may_force_at:
            return None
        if self._running is None:
            self._may_force_at = now + (self._patience.forced if usable else self._patience.retry)
        await self._refresh()
        return self._usable(asyncio.get_running_loop().time()).get(kid)

    async def keep(self) -> None:
        while True:
            had_at = self._had_at
            await self._refresh()
            await asyncio.sleep(self._patience.refresh if self._had_at > had_at else self._patience.retry)

    async def close(self) -> None:
        """Waits for the request that runs, which has a deadline: cancelled in a TLS handshake it would leave its socket open."""
        if self._running is not None:
            await self._running

    def _usable(self, now: float) -> Keys:
        return self._keys if now - self._had_at < self._patience.stale else {}

    async def _refresh(self) -> None:
        if self._running is None:
            self._running = asyncio.create_task(self._ask())
        await asyncio.shield(self._running)

    async def _ask(self) -> None:
        try:
            async with asyncio.timeout(self._patience.fetch):
                self._keys = await self._fetch()
            self._had_at = asyncio.get_running_loop().time()
        except Exception as error:  # noqa: BLE001 - whatever it is, the keys stay as they were and are asked for again
            facts = {"event": "keys-not-had", "client": self._client, "error": type(error).__name__}
            log.warning("the keys of a client could not be had", extra=facts)
        finally:
            self._running = None
