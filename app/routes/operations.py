"""GET /livez, /readyz and /metrics: is the process there, does it still answer as it did at start, and how often did it answer what."""

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


OK = b'{"status":"ok"}'

Trouble = Callable[[], Awaitable[str]]
"""Why the service should get no calls now, in words of ours; empty where it should."""


def add(app: FastAPI, ready: Callable[[], bool], registry: CollectorRegistry, troubles: Sequence[Trouble] = ()) -> None:
    @app.get("/livez", response_model=Alive, tags=["Operations"])
    async def livez() -> Response:
        """The process answers."""
        return Response(OK, media_type=JSON)

    @app.get("/readyz", response_model=Alive, tags=["Operations"], responses=errors(503))
    async def readyz() -> Response:
        """The canary is answered as at start, the store can be written, and the rules on disk are those that were loaded."""
        if not ready():
            raise NotReady("the canary patient is not answered as at start")
        for trouble in troubles:
            if why := await trouble():
                raise NotReady(why)
        return Response(OK, media_type=JSON)

    @app.get("/metrics", tags=["Operations"], response_class=PlainTextResponse)
    def metrics() -> Response:
        """What was counted since start, for Prometheus: every metric is described in docs/observability.md."""
        return Response(scrape.exposition(registry), media_type=scrape.MEDIA_TYPE)
