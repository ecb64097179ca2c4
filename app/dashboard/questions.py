"""What is asked of the store: counts over a period, of all clients or of one. The same SQL for both databases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from app.store.records import ANOTHER_PATIENT, BAD_CALL, DATA_UNAVAILABLE, FAILED
from app.store.tables import call, card_feedback, decision, feedback

FAILURES = (DATA_UNAVAILABLE, BAD_CALL, ANOTHER_PATIENT, FAILED)
MOST_ROWS = 100  # of what others write: clients' and reasons' names
MOST_CALLS_READ = 5_000  # of those whose criteria are looked at one by one

Found = Sequence[sa.RowMapping]


class Asked(msgspec.Struct, frozen=True):
    """Since when, and of which client; None: of all."""

    since: datetime
    client: str | None = None

    def of(self, table: sa.Table, moment: str = "at") -> Iterable[sa.ColumnElement[bool]]:
        yield table.c[moment] >= self.since
        if self.client is not None:
            yield table.c.client == self.client


def day(connection: sa.Connection, moment: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The day in UTC. SQLite keeps moments in UTC; PostgreSQL would take the session's zone."""
    in_utc = sa.func.timezone("UTC", moment) if connection.dialect.name == "postgresql" else moment
    return sa.func.date(in_utc, type_=sa.String()).label("day")


def calls(connection: sa.Connection, asked: Asked, *by: sa.ColumnElement[Any]) -> Found:
    """Calls, how many were answered, and those without a card; the median and the 95th percentile of their milliseconds, each one that was
    measured: the smallest that so many calls did not exceed (nearest rank). One row where nothing is given to count them `by`."""
    answered = call.c.outcome.not_in(FAILURES)
    window: dict[str, Any] = {"partition_by": by or None}
    ranked = (
        sa.select(
            *by,
            sa.case((answered, 1), else_=0).label("answered"),
            sa.case((answered & (call.c.cards == 0), 1), else_=0).label("quiet"),
            call.c.latency_ms,
            sa.func.row_number().over(order_by=call.c.latency_ms, **window).label("place"),
            sa.func.count().over(**window).label("of"),
        )
        .where(*asked.of(call))
        .subquery()
    )
    groups = [ranked.c[each.key or ""] for each in by]
    return _rows(
        connection,
        sa.select(
            *groups,
            sa.func.count().label("calls"),
            sa.func.sum(ranked.c.answered).label("answered"),
            sa.func.sum(ranked.c.quiet).label("quiet"),
            _percentile(ranked, 50).label("median"),
            _percentile(ranked, 95).label("p95"),
        )
        .group_by(*groups)
        .order_by(*groups),
    )


def _percentile(ranked: sa.Subquery, percent: int) -> sa.ColumnElement[float]:
    rank = (ranked.c.of * percent + 99) // 100
    return sa.func.min(sa.case((ranked.c.place >= rank, ranked.c.latency_ms)))


def clients(connection: sa.Connection, everybody: Asked) -> Sequence[str]:
    """Who called in the period."""
    return connection.execute(
        sa.select(call.c.client).where(*everybody.of(call)).distinct().order_by(call.c.client).limit(MOST_ROWS)
    ).scalars().all()  # fmt: skip


def outcomes(connection: sa.Connection, asked: Asked) -> Found:
    count = sa.func.count().label("calls")
    cards = sa.func.sum(call.c.cards).label("cards")
    query = sa.select(call.c.outcome, count, cards).where(*asked.of(call)).group_by(call.c.outcome)
    return _rows(connection, query.order_by(count.desc(), call.c.outcome))


def gaps(connection: sa.Connection, asked: Asked) -> Mapping[str, int]:
    """Calls by what they did not bring: "ImagingStudy: not-supported"."""
    count = sa.func.count().label("calls")
    counted: dict[str, int] = {}
    for row in _rows(connection, sa.select(call.c.data_gaps, count).where(*asked.of(call)).group_by(call.c.data_gaps)):
        for gap in set(row["data_gaps"]):
            counted[gap] = counted.get(gap, 0) + row["calls"]
    return counted


def topics(connection: sa.Connection, asked: Asked) -> Found:
    """Cards that were shown, and those on which there is feedback of the client that was shown them."""
    told = decision.outerjoin(feedback, (feedback.c.card == decision.c.card) & (feedback.c.client == decision.c.client))
    shown = _different(decision.c.card).label("shown")
    query = sa.select(
        decision.c.topic,
        shown,
        _different(sa.case((feedback.c.outcome == "accepted", decision.c.card))).label("accepted"),
        _different(sa.case((feedback.c.outcome == "overridden", decision.c.card))).label("overridden"),
        _different(feedback.c.card).label("told"),
    )
    return _rows(
        connection, query.select_from(told).where(*asked.of(decision)).group_by(decision.c.topic).order_by(shown.desc(), decision.c.topic)
    )


def reasons(connection: sa.Connection, asked: Asked) -> Found:
    """Items of feedback by which a card was overridden; topic None: of no card that this client was shown."""
    about, count = card_feedback.c, sa.func.count().label("items")
    query = sa.select(about.topic, about.reason_code, count).where(about.outcome == "overridden", *asked.of(card_feedback, "received"))
    return _rows(connection, query.group_by(about.topic, about.reason_code).order_by(count.desc(), about.topic, about.reason_code))


def fractures(connection: sa.Connection, asked: Asked) -> Sequence[Sequence[Mapping[str, Any]]]:
    """What was found of the fractures of each call that got a card, newest first, a call with two cards once."""
    query = sa.select(decision.c.at, decision.c.client, decision.c.service, decision.c.fractures).where(*asked.of(decision)).distinct()
    return [row["fractures"] for row in _rows(connection, query.order_by(decision.c.at.desc()).limit(MOST_CALLS_READ))]


def rules(connection: sa.Connection, asked: Asked) -> Found:
    """Logic versions and hashes of the rules by day, in the order in which they came, whoever called."""
    everybody = msgspec.structs.replace(asked, client=None)
    logic = _since(connection, call, call.c.logic_version, "logic version", everybody)
    hashes = _since(connection, decision, decision.c.rules_hash, "rules", everybody)
    return sorted([*logic, *hashes], key=lambda row: row["since"])


def _since(connection: sa.Connection, table: sa.Table, version: sa.Column[str], kind: str, asked: Asked) -> Found:
    on = day(connection, table.c.at)
    query = sa.select(on, sa.literal(kind).label("kind"), version.label("version"), sa.func.min(table.c.at).label("since"))
    return _rows(connection, query.where(version != "", *asked.of(table)).group_by(on, version))


def _different(of: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.func.count(of.distinct())


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Found:
    return connection.execute(query).mappings().all()
