"""The real service on a real socket: uvicorn with uvloop and httptools, as `python -m app` runs it, on a port the system gives."""

import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from time import monotonic, sleep
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI

from app.__main__ import uvicorn_config
from tests.conformance.rules import broken_rules

START_SECONDS = 20
ANSWER_SECONDS = 30

Json = Any


class Answer(msgspec.Struct, frozen=True):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return msgspec.json.decode(self.body)

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


class Client:
    """One keep-alive connection. Every answer is held to tests.conformance.rules."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)

    def request(self, method: str, address: str, body: bytes | Iterable[bytes] | None, **headers: str) -> Answer:
        """Header names are given with underscores: `content_type="application/json"`."""
        self._connection.request(method, address, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = self._connection.getresponse()
        answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        assert broken_rules(answer.status, answer.media_type, answer.body) == []
        return answer

    def get(self, address: str, **headers: str) -> Answer:
        return self.request("GET", address, None, **headers)

    def post(self, address: str, body: bytes | Json, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.request("POST", address, data, **{"content_type": "application/json", **headers})

    def post_in_chunks(self, address: str, chunks: Iterable[bytes]) -> Answer:
        return self.request("POST", address, chunks, content_type="application/json")

    def same_connection(self) -> bool:
        """Whether the service kept the connection open after the last answer."""
        return self._connection.sock is not None

    def close(self) -> None:
        self._connection.close()


class Service(msgspec.Struct, frozen=True):
    port: int

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A new connection, closed when the block ends."""
        connection = Client(self.port)
        try:
            yield connection
        finally:
            connection.close()


def loopback() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def serving(app: FastAPI, listening: socket.socket | None = None) -> Iterator[Service]:
    """The app behind uvicorn in a thread of its own until the block ends. `listening`: for an app that must know its address beforehand."""
    listening = listening or loopback()
    server = uvicorn.Server(uvicorn_config(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait_until_started(server)
        yield Service(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _wait_until_started(server: uvicorn.Server) -> None:
    deadline = monotonic() + START_SECONDS
    while not server.started:
        if monotonic() > deadline:
            raise TimeoutError("the service did not start")
        sleep(0.01)
