"""What a body may be: its size, its media type, its compression."""

import asyncio
import zlib
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import BadRequest, BodyTooLarge, UnsupportedMediaType

FHIR_JSON = "application/fhir+json"
MediaTypes = tuple[str, ...]
SWALLOW_TIMES = 10
SWALLOW_SECONDS = 5.0
SILENCE_SECONDS = 0.5
UNCOMPRESSED = ("", "identity")
COMPRESSED = ("gzip", "x-gzip")
_GZIP_ONLY = 31  # zlib's number for: a gzip header and nothing else


def check_media_type(headers: Headers, accepted: MediaTypes) -> None:
    """UnsupportedMediaType unless the body is one of these types, in UTF-8, plain or compressed once by gzip."""
    kind, _, parameters = as_one(headers, "content-type").partition(";")
    if kind.strip().lower() not in accepted:
        raise UnsupportedMediaType(f"Content-Type must be {' or '.join(accepted)}")
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    if charset not in ("", "utf-8", "utf8"):
        raise UnsupportedMediaType("Content-Type must not name another charset than UTF-8")
    if content_coding(headers) not in (*UNCOMPRESSED, *COMPRESSED):
        raise UnsupportedMediaType("Content-Encoding must be gzip, or left out")


def content_coding(headers: Headers) -> str:
    return as_one(headers, "content-encoding").strip().lower()


def as_one(headers: Headers, name: str) -> str:
    """A header's value; of several lines of one name all, so that no two readers take a different one."""
    return ", ".join(headers.getlist(name))


class BodyCap:
    """Pure ASGI. Counts while the body is read, and looks at what is announced when reading begins: never before the caller is let in.

    A gzip body is inflated here, a part at a time as it comes, and counts as long as it is then.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = size = 0
        gzip: _Gzip | None = None

        async def receive_counting() -> Message:
            nonlocal sent, size, gzip
            if sent == 0:
                headers = Headers(scope=scope)
                if announced(headers) > self._limit:
                    await self._swallow(receive, announced(headers))
                    raise BodyTooLarge(self._limit)
                gzip = _Gzip() if content_coding(headers) in COMPRESSED else None
            message = await receive()
            sent += len(message.get("body", b""))
            if gzip is not None and sent <= self._limit:
                message = gzip.inflated(message, self._limit + 1 - size)
            size += len(message.get("body", b""))
            if max(sent, size) > self._limit:
                if message.get("more_body", False):
                    await self._swallow(receive, sent)
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


class _Gzip:
    """One gzip member and nothing behind it. 5 kB of gzip may be 5 MB, so no more is inflated than may be wanted."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(_GZIP_ONLY)

    def inflated(self, message: Message, most: int) -> Message:
        """The message with at most `most` bytes of its body inflated; BadRequest where it is no gzip, or ends too early or too late."""
        if message["type"] != "http.request":
            return message
        more = message.get("more_body", False)
        try:
            body = self._zlib.decompress(message.get("body", b""), most)
        except zlib.error:
            raise BadRequest("the body is not gzip") from None
        is_all = len(body) == most or more or self._zlib.eof
        if not is_all or self._zlib.unused_data:
            raise BadRequest("the body is not one whole gzip")
        return {**message, "body": body, "more_body": more}


def beyond_reading(size: int, limit: int) -> bool:
    """More than is worth reading for the sake of a clear refusal."""
    return size > SWALLOW_TIMES * limit


def announced(headers: Headers) -> int:
    """Content-Length; 0 where there is none, as in a chunked body."""
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0
