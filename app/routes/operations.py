"""GET /livez, /readyz and /metrics: is the process there, does it still answer as it did at start, and how often did it answer what."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from starlette.responses import PlainTextResponse, Response

from app.errors import NotReady
from app.observability import scrape
from app.outcomes import JSON
from app.routes.documents import errors


class Alive(BaseModel):
    status: Literal["ok"]


GOOD_FOR_SECONDS = 1.0
OK = b'{"status":"ok"}'

Trouble = Callable[[], Awaitable[str]]
"""Why the service should get no calls now, in words of ours; empty where it should."""


class Readiness:
    """What is wrong now, looked for once a second at most: to look is to read every rule and to write to the database, and anybody may ask.

    Whoever asks while it is looked for waits for the same answer.
    """

    def __init__(self, troubles: Sequence[Trouble]) -> None:
        self._troubles = troubles
        self._look: asyncio.Task[str] | None = None
        self._good_until = 0.0

    async def trouble(self) -> str:
        """A Trouble: the first there is."""
        if self._look is None or (self._look.done() and time.monotonic() >= self._good_until):
            self._look = asyncio.create_task(self._first())
        return await asyncio.shield(self._look)

    async def _first(self) -> str:
        try:
            for trouble in self._troubles:
                if why := await trouble():
                    return why
            return ""
        finally:
            self._good_until = time.monotonic() + GOOD_FOR_SECONDS


def add(app: FastAPI, ready: Callable[[], bool], registry: CollectorRegistry, troubles: Sequence[Trouble] = ()) -> None:
    async def canary() -> str:
        return "" if ready() else "the canary patient is not answered as at start"

    readiness = Readiness([canary, *troubles])

    @app.get("/livez", response_model=Alive, tags=["Operations"])
    async def livez() -> Response:
        """The process answers."""
        return Response(OK, media_type=JSON)

    @app.get("/readyz", response_model=Alive, tags=["Operations"], responses=errors(503))
    async def readyz() -> Response:
        """The canary is answered as at start, the store can be written, the rules on disk are those loaded; as of a second ago at most."""
        if why := await readiness.trouble():
            raise NotReady(why)
        return Response(OK, media_type=JSON)

    @app.get("/metrics", tags=["Operations"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """What was counted since start, for Prometheus: every metric is described in docs/observability.md."""
        return Response(scrape.exposition(registry), media_type=scrape.MEDIA_TYPE)
