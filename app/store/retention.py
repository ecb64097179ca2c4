"""How long things are kept, and what is done now and then: by one worker at a time, whoever comes first (trust.md 1, HIPAA and UK GDPR)."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.errors import StoreUnavailable
from app.store.database import Database
from app.store.replay import ReplayStore
from app.store.tables import audit, call, decision, feedback, job

TICK_SECONDS = 60
RETENTION_SECONDS = 3_600
REPLAY_SECONDS = 60
AT_ONCE = 1_000

Clock = Callable[[], float]


class Retention:
    """`days` for calls, decisions and feedback, `audit_days` for the audit record. `clock` gives seconds since 1970."""

    def __init__(self, database: Database, replay: ReplayStore, *, days: int, audit_days: int, clock: Clock = time.time) -> None:
        self._database = database
        self._replay = replay
        self._days = days
        self._audit_days = audit_days
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. What the database does not let it do now, it does later."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            with suppress(StoreUnavailable):
                await self.tick()

    async def tick(self) -> None:
        if await self._is_mine("replay", REPLAY_SECONDS):
            await self._replay.forget_expired(self._clock())
        if await self._is_mine("retention", RETENTION_SECONDS):
            await self.forget_old()

    async def forget_old(self) -> None:
        """A decision stays as long as there is feedback on it."""
        kept, audited = self._before(self._days), self._before(self._audit_days)
        about = sa.select(feedback.c.id).where(feedback.c.card == decision.c.card)
        await self._forget(feedback.c.id, feedback.c.received < kept)
        await self._forget(decision.c.card, decision.c.at < kept, ~about.exists())
        await self._forget(call.c.id, call.c.at < kept)
        await self._forget(audit.c.id, audit.c.at < audited)

    async def _forget(self, key: sa.Column[int] | sa.Column[str], *old: sa.ColumnElement[bool]) -> None:
        """A part at a time, so that nobody else waits long."""
        some = sa.select(key).where(*old).limit(AT_ONCE)
        deleted = AT_ONCE
        while deleted >= AT_ONCE:
            async with self._database.transaction() as connection:
                deleted = (await connection.execute(sa.delete(key.table).where(key.in_(some)))).rowcount

    async def _is_mine(self, name: str, seconds: int) -> bool:
        """Whoever moves the job's next time on has it until then."""
        now = int(self._clock())
        move = sa.update(job).where(job.c.name == name, job.c.due <= now).values(due=now + seconds)
        async with self._database.transaction() as connection:
            return (await connection.execute(move)).rowcount == 1

    def _before(self, days: int) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=days)
