"""An answer does not wait for its records; records wait for the database, in a bounded place, and are counted when they are lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app.store.database import Database
from app.store.pseudonyms import Pseudonyms
from app.store.records import Record, rows
from app.store.tables import call
from app.store.writer import BATCH, Writer
from app.trust.caller import ANYBODY
from tests.store import kept
from tests.store.kept import connected, counts

Test = Callable[[Writer, Database], Awaitable[None]]


def record(number: int = 0) -> Record:
    return Record(at=datetime.now(UTC), service=f"s{number}", hook="patient-view", caller=ANYBODY, seconds=0.1, outcome="criteria-met")


def to_rows(records: list[Record]) -> dict[sa.Table, list[dict[str, object]]]:
    return dict(rows(records, Pseudonyms("key"), "hash"))


def writing(url: str, test: Test, places: int = 10_000) -> Writer:
    async def run() -> Writer:
        database = Database(url)
        writer = Writer(database, to_rows, places)  # type: ignore[arg-type]
        try:
            await test(writer, database)
        finally:
            await database.close()
        return writer

    return asyncio.run(run())


def test_what_finds_no_place_is_dropped_and_counted(url: str) -> None:
    async def test(writer: Writer, database: Database) -> None:
        for number in range(25):
            writer.put(record(number))
        writer.start()
        await writer.stop()

    assert writing(url, test, places=10).dropped == 15
    assert counts(url, call) == {"call": 10}


def test_they_are_written_in_batches_and_in_order(url: str) -> None:
    async def test(writer: Writer, database: Database) -> None:
        writer.start()
        for number in range(3 * BATCH + 1):
            writer.put(record(number))
        await writer.stop()

    assert writing(url, test).dropped == 0
    assert [row["service"] for row in kept.rows(url, call)] == [f"s{number}" for number in range(3 * BATCH + 1)]


def test_a_database_that_is_locked_for_a_moment_costs_nothing(url: str) -> None:
    async def test(writer: Writer, database: Database) -> None:
        writer.start()
        with connected(url) as other:
            kept.lock(other)
            writer.put(record())
            await asyncio.sleep(0.6)
        await asyncio.sleep(0)
        await writer.stop()

    assert writing(url, test).dropped == 0
    assert counts(url, call) == {"call": 1}


def test_a_database_that_fails_for_good_costs_the_records_and_is_told_once(
    url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.writer.AGAIN_SECONDS", 0.0)

    async def test(writer: Writer, database: Database) -> None:
        with connected(url) as other:
            other.execute(sa.text('DROP TABLE "call"'))
            other.commit()
        writer.start()
        for number in range(2 * BATCH):
            writer.put(record(number))
        await writer.stop()

    assert writing(url, test).dropped == 2 * BATCH
    assert [each.message for each in caplog.records if "dropped" in each.message] == [f"records of calls were dropped: {BATCH} since start"]
