"""One database, SQLite or PostgreSQL: opened at start or not at all, asked later without holding up the event loop."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.errors import StoreUnavailable
from app.store.addresses import POSTGRESQL, SQLITE, at_start, connect_arguments, on_the_loop, read_url, sqlite_file, unusable
from app.store.schema import NewerSchema, migrate
from app.store.tables import job, secret

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
WAIT_FOR_MIGRATION_SECONDS = 30.0
TELL_AGAIN_SECONDS = 10.0
FAILURE_COUNTS_SECONDS = 30.0  # then it is tried again: a service that is never asked would never see that it has passed
AUDIT_KEY = "audit-key"

TROUBLES = (sa.exc.DBAPIError, sa.exc.TimeoutError, TimeoutError, OSError)


class Database:
    """SettingsError where it cannot be used at start; StoreUnavailable, later, where it cannot be used now."""

    def __init__(self, url: str) -> None:
        self.url = read_url(url)
        self.generated_key = self._prepare()
        self._file = sqlite_file(self.url)
        self._inode = None if self._file is None else self._file.stat().st_ino
        self._engine = create_async_engine(on_the_loop(self.url), connect_args=connect_arguments(self.url), **pool(self.url))
        self._reader = sa.create_engine(at_start(self.url), poolclass=sa.NullPool, connect_args=connect_arguments(self.url))
        self._failure = ""
        self._failed_at: float | None = None
        self._told: float | None = None
        if self.is_sqlite:
            sa.event.listen(self._engine.sync_engine, "connect", _synchronous_normal)

    @property
    def is_sqlite(self) -> bool:
        return self.url.drivername == SQLITE

    @asynccontextmanager
    async def transaction(self, seconds: float = ANSWER_SECONDS) -> AsyncIterator[AsyncConnection]:
        """Committed at the end of the block; StoreUnavailable where that cannot be said within so many seconds."""
        try:
            async with self._asked(seconds) as connection:
                yield connection
        except TROUBLES as error:
            self._failure, self._failed_at = reason(error), time.monotonic()
            self._tell(self._failure)
            raise StoreUnavailable(self._failure) from None
        self._failed_at = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """For a thread, and beside the event loop's connections: a long question holds up nobody. StoreUnavailable where it fails."""
        try:
            self._look_for_the_file()
            with self._reader.connect() as connection:
                yield connection
        except TROUBLES as error:
            raise StoreUnavailable(reason(error)) from None

    def insert_new(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that leaves alone what is there already."""
        insert = sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)
        return insert.on_conflict_do_nothing()

    async def close(self) -> None:
        await self._engine.dispose()

    async def trouble(self) -> str:
        """Why nothing can be written, by trying, and by what happened to whoever wrote last; empty where it can."""
        try:
            async with self._asked(ANSWER_SECONDS) as connection:
                await connection.execute(trial())
        except TROUBLES as error:
            return reason(error)
        recent = self._failed_at is not None and time.monotonic() - self._failed_at < FAILURE_COUNTS_SECONDS
        return self._failure if recent else ""

    @asynccontextmanager
    async def _asked(self, seconds: float) -> AsyncIterator[AsyncConnection]:
        async with asyncio.timeout(seconds):
            self._look_for_the_file()
            async with self._engine.begin() as connection:
                yield connection

    def _prepare(self) -> str:
        """The schema brought up to date. Gives the key for hashing that the database was given when it was made."""
        engine = sa.create_engine(at_start(self.url), poolclass=sa.NullPool, connect_args=connect_arguments(self.url))
        if self.is_sqlite:
            sa.event.listen(engine, "connect", _write_ahead)
            sa.event.listen(engine, "begin", _begin_immediate)
        try:
            with engine.begin() as connection:
                self._refuse_damaged(connection)
                migrate(connection)
                connection.execute(trial())
                key: str = connection.execute(sa.select(secret.c.value).where(secret.c.name == AUDIT_KEY)).scalar_one()
                return key
        except NewerSchema:
            raise unusable("the database was made by a newer version of this service") from None
        except TROUBLES as error:
            raise unusable(f"the database cannot be used ({reason(error)})") from None
        finally:
            engine.dispose()

    def _refuse_damaged(self, connection: sa.Connection) -> None:
        if self.is_sqlite and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise unusable("the database is damaged")

    def _look_for_the_file(self) -> None:
        """A file that was deleted or replaced would take what is written, and keep it from everybody."""
        if self._file is not None and self._file.stat().st_ino != self._inode:
            raise FileNotFoundError

    def _tell(self, why: str) -> None:
        now = time.monotonic()
        if self._told is None or now - self._told > TELL_AGAIN_SECONDS:
            self._told = now
            log.error("the store cannot be used", extra={"event": "store", "error": why})


def trial() -> sa.Update:
    """A write that changes nothing that matters: SQLite finds out only by writing that it may not."""
    return sa.update(job).where(job.c.name == "readiness").values(due=int(time.time()))


def pool(url: sa.URL) -> dict[str, Any]:
    """SQLite takes one writer at a time, so a process has one connection and queues before it, not at the file's lock."""
    size = {"pool_size": 1, "max_overflow": 0} if url.drivername == SQLITE else {"pool_size": 5, "max_overflow": 5}
    return {**size, "pool_timeout": ANSWER_SECONDS, "pool_pre_ping": url.drivername == POSTGRESQL}


def reason(error: Exception) -> str:
    """What the database calls it: a code or a type, never its text, which holds addresses and values."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return code or type(cause).__name__


def _write_ahead(connection: Any, record: object) -> None:
    """Readers and one writer do not wait for each other. Transactions are begun by `_begin_immediate`, not by the driver."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT_FOR_MIGRATION_SECONDS * 1000:.0f}")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _synchronous_normal(connection: Any, record: object) -> None:
    """With WAL, a power failure may cost the last transactions; it does not harm the file."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.close()
