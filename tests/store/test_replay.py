"""A token is used once: whoever asks, on whichever process, at whatever moment (trust.md 2.2)."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import StoreUnavailable
from app.store.database import Database
from app.store.replay import CLOCKS_DIFFER_SECONDS, ReplayStore
from tests.house.tree import ROOT

ISSUER = "https://ehr.example/fhir"
OTHER = "https://other.example/fhir"
LATER = 4_000_000_000
ASKERS = 50

ASK_FROM_ANOTHER_PROCESS = f"""
import asyncio, sys
from app.store.database import Database
from app.store.replay import ReplayStore

async def ask(url, times):
    database = Database(url)
    store = ReplayStore(database)
    await store.first_use("warm", str(id(database)), 1)
    print("ready", flush=True)
    sys.stdin.readline()
    found = await asyncio.gather(*(store.first_use({ISSUER!r}, "token", {LATER}) for _ in range(times)))
    await database.close()
    print(sum(found), len(found))

asyncio.run(ask(sys.argv[1], int(sys.argv[2])))
"""


def asking(url: str, question: Callable[[ReplayStore], Awaitable[list[bool]]]) -> list[bool]:
    async def ask() -> list[bool]:
        database = Database(url)
        try:
            return await question(ReplayStore(database))
        finally:
            await database.close()

    return asyncio.run(ask())


def uses(*tokens: tuple[str, str]) -> Callable[[ReplayStore], Awaitable[list[bool]]]:
    async def question(store: ReplayStore) -> list[bool]:
        return [await store.first_use(issuer, jti, LATER) for issuer, jti in tokens]

    return question


def test_a_token_is_used_once(url: str) -> None:
    assert asking(url, uses((ISSUER, "a"), (ISSUER, "a"), (ISSUER, "b"), (OTHER, "a"), (OTHER, "a"))) == [True, False, True, True, False]


def test_it_is_remembered_by_the_next_process(url: str) -> None:
    assert asking(url, uses((ISSUER, "a"))) == [True]
    assert asking(url, uses((ISSUER, "a"))) == [False]


@pytest.mark.parametrize("jti", ["x" * 100_000, "", "\0", "é\u202e", "';--"], ids=["long", "empty", "NUL", "other letters", "quotes"])
def test_any_name_of_a_token_will_do(url: str, jti: str) -> None:
    assert asking(url, uses((ISSUER, jti), (ISSUER, jti), (ISSUER, jti + "."))) == [True, False, True]


def test_of_fifty_who_ask_at_once_on_two_processes_one_is_first(url: str) -> None:
    asking(url, uses())  # the schema is there: what is measured is the race for the token
    command = [sys.executable, "-c", ASK_FROM_ANOTHER_PROCESS, url, str(ASKERS // 2)]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    answers = [[int(word) for word in worker.communicate()[0].split()] for worker in workers]
    assert [sum(column) for column in zip(*answers, strict=True)] == [1, ASKERS]


def test_what_is_over_is_forgotten_and_what_is_not_is_kept(url: str) -> None:
    now = 1_000_000

    async def question(store: ReplayStore) -> list[bool]:
        await store.first_use(ISSUER, "over", now - CLOCKS_DIFFER_SECONDS - 1)
        await store.first_use(ISSUER, "on another clock", now - CLOCKS_DIFFER_SECONDS)
        assert await store.forget_expired(now) == 1
        return [await store.first_use(ISSUER, name, LATER) for name in ("over", "on another clock")]

    assert asking(url, question) == [True, False]


def test_without_its_database_nobody_is_let_in(url: str) -> None:
    async def question(store: ReplayStore) -> list[bool]:
        async with store._database.transaction() as connection:
            await connection.exec_driver_sql("DROP TABLE replay")
        with pytest.raises(StoreUnavailable):
            await store.first_use(ISSUER, "a", LATER)
        return []

    asking(url, question)


class Counting(Database):
    """A database that counts the transactions it is asked for."""

    transactions = 0

    @asynccontextmanager
    async def transaction(self, seconds: float = 2.0) -> AsyncIterator[AsyncConnection]:
        self.transactions += 1
        async with super().transaction(seconds) as connection:
            yield connection


def test_a_burst_is_asked_for_together_and_each_gets_its_own_answer(url: str) -> None:
    async def burst() -> tuple[list[bool], int]:
        database = Counting(url)
        store = ReplayStore(database)
        try:
            tokens = [f"token {number % 200}" for number in range(250)]
            return await asyncio.gather(*(store.first_use(ISSUER, token, LATER) for token in tokens)), database.transactions
        finally:
            await database.close()

    answers, transactions = asyncio.run(burst())
    assert answers == [True] * 200 + [False] * 50
    assert transactions == 3


def test_who_leaves_takes_nobody_else_s_answer_along(url: str) -> None:
    async def leaving(store: ReplayStore) -> list[bool]:
        asked = [asyncio.create_task(store.first_use(ISSUER, token, LATER)) for token in ("a", "b", "b")]
        await asyncio.sleep(0)
        asked[0].cancel()
        await asyncio.wait(asked)
        return [asked[0].cancelled(), *(task.result() for task in asked[1:]), await store.first_use(ISSUER, "a", LATER)]

    assert asking(url, leaving) == [True, True, False, False]
