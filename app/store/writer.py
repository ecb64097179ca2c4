"""Records on their way to the database. Nobody waits for it: what finds no place in memory, or no database, is dropped and counted."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from app.errors import StoreUnavailable
from app.store.database import TELL_AGAIN_SECONDS, Database
from app.store.records import Record

log = logging.getLogger(__name__)

PLACES = 10_000
BATCH = 100  # as many as are turned into rows without holding up the loop
GATHER_SECONDS = 0.1
TRIES = 3
AGAIN_SECONDS = 0.5
FLUSH_SECONDS = 3.0
PATIENCE_SECONDS = 30.0  # nobody waits; whether a batch that was broken off is there could not be told

ToRows = Callable[[Sequence[Record]], Mapping[sa.Table, list[dict[str, Any]]]]


class Writer:
    """One task writes; a batch is written whole or not at all. `dropped` counts records."""

    def __init__(self, database: Database, to_rows: ToRows, places: int = PLACES) -> None:
        self.dropped = 0
        self._database = database
        self._to_rows = to_rows
        self._places = places
        self._waiting: deque[Record] = deque()
        self._something = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self._told: float | None = None
        self._count_dropped: Callable[[int], object] = lambda count: None

    def count_dropped(self, count: Callable[[int], object]) -> None:
        """`count` is told how many were dropped, each time."""
        self._count_dropped = count

    def put(self, record: Record) -> None:
        """Does not wait."""
        if len(self._waiting) < self._places:
            self._waiting.append(record)
            self._something.set()
        else:
            self._drop(1)

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Writes what is waiting, but does not take for ever: called when the service ends."""
        self._ending = True
        self._something.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=FLUSH_SECONDS)
            self._task.cancel()
        self._drop(len(self._waiting))

    async def _run(self) -> None:
        while not self._ending or self._waiting:
            await self._something.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._something.clear()
            while batch := list(islice(self._waiting, BATCH)):
                await self._write(batch)
                for _ in batch:
                    self._waiting.popleft()

    async def _write(self, batch: Sequence[Record]) -> None:
        rows = self._to_rows(batch)
        for attempt in range(1, TRIES + 1):
            try:
                await self._insert(rows)
            except StoreUnavailable:
                await asyncio.sleep(AGAIN_SECONDS * attempt)
            else:
                return
        self._drop(len(batch))

    async def _insert(self, rows: Mapping[sa.Table, list[dict[str, Any]]]) -> None:
        async with self._database.transaction(PATIENCE_SECONDS) as connection:
            for table, of_table in rows.items():
                if of_table:
                    await connection.execute(sa.insert(table), of_table)

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._count_dropped(count)
        now = time.monotonic()
        if count and (self._told is None or now - self._told > TELL_AGAIN_SECONDS):
            self._told = now
            log.error("records of calls were dropped: %d since start", self.dropped, extra={"event": "records-dropped"})
