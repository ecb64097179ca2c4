"""HTTP/1.1 as uvicorn speaks it, with the bounds it lacks (trust.md 2.5): a head of any size, a request that never ends.

What is refused here is no request yet, so the application does not see it; the answer is an OperationOutcome all the same.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.outcomes import JSON, NO_STORE, IssueCode, outcome_body

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
        super().data_received(data)
        if not self._receiving:
            return
        if self._in_head and not self._began_just_now:
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                self._refuse(HEAD_TOO_LONG)
        if self._deadline is None and not self._refused:
            self._deadline = self.loop.call_later(self.receipt_seconds, self._end_slow)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._receiving = self._in_head = self._began_just_now = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > LONGEST_HEAD:
            self._refusal = HEAD_TOO_LONG
            raise ValueError  # stops the parser
        super().on_headers_complete()
        self._in_head = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._receiving = False
        if self._deadline is not None:
            self._clear_deadline()

    def send_400_response(self, msg: str) -> None:
        """What uvicorn calls when the parser has stopped."""
        self._refuse(self._refusal)

    def _end_slow(self) -> None:
        self._deadline = None
        if self._receiving:
            self._refuse(TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what is being received and end the connection; no answer where it would be taken for that of another request."""
        self._refused = True
        if self._in_head or not self._receiving:
            before = cast("RequestResponseCycle | None", self.cycle)
            if before is not None and not before.response_complete:
                before.keep_alive = False  # its answer is due, and ends the connection
                return
            self.transport.write(response_bytes(refusal))
        else:
            if not (self.pipeline or self.cycle.response_started):
                self.transport.write(response_bytes(refusal))
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
