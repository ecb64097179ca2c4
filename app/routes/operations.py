"""GET /livez and /readyz: is the process there, and does it still answer as it did at start."""

from collections.abc import Callable
from typing import Literal

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import Response

from app.errors import NotReady
from app.outcomes import JSON
from app.routes.documents import errors


class Alive(BaseModel):
    status: Literal["ok"]


OK = b'{"status":"ok"}'


def add(app: FastAPI, ready: Callable[[], bool]) -> None:
    @app.get("/livez", response_model=Alive, tags=["Operations"])
    async def livez() -> Response:
        """The process answers."""
        return Response(OK, media_type=JSON)

    @app.get("/readyz", response_model=Alive, tags=["Operations"], responses=errors(503))
    async def readyz() -> Response:
        """A patient who meets every criterion still gets the card that was given at start."""
        if not ready():
            raise NotReady("the canary patient is not answered as at start")
        return Response(OK, media_type=JSON)
