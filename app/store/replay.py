"""Tokens that have been used, so that none is used twice: on any worker, on any machine (trust.md 2.2)."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec
import sqlalchemy as sa

from app.store.database import Database
from app.store.tables import replay

MOST_AT_ONCE = 100
CLOCKS_DIFFER_SECONDS = 600  # a machine whose clock is behind may still take a token that is over here


class _Use(msgspec.Struct, frozen=True):
    """One token shown once, and who waits to hear whether that was the first time."""

    issuer: str
    jti_hash: str
    expires: int
    is_first: asyncio.Future[bool]

    @property
    def key(self) -> tuple[str, str]:
        return self.issuer, self.jti_hash


class ReplayStore:
    """Fails closed: where the database cannot say, StoreUnavailable, which is a 503: it is not the caller's token that is wrong.

    Whoever comes while the database is being asked is asked for together with all others who have come by then: a burst of calls, as when
    many charts are opened at once, costs a few transactions and not one for each.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Use] = []
        self._asking: asyncio.Task[None] | None = None

    async def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """True once, for all who ask. `expires`, in seconds since 1970: from when on the token is refused for its age alone."""
        use = _Use(issuer, sha256(jti.encode()).hexdigest(), expires, asyncio.get_running_loop().create_future())
        self._waiting.append(use)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await use.is_first

    async def _ask(self) -> None:
        try:
            while self._waiting:
                uses, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._tell(uses)
        finally:
            self._asking = None

    async def _tell(self, uses: Sequence[_Use]) -> None:
        """Each who waits gets an answer, or what went wrong."""
        try:
            new = await self._keep({use.key: use for use in reversed(uses)})
        except Exception as error:  # noqa: BLE001 - it is passed on to everybody who asked
            for use in uses:
                if not use.is_first.done():
                    use.is_first.set_exception(error)
            return
        for use in uses:
            if not use.is_first.done():  # whoever has left keeps the token used
                use.is_first.set_result(new.get(use.key) is use)

    async def _keep(self, uses: Mapping[tuple[str, str], _Use]) -> Mapping[tuple[str, str], _Use]:
        """Those not known before. In one order for all processes: two that wait for each other's rows would wait for ever."""
        rows = [{"issuer": use.issuer, "jti_hash": use.jti_hash, "expires": use.expires} for _, use in sorted(uses.items())]
        insert = self._database.insert_new(replay).values(rows).returning(replay.c.issuer, replay.c.jti_hash)
        async with self._database.transaction() as connection:
            inserted = {(issuer, jti_hash) for issuer, jti_hash in await connection.execute(insert)}
        return {key: use for key, use in uses.items() if key in inserted}

    async def forget_expired(self, now: float | None = None) -> int:
        """Removes what no longer needs to be known; how many."""
        over = (time.time() if now is None else now) - CLOCKS_DIFFER_SECONDS
        async with self._database.transaction() as connection:
            deleted = await connection.execute(sa.delete(replay).where(replay.c.expires < over))
            return deleted.rowcount
