"""Tokens that have been used, so that none is used twice: on any worker, on any machine (trust.md 2.2)."""

import time
from hashlib import sha256

import sqlalchemy as sa

from app.store.database import Database
from app.store.tables import replay

CLOCKS_DIFFER_SECONDS = 600  # a machine whose clock is behind may still take a token that is over here


class ReplayStore:
    """Fails closed: where the database cannot say, StoreUnavailable, which is a 503: it is not the caller's token that is wrong."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def first_use(self, issuer: str, jti: str, expires: int) -> bool:
        """True once, for all who ask. `expires`, in seconds since 1970: from when on the token is refused for its age alone."""
        row = {"issuer": issuer, "jti_hash": sha256(jti.encode()).hexdigest(), "expires": expires}
        async with self._database.transaction() as connection:
            inserted = await connection.execute(self._database.insert_new(replay).values(row).returning(replay.c.expires))
            return inserted.first() is not None

    async def forget_expired(self, now: float | None = None) -> int:
        """Removes what no longer needs to be known; how many."""
        over = (time.time() if now is None else now) - CLOCKS_DIFFER_SECONDS
        async with self._database.transaction() as connection:
            deleted = await connection.execute(sa.delete(replay).where(replay.c.expires < over))
            return deleted.rowcount
