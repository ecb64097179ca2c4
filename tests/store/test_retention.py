"""Nothing is kept longer than is set, and one worker at a time sees to it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.store.database import Database
from app.store.replay import ReplayStore
from app.store.retention import AT_ONCE, RETENTION_SECONDS, Retention
from app.store.tables import audit, call, decision, feedback, replay
from tests.store.kept import Rows, ask, card_of, client, connected, counts, item, rows, tell

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAYS, AUDIT_DAYS = 30, 300


class Clock:
    """Tells what it is set to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now.timestamp()


def keeping(url: str, test: Callable[[Retention, Clock], Awaitable[None]]) -> None:
    async def run() -> None:
        database, clock = Database(url), Clock()
        await test(Retention(database, ReplayStore(database), days=DAYS, audit_days=AUDIT_DAYS, clock=clock), clock)
        await database.close()

    asyncio.run(run())


def filled(url: str, *ages: float) -> None:
    """The rows of a call with a card and its feedback, so many days old."""
    with client(url) as connection:
        for age in ages:
            tell(connection, item(card_of(ask(connection)), overrideReason={"reason": {"code": f"{age}"}}))
    for table, moment in ((call, call.c.at), (decision, decision.c.at), (audit, audit.c.at), (feedback, feedback.c.received)):
        age_rows(url, table, moment, ages)


def age_rows(url: str, table: sa.Table, moment: sa.Column[datetime], ages: tuple[float, ...]) -> None:
    key = next(iter(table.primary_key))
    ordered = rows(url, table) if table is not decision else decisions_in_order(url)
    with connected(url) as connection:
        for row, age in zip(ordered, ages, strict=True):
            connection.execute(sa.update(table).where(key == row[key.name]).values({moment: NOW - timedelta(days=age)}))
        connection.commit()


def decisions_in_order(url: str) -> Rows:
    return sorted(rows(url, decision), key=lambda row: row["at"])


def test_what_is_too_old_goes_and_the_rest_stays(url: str) -> None:
    filled(url, 29.9, 30.1, 299.9, 300.1)

    async def test(retention: Retention, clock: Clock) -> None:
        await retention.forget_old()

    keeping(url, test)
    assert counts(url, call, decision, feedback, audit) == {"call": 1, "decision": 1, "feedback": 1, "audit": 3}


def test_a_decision_stays_as_long_as_there_is_feedback_on_it(url: str) -> None:
    filled(url, 40)
    with connected(url) as connection:
        connection.execute(sa.update(feedback).values(received=NOW - timedelta(days=20)))
        connection.commit()

    async def test(retention: Retention, clock: Clock) -> None:
        await retention.forget_old()
        assert counts(url, decision, feedback) == {"decision": 1, "feedback": 1}
        clock.now = NOW + timedelta(days=11)
        await retention.forget_old()

    keeping(url, test)
    assert counts(url, call, decision, feedback) == {"call": 0, "decision": 0, "feedback": 0}


def test_many_old_rows_go_a_part_at_a_time(url: str) -> None:
    Database(url)
    old = {"at": NOW - timedelta(days=99), "client": "c", "service": "s", "hook": "h", "outcome": "o", "cards": 0, "latency_ms": 1.0}
    with connected(url) as connection:
        connection.execute(sa.insert(call), [{**old, "data_gaps": [], "logic_version": ""}] * (2 * AT_ONCE + 1))
        connection.commit()

    async def test(retention: Retention, clock: Clock) -> None:
        await retention.forget_old()

    keeping(url, test)
    assert counts(url, call) == {"call": 0}


def test_of_several_workers_one_has_the_job_and_another_the_next_time(url: str) -> None:
    async def test(retention: Retention, clock: Clock) -> None:
        done: list[datetime] = []

        async def forget() -> None:
            done.append(clock.now)

        database = Database(url)
        workers = [Retention(database, ReplayStore(database), days=1, audit_days=1, clock=clock) for _ in range(4)]
        for worker in workers:
            worker.forget_old = forget  # type: ignore[method-assign]
        for seconds in (0, 1, RETENTION_SECONDS - 1, RETENTION_SECONDS, RETENTION_SECONDS + 1):
            clock.now = NOW + timedelta(seconds=seconds)
            await asyncio.gather(*(worker.tick() for worker in workers))
        await database.close()
        assert done == [NOW, NOW + timedelta(seconds=RETENTION_SECONDS)]

    keeping(url, test)


def test_tokens_that_are_over_go_too(url: str) -> None:
    async def test(retention: Retention, clock: Clock) -> None:
        await retention._replay.first_use("i", "over", int(clock()) - 3_600)
        await retention._replay.first_use("i", "not over", int(clock()) + 3_600)
        await retention.tick()

    keeping(url, test)
    assert counts(url, replay) == {"replay": 1}
