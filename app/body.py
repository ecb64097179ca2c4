"""What a body may be: its size, its media type."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import BodyTooLarge, UnsupportedMediaType

FHIR_JSON = "application/fhir+json"
MediaTypes = tuple[str, ...]
SWALLOW_TIMES = 10
SWALLOW_SECONDS = 5.0
SILENCE_SECONDS = 0.5


def check_media_type(headers: Mapping[str, str], accepted: MediaTypes) -> None:
    """UnsupportedMediaType unless the body is one of these types, in UTF-8, and not compressed."""
    kind, _, parameters = headers.get("content-type", "").partition(";")
    if kind.strip().lower() not in accepted:
        raise UnsupportedMediaType(f"Content-Type must be {' or '.join(accepted)}")
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("Content-Type must not name another charset than UTF-8")
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Content-Encoding must be identity: the body is not to be compressed")


class BodyCap:
    """Pure ASGI. Counts while the body is read, and looks at what is announced when reading begins: never before the caller is let in."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        size = 0

        async def receive_counting() -> Message:
            nonlocal size
            if size == 0 and announced(scope) > self._limit:
                await self._swallow(receive, announced(scope))
                raise BodyTooLarge(self._limit)
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                if message.get("more_body", False):
                    await self._swallow(receive, size)
                raise BodyTooLarge(self._limit)
            return message

        await self._app(scope, receive_counting, send)

    async def _swallow(self, receive: Receive, known: int) -> None:
        """Read the rest away, within bounds: an answer while a client still sends is a reset connection to it, and no answer.

        A client that has stopped sending, or waits to be told, is not waited for.
        """
        size, more = 0, not beyond_reading(known, self._limit)
        with suppress(TimeoutError):
            async with asyncio.timeout(SWALLOW_SECONDS):
                while more and not beyond_reading(size, self._limit):
                    async with asyncio.timeout(SILENCE_SECONDS):
                        message = await receive()
                    size += len(message.get("body", b""))
                    more = message.get("more_body", False)


def beyond_reading(size: int, limit: int) -> bool:
    """More than is worth reading for the sake of a clear refusal."""
    return size > SWALLOW_TIMES * limit


def announced(scope: Scope) -> int:
    """Content-Length; 0 where there is none, as in a chunked body."""
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isdecimal() else 0
