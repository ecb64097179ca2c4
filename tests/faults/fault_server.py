"""A FHIR server on loopback that fails as it is told to, on real sockets, and counts what is asked of it."""

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, sleep
from urllib.parse import parse_qsl

import msgspec

from app.demo.search import SEARCH_PARAMETERS, Found, search
from app.demo.searchset import Page, searchset
from tests.service import Json

CHUNK = 65_536
WAIT_SECONDS = 20.0
LOOK_SECONDS = 0.02
FHIR_JSON = "application/fhir+json"
CAPABILITIES = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}


class Asked(msgspec.Struct, frozen=True):
    """One request: method, path below the base, header names in lower case, parameters of address and form."""

    method: str
    path: str
    headers: Mapping[str, str]
    parameters: Sequence[tuple[str, str]]

    @property
    def resource_type(self) -> str:
        return self.path.partition("/")[0]


Reply = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


class FaultServer:
    """Serves `resources` as FHIR R4 under /fhir, unless `faults` say otherwise: a type (or "" for every request) to a reply."""

    def __init__(self, resources: list[Json]) -> None:
        self.resources = resources
        self.faults: dict[str, Reply] = {}
        self.page_size: int | None = None
        self.asked: list[Asked] = []
        self.connections = 0
        self.open = 0
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    def tokens(self) -> set[str]:
        return {asked.headers.get("authorization", "") for asked in self.asked if asked.path != "metadata"}

    def fails(self, reply: Reply, resource_type: str = "") -> None:
        self.faults = {resource_type: reply}

    def recovers(self) -> None:
        self.faults = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                if not await _replied(self._reply(asked)(asked, writer), reader):
                    break
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.open -= 1
            writer.close()

    def _reply(self, asked: Asked) -> Reply:
        faults = self.faults
        return faults.get(asked.resource_type) or (faults[""] if "" in faults and asked.path != "metadata" else self.healthy)

    async def healthy(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        found = self.answer_to(asked)
        status = 200 if found is not None else 404
        writer.write(response(status, msgspec.json.encode(found or {"resourceType": "OperationOutcome"})))

    def answer_to(self, asked: Asked) -> Json:
        """The resource read or the page of the search; None where there is none."""
        if asked.path == "metadata":
            return CAPABILITIES
        if asked.resource_type == "Patient":
            return next((each for each in self.resources if f"Patient/{each['id']}" == asked.path), None)
        known = asked.resource_type in SEARCH_PARAMETERS
        found = search(self.resources, asked.resource_type, asked.parameters) if known else Found([], [])
        page = Page.asked(asked.parameters)
        return searchset(self.address, asked.resource_type, found, Page(page.offset, self.page_size or page.count))


async def _replied(reply: Awaitable[None], reader: asyncio.StreamReader) -> bool:
    """Whether the client was still there at the end of the reply."""
    replying = asyncio.ensure_future(reply)
    try:
        while not (replying.done() or reader.at_eof()):
            await asyncio.wait([replying], timeout=LOOK_SECONDS)
        return replying.done() and replying.result() is None
    finally:
        replying.cancel()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
        form = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    method, target, _ = line.split(" ")
    path, _, query = target.partition("?")
    return Asked(method, path.removeprefix("/fhir/"), headers, [*parse_qsl(query), *parse_qsl(form)])


def response(status: int, body: bytes = b"", content_type: str = FHIR_JSON, **headers: str) -> bytes:
    """A whole HTTP response. Header names are given with underscores."""
    told = {"Content-Type": content_type, "Content-Length": str(len(body))}
    told |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode() + body


def says(status: int, body: bytes | Json = b"", content_type: str = FHIR_JSON, **headers: str) -> Reply:
    """A reply that is always the same."""
    whole = response(status, body if isinstance(body, bytes) else msgspec.json.encode(body), content_type, **headers)

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(whole)

    return reply


@contextmanager
def listening(server: FaultServer, tls: ssl.SSLContext | None = None) -> Iterator[FaultServer]:
    """The server on a port of its own, in a thread of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    started = asyncio.run_coroutine_threadsafe(_start(server, tls), loop)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listener = started.result(WAIT_SECONDS)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listener), loop).result(WAIT_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(server: FaultServer, tls: ssl.SSLContext | None) -> asyncio.Server:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    return listener


async def _stop(listener: asyncio.Server) -> None:
    listener.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def eventually(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so within a generous time."""
    end = monotonic() + WAIT_SECONDS
    while not is_so():
        if monotonic() > end:
            return False
        sleep(0.01)
    return True
