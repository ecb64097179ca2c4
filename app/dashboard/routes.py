"""GET /dashboard and /dashboard/{name}.csv: open in a demo without authentication; else with VACDS_DASHBOARD_TOKEN, or not there."""

import binascii
import hmac
import logging
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from threading import Semaphore
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Security
from fastapi.security.http import HTTPBase
from starlette.responses import Response

from app.dashboard import questions
from app.dashboard.csv_file import csv_file
from app.dashboard.figures import TABLES, summary
from app.dashboard.page import HEADERS, Shown, page
from app.dashboard.questions import Asked
from app.errors import NothingThere, Overloaded, PasswordWanted
from app.routes.documents import errors
from app.settings import Settings
from app.store.database import Database

log = logging.getLogger(__name__)

LONGEST_WAIT_SECONDS = 5.0
DASHBOARD_TOKEN = Security(
    HTTPBase(
        scheme="basic",
        scheme_name="dashboardToken",
        description="Any user name, with VACDS_DASHBOARD_TOKEN as the password. Not looked at where none is set, in demo mode.",
        auto_error=False,
    )
)
"""For the document; who may look is decided by Door."""


class Period(IntEnum):
    WEEK = 7
    MONTH = 30
    QUARTER = 90


Name = Annotated[str, Path(description="Which table.", json_schema_extra={"enum": list(TABLES)})]
Days = Annotated[Period, Query(description="The last so many days.")]
Client = Annotated[str | None, Query(description="One client, by its name in VACDS_CLIENTS_FILE; else all.", max_length=200)]


class Door:
    """Lets in whoever has the token as the password of HTTP Basic; anybody where there is none."""

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    async def __call__(self, request: Request) -> None:
        if self._token is None:
            return
        said = request.headers.get("authorization", "")
        if not hmac.compare_digest(password(said), self._token):
            if said:
                log.warning("the dashboard was refused", extra={"event": "dashboard-refused"})
            raise PasswordWanted


def password(authorization: str) -> bytes:
    """Empty where there is none."""
    scheme, _, rest = authorization.partition(" ")
    try:
        return b64decode(rest, validate=True).partition(b":")[2] if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


class Dashboard:
    """Reads in a thread, one at a time: who looks at numbers never holds up who answers calls."""

    def __init__(self, database: Database, *, demo: bool) -> None:
        self._database = database
        self._demo = demo
        self._turn = Semaphore()

    def page(self, days: Days = Period.MONTH, client: Client = None) -> Response:
        """What was answered and what became of it, in figures, for those who run the service."""
        asked = since(days, client)
        with self._reading() as connection:
            known = questions.clients(connection, since(Period.QUARTER, None))
            shown = Shown(
                days=days,
                periods=tuple(Period),
                client=client if client in known else None,
                clients=known,
                summary=summary(connection, asked),
                tables={name: table(connection, asked) for name, table in TABLES.items()},
                demo=self._demo,
            )
        return Response(page(shown), headers=HEADERS, media_type="text/html")

    def file(self, name: Name, days: Days = Period.MONTH, client: Client = None) -> Response:
        """One table of the dashboard for a spreadsheet (RFC 4180): no cell of it is a formula."""
        if name not in TABLES:
            raise NothingThere
        with self._reading() as connection:
            table = TABLES[name](connection, since(days, client))
        attached = {**HEADERS, "Content-Disposition": f'attachment; filename="vacds-{name}-{days}-days.csv"'}
        return Response(csv_file(table), headers=attached, media_type="text/csv")

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        if not self._turn.acquire(timeout=LONGEST_WAIT_SECONDS):
            raise Overloaded
        try:
            with self._database.reading() as connection:
                yield connection
        finally:
            self._turn.release()


def since(days: Period, client: str | None) -> Asked:
    return Asked(datetime.now(UTC) - timedelta(days=days), client)


def _answer(media_type: str, *more: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": "The figures.", "content": {media_type: {"schema": {"type": "string"}}}}, **errors(400, 401, 503, *more)}


def add(app: FastAPI, settings: Settings, database: Database) -> None:
    """Nothing where nobody may look."""
    token = settings.dashboard_token
    if token is None and settings.auth_required:
        return
    door = Door(None if token is None else token.get_secret_value())
    dashboard = Dashboard(database, demo=settings.demo)
    router = APIRouter(tags=["Operations"], dependencies=[Depends(door), DASHBOARD_TOKEN])
    router.add_api_route(
        "/dashboard", dashboard.page, methods=["GET"], responses=_answer("text/html"), response_model=None, name="dashboard"
    )
    router.add_api_route(
        "/dashboard/{name}.csv",
        dashboard.file,
        methods=["GET"],
        responses=_answer("text/csv", 404),
        response_model=None,
        name="dashboard-table",
    )
    app.include_router(router)
