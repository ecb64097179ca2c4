"""The ways to fail: each is what a FHIR server may do in place of an answer."""

import asyncio
import gzip
from collections import Counter

import msgspec

from tests.faults.fault_server import CHUNK, Asked, FaultServer, Reply, response, says
from tests.service import Json

OUTCOME: Json = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "diagnostics": "secret"}]}
EMPTY: Json = {"resourceType": "Bundle", "type": "searchset", "total": 0}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
LATER = 60.0


def in_entry(severity: str, code: str = "processing") -> Json:
    """An empty search whose Bundle holds an outcome (Epic: a warning)."""
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}
    return {**EMPTY, "entry": [{"resource": outcome, "search": {"mode": "outcome"}}]}


def bundle(*resources: Json, **members: Json) -> Json:
    entries = [{"resource": each, "search": {"mode": "match"}} for each in resources]
    return {**EMPTY, "total": len(entries), "entry": entries, **members}


async def hangs(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(LATER)


async def hangs_up(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def drips(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """One byte at a time: every byte resets an idle timer."""
    writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n{")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless_headers(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD)
    while not writer.is_closing():
        writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def huge(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Without a length, without an end."""
    writer.write(HEAD + b"Connection: close\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" " * CHUNK)
        await writer.drain()
        await asyncio.sleep(0)  # over TLS a transport that is lost says so only in the loop's next turn


def gzip_bomb(megabytes: int = 200) -> Reply:
    """A small body that is large when inflated."""
    return says(200, gzip.compress(b" " * megabytes * 1_000_000, 1), content_encoding="gzip")


def shortened(length: int) -> Reply:
    """Announces more than it sends, then closes."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + f"Content-Length: {length}\r\n\r\n".encode() + b'{"resourceType":"Bundle"')
        await writer.drain()
        writer.close()

    return reply


def at_first(server: FaultServer, fault: Reply, times: int = 1) -> Reply:
    """Fails so often for each type, then not any more."""
    seen: Counter[str] = Counter()

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        seen[asked.resource_type] += 1
        await (fault if seen[asked.resource_type] <= times else server.healthy)(asked, writer)

    return reply


def next_page(server: FaultServer, url: str, then: Reply | None = None) -> Reply:
    """The healthy first page with a `next` link to `url`; `then` is the reply there."""

    async def reply(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if then is not None and ("page", "2") in asked.parameters:
            await then(asked, writer)
        else:
            page = {**server.answer_to(asked), "link": [{"relation": "next", "url": url}]}
            writer.write(response(200, msgspec.json.encode(page)))

    return reply
