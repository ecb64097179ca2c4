"""What nobody foresaw: an answer, a log line without patient data, and the next request on the connection as good as before."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from http.client import IncompleteRead, RemoteDisconnected

import pytest
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.body import BodyCap
from app.last_resort import LastResort, place
from app.outcomes import outcome_body
from tests.service import serving

SECRET = "secret-patient-name"


async def breaks(request: Request) -> None:
    raise ValueError(SECRET)


async def breaks_midway(request: Request) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        yield b"half"
        raise ValueError(SECRET)

    return StreamingResponse(body())


def broken_app() -> FastAPI:
    app = FastAPI(redirect_slashes=False)
    app.add_api_route("/breaks", breaks, methods=["POST"], response_model=None)
    app.add_api_route("/midway", breaks_midway, response_model=None)
    app.add_api_route("/fine", lambda: {"status": "ok"})
    app.add_middleware(BodyCap, limit=1_000)
    app.add_middleware(LastResort)
    return app


def test_the_unforeseen_is_500_and_harms_no_other_request(caplog: pytest.LogCaptureFixture) -> None:
    with serving(broken_app()) as service, service.client() as client, caplog.at_level(logging.INFO):
        for _ in range(50):
            answer = client.post("/breaks", {"a": 1})
            assert (answer.status, answer.body) == (500, outcome_body("exception", "the service failed; no guidance was given"))
            assert client.same_connection()
            assert client.get("/fine").status == 200
    lines = [record for record in caplog.records if getattr(record, "event", "") == "unforeseen"]
    assert len(lines) == 50
    assert {getattr(line, "error", "") for line in lines} == {"ValueError"}
    assert SECRET not in caplog.text + repr([line.__dict__ for line in lines])
    assert [record for record in caplog.records if record.exc_info] == []


def test_an_answer_that_has_begun_is_cut_off_and_the_service_goes_on() -> None:
    with serving(broken_app()) as service:
        with service.client() as client, pytest.raises((IncompleteRead, RemoteDisconnected)):
            client.get("/midway")
        with service.client() as client:
            assert client.get("/fine").status == 200


def test_other_than_http_passes_through() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> dict[str, object]:
        return {}

    for wrapped in (LastResort(app), BodyCap(app, 1)):
        asyncio.run(wrapped({"type": "lifespan"}, nothing, nothing))  # type: ignore[arg-type]
    assert seen == ["lifespan", "lifespan"]


def test_a_place_is_file_and_line_of_the_innermost_frame() -> None:
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("x")
    assert place(caught.value).startswith("app/test_last_resort.py:")
    assert place(ValueError()) == ""


def test_the_cap_counts_for_every_address() -> None:
    """Even where an endpoint reads the body by itself."""
    app = FastAPI(redirect_slashes=False)

    async def reads(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    app.add_api_route("/reads", reads, methods=["POST"])
    app.add_middleware(BodyCap, limit=1_000)
    app.add_middleware(LastResort)
    with serving(app) as service, service.client() as client:
        assert client.post("/reads", b" " * 1_000).status == 200
        assert client.post("/reads", b" " * 1_001).status == 413
        assert client.post_in_chunks("/reads", [b" " * 600, b" " * 600]).status == 413
        assert client.same_connection()


def test_a_client_that_leaves_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI(redirect_slashes=False)

    async def reads(request: Request) -> dict[str, int]:
        return {"size": len(await request.body())}

    app.add_api_route("/reads", reads, methods=["POST"])
    app.add_middleware(LastResort)
    with serving(app) as service, caplog.at_level(logging.INFO):
        with socket.create_connection(("127.0.0.1", service.port)) as leaving:
            leaving.sendall(b"POST /reads HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            time.sleep(0.1)
        deadline = time.monotonic() + 5
        while not [record for record in caplog.records if getattr(record, "event", "") == "client-left"] and time.monotonic() < deadline:
            time.sleep(0.01)
        with service.client() as client:
            assert client.post("/reads", b"x").status == 200
    assert [record.levelname for record in caplog.records if record.name == "app.last_resort"] == ["INFO"]
