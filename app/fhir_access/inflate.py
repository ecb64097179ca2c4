"""A response's body in parts of bounded size (trust.md 2.5): 200 kB of gzip may be 200 MB.

httpx's own decoding hands over all that one chunk holds, so the raw stream is read and inflated here, a little at a time.
"""

import zlib
from collections.abc import AsyncIterator

import httpx

from app.fhir_access.errors import FhirRefusal
from app.fhir_access.troubles import TOO_LARGE, UNREADABLE

GZIP_OR_ZLIB = 47
PART = 65_536
INFLATED = ("gzip", "x-gzip", "deflate")


async def parts_of(answer: httpx.Response, limit: int) -> AsyncIterator[bytes]:
    """The body, inflated where it comes compressed although that was not asked for. FhirRefusal past `limit` bytes as sent."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    inflate = _Inflater() if encoding in INFLATED else None
    if inflate is None and encoding not in ("identity", ""):
        raise FhirRefusal(UNREADABLE, answer.status_code)
    sent = 0
    async for chunk in answer.aiter_raw():
        sent += len(chunk)
        if sent > limit:
            raise FhirRefusal(TOO_LARGE, answer.status_code)
        if inflate is None:
            yield chunk
        else:
            while part := inflate.part(chunk):
                chunk = b""
                yield part
    if inflate is not None and not inflate.is_whole:
        raise FhirRefusal(UNREADABLE, answer.status_code)


class _Inflater:
    """zlib with what it has not yet looked at."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(GZIP_OR_ZLIB)

    def part(self, chunk: bytes) -> bytes:
        """At most PART bytes more; nothing when `chunk` and what was left over are used up."""
        try:
            return self._zlib.decompress(self._zlib.unconsumed_tail + chunk, PART)
        except zlib.error:
            raise FhirRefusal(UNREADABLE) from None

    @property
    def is_whole(self) -> bool:
        return self._zlib.eof and not self._zlib.unused_data
