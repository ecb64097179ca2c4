"""A service all of whose tasks dawdle: wherever one waits, others get several turns before it goes on (trust.md 2.6)."""

import asyncio
import random
import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

MORE_TURNS = 4

Steps = Coroutine[Any, Any, Any]


class Dawdling:
    """Pure ASGI. From the app's start on, every task of its loop is made so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            asyncio.get_running_loop().set_task_factory(_task)
        await self._app(scope, receive, send)


def _task(loop: asyncio.AbstractEventLoop, steps: Any, **more: Any) -> "asyncio.Task[Any]":
    return asyncio.Task(_slowed(steps), loop=loop, **more)


async def _slowed(steps: Steps) -> Any:
    return await _one_by_one(steps)


@types.coroutine
def _one_by_one(steps: Steps) -> Generator[Any, None, Any]:
    step = partial(steps.send, None)
    while True:
        try:
            for _ in range(random.randrange(MORE_TURNS)):
                yield
        except BaseException as error:  # noqa: BLE001 - a cancellation belongs to the one that is held up
            step = partial(steps.throw, error)
        try:
            awaited = step()
        except StopIteration as ended:
            return ended.value
        try:
            yield awaited
            step = partial(steps.send, None)
        except BaseException as error:  # noqa: BLE001 - as above
            step = partial(steps.throw, error)
