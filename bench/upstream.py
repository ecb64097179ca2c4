"""A FHIR server for the bench: it answers what is in the reference patient's prefetch, after BENCH_LATENCY_MS, at next to no cost."""

import asyncio
import os
from typing import Any

import orjson

from app import reference_patient
from guidelines.ta279.terminology import load_terminology
from hooks.prefetch import templates

LATENCY = float(os.environ.get("BENCH_LATENCY_MS", "0")) / 1_000
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n"


def answers() -> dict[str, bytes]:
    """By resource type, whole responses."""
    prefetch = reference_patient.prefetch()
    resources: dict[str, Any] = {each.resource_type: prefetch.get(each.key, EMPTY) for each in templates(load_terminology())}
    resources["metadata"] = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
    return {kind: HEAD.format(len(body := orjson.dumps(each))).encode() + body for kind, each in resources.items()}


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request; nothing when the client has gone."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


async def bytes_of(reader: asyncio.StreamReader, length: int) -> bytes | None:
    try:
        return await reader.readexactly(length)
    except asyncio.IncompleteReadError:
        return None


async def serve(port: int) -> None:
    ready = answers()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await head_of(reader):
            _, *rest = head.decode().lower().split("\r\n")
            length = next((int(each.partition(":")[2]) for each in rest if each.startswith("content-length:")), 0)
            if await bytes_of(reader, length) is None:
                break
            await asyncio.sleep(LATENCY)
            kind = head.split(b" ")[1].decode().split("?")[0].split("/")[2]
            writer.write(ready[kind])
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(os.environ["VACDS_PORT"])))
