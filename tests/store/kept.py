"""The service over a database of the test's own, and what is in that database, read past the service."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr
from starlette.requests import Request

from app import reference_patient
from app.examples import HOOK
from app.main import House, build_house, create_app
from app.settings import Mode, Settings
from app.store.addresses import at_start, read_url
from app.store.tables import metadata
from app.trust.caller import Caller
from tests.service import Answer, Client, Json, Service, serving

FEEDBACK = f"{HOOK}/feedback"
WAIT_SECONDS = 10.0
Rows = list[dict[str, Any]]


@cache
def house() -> House:
    return build_house(Settings.model_construct(mode=Mode.DEMO))


def settings(url: str, **others: Any) -> Settings:
    return Settings.model_construct(mode=Mode.DEMO, database_url=url, **others)


async def gate(request: Request) -> Caller:
    """Whoever the header says."""
    name = request.headers.get("x-client", "St Example")
    return Caller(name, issuer=f"https://{name.replace(' ', '-').lower()}.example/fhir", tenant="ward-7")


@contextmanager
def service(url: str, **others: Any) -> Iterator[Service]:
    with serving(create_app(settings(url, **others), lambda: reference_patient.DAY, house(), gate=gate)) as running:
        yield running


@contextmanager
def client(url: str, **others: Any) -> Iterator[Client]:
    with service(url, **others) as running, running.client() as connection:
        yield connection


@contextmanager
def serving_with(url: str, house: House) -> Iterator[Client]:
    with serving(create_app(settings(url), lambda: reference_patient.DAY, house)) as running, running.client() as connection:
        yield connection


def call(resources: Json | None = None, **members: Json) -> Json:
    return {**reference_patient.hook_request(reference_patient.prefetch() if resources is None else resources), **members}


def ask(connection: Client, body: Json | None = None, of: str = "St Example") -> Answer:
    return connection.post(HOOK, call() if body is None else body, x_client=of)


def card_of(answer: Answer) -> str:
    (card,) = answer.json["cards"]
    uuid: str = card["uuid"]
    return uuid


def tell(connection: Client, *items: Json, of: str = "St Example") -> Answer:
    return connection.post(FEEDBACK, {"feedback": list(items)}, x_client=of)


def item(card: str, **members: Json) -> Json:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-22T09:42:15Z", **members}


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """A connection of somebody else's: a person at the database's own tools."""
    engine = sa.create_engine(at_start(read_url(url)), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def rows(url: str, table: sa.Table) -> Rows:
    with connected(url) as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def eventually(url: str, table: sa.Table, count: int) -> Rows:
    """The rows, as soon as there are so many: what is not waited for is written soon after."""
    deadline = monotonic() + WAIT_SECONDS
    while len(found := rows(url, table)) < count:
        assert monotonic() < deadline, f"{table.name}: {len(found)} of {count} rows"
        sleep(0.02)
    assert len(found) == count
    return found


def counts(url: str, *tables: sa.Table) -> Mapping[str, int]:
    return {table.name: len(rows(url, table)) for table in tables}


def secret(text: str) -> SecretStr:
    return SecretStr(text)


def everything(url: str) -> str:
    """All that is in all tables."""
    return "\n".join(repr(row) for table in metadata.sorted_tables for row in rows(url, table))


def lock(connection: sa.Connection) -> None:
    """Nobody else writes until the connection is closed."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    for table in metadata.sorted_tables if connection.dialect.name == "postgresql" else ():
        connection.execute(sa.text(f'LOCK TABLE "{table.name}" IN EXCLUSIVE MODE'))
