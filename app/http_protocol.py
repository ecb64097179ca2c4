"""HTTP/1.1 as uvicorn speaks it, with the bounds it lacks (trust.md 2.5): a head of any size, a request that never ends.

What is refused here is no request yet, so the application does not see it; the answer is an OperationOutcome all the same.
"""

import asyncio
import logging
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.outcomes import JSON, NO_STORE, IssueCode, outcome_body

log = logging.getLogger(__name__)

RECEIPT_SECONDS = 15.0
"""From a request's first byte to its last; for a connection's first request, from when it was made."""
LONGEST_HEAD = 32_768
"""Address and headers together; a client's token takes two or three thousand."""

Refusal = tuple[int, IssueCode, str]
MALFORMED: Refusal = (400, "invalid", "this is not an HTTP/1.1 request")
TOO_SLOW: Refusal = (408, "transient", "the request took too long to arrive")
HEAD_TOO_LONG: Refusal = (431, "too-long", f"address and headers are longer than {LONGEST_HEAD} bytes")


class BoundedProtocol(HttpToolsProtocol):
    """A request that arrives in one piece, as most do, costs no timer."""

    receipt_seconds = RECEIPT_SECONDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._receiving = False
        self._in_head = False
        self._began_just_now = False
        self._head_bytes = 0
        self._refused = False
        self._before: RequestResponseCycle | None = None
        self._refusal = MALFORMED
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._deadline = self.loop.call_later(self.receipt_seconds, self._end_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._began_just_now = False
        self._unset_keepalive_if_required()
        if not self._parse(data) or not self._receiving:
            return
        if self._in_head and not self._began_just_now:
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                self._refuse(HEAD_TOO_LONG)
                return
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.receipt_seconds, self._end_slow)

    def _parse(self, data: bytes) -> bool:
        """False where it is refused."""
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._head_without_offer() + data[offer.args[0] :]
            except httptools.HttpParserError:
                self._refuse(self._refusal)
                return False
            else:
                return True

    def _head_without_offer(self) -> bytes:
        """What came, less the offer to speak another protocol: with it the parser would leave the body unread, and here none is taken up.
        Java's client makes the offer in every first request.
        """
        line = b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = (b"%s: %s" % (name, value) for name, value in self.headers if name != b"upgrade")
        self.parser = httptools.HttpRequestParser(self)
        return b"\r\n".join((line, *kept, b"", b""))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = self._in_head = self._began_just_now = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            self._refusal = HEAD_TOO_LONG
            raise ValueError  # stops the parser
        if self.parser.get_method() == b"CONNECT":
            raise ValueError
        if self.parser.should_upgrade():
            return
        self._before = self.cycle
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        if self._in_head:  # an offer, which is read again
            return
        super().on_message_complete()
        self._receiving = False
        if self._deadline is not None:
            self._clear_deadline()

    def _end_slow(self) -> None:
        self._deadline = None
        if self._receiving:
            self._refuse(TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what is being received and end the connection; no answer where it would be taken for that of another request."""
        self._refused = True
        log.info("a request was refused as it arrived", extra={"event": "refused-arriving", "status": refusal[0]})
        has_cycle = self._receiving and not self._in_head
        before = self._before if has_cycle else cast("RequestResponseCycle | None", self.cycle)
        if before is not None and not before.response_complete:
            before.keep_alive = False  # its answer is due first, and ends the connection
            if has_cycle:
                self.pipeline.popleft()
            return
        if not (has_cycle and self.cycle.response_started):
            self.transport.write(response_bytes(refusal))
        if has_cycle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def response_bytes(refusal: Refusal) -> bytes:
    status, code, words = refusal
    body = outcome_body(code, words)
    headers = {**NO_STORE, "Content-Type": JSON, "Content-Length": str(len(body)), "Connection": "close"}
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in headers.items())
    return STATUS_LINE[status] + lines.encode() + b"\r\n" + body
