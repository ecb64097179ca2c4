"""Bytes on a connection, as no HTTP client would send them, and what comes back."""

import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from select import select

import msgspec

from tests.conformance.rules import broken_rules

PATIENCE_SECONDS = 20.0


class RawAnswer(msgspec.Struct, frozen=True):
    status: int
    closes: bool
    body: bytes


class Connection:
    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._received = b""

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self._peer.sendall(part)

    def drip(self, parts: Iterable[bytes], every: float) -> None:
        """Send a part at a time until the service answers or hangs up."""
        for part in parts:
            with suppress(ConnectionError):
                self._peer.sendall(part)
            if select([self._peer], [], [], every)[0]:
                return

    def rest(self) -> list[RawAnswer]:
        """Every answer until the service hangs up; TimeoutError if it does not."""
        self._peer.settimeout(PATIENCE_SECONDS)
        while part := self._peer.recv(65_536):
            self._received += part
        return list(_answers(self._received))


def _answers(received: bytes) -> Iterator[RawAnswer]:
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        assert status is not None, received[:80]
        size = int(length[1]) if length is not None else 0
        assert len(rest) >= size
        body, received = rest[:size], rest[size:]
        answer = RawAnswer(int(status[1]), b"connection: close" in head.lower(), body)
        assert broken_rules(answer.status, "application/json", body) == []
        yield answer


@contextmanager
def connected(port: int) -> Iterator[Connection]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as peer:
        yield Connection(peer)


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join((line, "Host: cds.example", *headers)).encode() + b"\r\n\r\n" + body
