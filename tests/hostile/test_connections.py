"""What arrives slowly, at great length, or so that two readers read it differently (trust.md 2.5, fault 34)."""

from collections.abc import Iterator
from itertools import repeat
from time import sleep

import pytest
from fastapi import FastAPI

from app.examples import HOOK
from app.http_protocol import LONGEST_HEAD, BoundedProtocol
from tests.hostile.conftest import Tell
from tests.hostile.raw import connected, request
from tests.service import Service, serving

SHORT = 0.4
EVERY = 0.02
POST = f"POST {HOOK} HTTP/1.1"
JSON = "Content-Type: application/json"
LAST = request("GET /livez HTTP/1.1", "Connection: close")
CHUNKED = "Transfer-Encoding: chunked"
STORED = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + b"\x00\xff\xff\x00\x00"
"""The start of a gzip that holds 65,535 bytes as they are."""


@pytest.fixture
def port(services: dict[str, Service]) -> int:
    return services["open"].port


@pytest.fixture
def hasty_port(port: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """The service waits a short time only for a request to arrive."""
    monkeypatch.setattr(BoundedProtocol, "receipt_seconds", SHORT)
    return port


SLOW = {
    "the line": b"GET /livez HTTP/1.1\r\n",
    "a header": b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "a body": request(POST, JSON, "Content-Length: 1000000"),
    "a body in chunks": request(POST, JSON, CHUNKED, body=b"fffff\r\n"),
    "a compressed body": request(POST, JSON, "Content-Encoding: gzip", CHUNKED, body=b"fffff\r\n" + STORED),
    "the second request": request("GET /livez HTTP/1.1") + b"GET /livez HTTP/1.1\r\nX-Slow: ",
}


@pytest.mark.parametrize("start", SLOW.values(), ids=SLOW)
def test_what_arrives_a_byte_at_a_time_is_cut_off(hasty_port: int, start: bytes) -> None:
    with connected(hasty_port) as connection:
        connection.send(start)
        connection.drip(repeat(b"x", 500), EVERY)
        *before, answer = connection.rest()
    assert [each.status for each in before] in ([], [200])
    assert (answer.status, answer.closes) == (408, True)


def test_a_connection_that_says_nothing_is_closed(hasty_port: int) -> None:
    with connected(hasty_port) as connection:
        assert connection.rest() == []


def test_a_body_that_goes_on_after_it_was_refused_gets_no_second_answer(hasty_port: int) -> None:
    with connected(hasty_port) as connection:
        connection.send(request("POST /nowhere HTTP/1.1", JSON, "Content-Length: 1000000"))
        connection.drip(repeat(b"x", 500), EVERY)
        assert [answer.status for answer in connection.rest()] == [404]


def test_who_waits_between_requests_is_waited_for(hasty_port: int) -> None:
    """A connection that is kept open, its requests in one piece or in some."""
    with connected(hasty_port) as connection:
        for _ in range(3):
            connection.send(request("GET /livez HTTP/1.1"))
            sleep(2 * SHORT)
        for part in (LAST[:20], LAST[20:]):
            connection.send(part)
            sleep(SHORT / 4)
        assert [answer.status for answer in connection.rest()] == [200] * 4


def test_an_answer_may_take_longer_than_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "receipt_seconds", SHORT)
    app = FastAPI()
    app.add_api_route("/thinks", lambda: sleep(3 * SHORT))
    with serving(app) as service, connected(service.port) as connection:
        connection.send(request("GET /thinks HTTP/1.1", "Connection: close"))
        assert [answer.status for answer in connection.rest()] == [200]


LONG = {
    "one header": (request("GET /livez HTTP/1.1", f"X-Long: {'x' * LONGEST_HEAD}"),),
    "many headers": (request("GET /livez HTTP/1.1", *(f"X-{number}: x" for number in range(10_000))),),
    "the address": (request(f"GET /livez?{'x' * LONGEST_HEAD} HTTP/1.1"),),
    "a name": (request("GET /livez HTTP/1.1", f"{'x' * LONGEST_HEAD}: x"),),
    "a header without end": (b"GET /livez HTTP/1.1\r\nX-Long: ", *[b"x" * 1_000] * 40),
}


@pytest.mark.parametrize("parts", LONG.values(), ids=LONG)
def test_a_head_longer_than_any_honest_one_is_431(port: int, parts: tuple[bytes, ...]) -> None:
    with connected(port) as connection:
        connection.drip(parts, EVERY)
        (answer,) = connection.rest()
    assert (answer.status, answer.closes) == (431, True)


def test_a_head_as_long_as_may_be_is_read(port: int) -> None:
    """In one piece and in several, and behind a long body."""
    token = f"Authorization: Bearer {'x' * (LONGEST_HEAD - 500)}"
    long = request("GET /livez HTTP/1.1", token)
    body = b" " * 200_000
    with connected(port) as connection:
        connection.send(long, long[:30_000], long[30_000:])
        connection.send(request(POST, JSON, f"Content-Length: {len(body)}", body=body) + long[:100], long[100:], LAST)
        assert [answer.status for answer in connection.rest()] == [200, 200, 400, 200, 200]


def test_the_offer_of_another_protocol_is_not_taken_up(port: int) -> None:
    """Java's client offers HTTP/2 with its first request. The body is read, and what follows is HTTP/1.1."""
    offer = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA")
    feedback = request(f"POST {HOOK}/feedback HTTP/1.1", JSON, *offer, "Content-Length: 15", body=b'{"feedback":[]}')
    chunked = request(f"POST {HOOK}/feedback HTTP/1.1", JSON, *offer, CHUNKED, body=b'f\r\n{"feedback":[]}\r\n0\r\n\r\n')
    get = request("GET /livez HTTP/1.1", *offer)
    with connected(port) as connection:
        connection.send(feedback, get * 2_000, chunked, feedback[:-5], feedback[-5:], LAST)
        answers = [answer.status for answer in connection.rest()]
    assert answers == [200] * 2_004


SMUGGLED: dict[str, tuple[bytes, list[int]]] = {
    "behind a close": (request(POST, JSON, "Connection: close", "Content-Length: 2", body=b"{}"), [400]),
    "in a tunnel": (request("CONNECT evil.example:443 HTTP/1.1"), [400]),
    "chunks of HTTP/1.0": (request(f"POST {HOOK} HTTP/1.0", JSON, CHUNKED, body=b"2\r\n{}\r\n0\r\n\r\n"), [400]),
    "lines without a carriage return": (b"GET /livez HTTP/1.1\nHost: x\n\n", [400]),
    "a carriage return alone": (request(POST, JSON, "X: a\rContent-Length: 2", body=b"{}"), [400]),
    "a null in a header": (request(POST, JSON, "X: a\x00b", "Content-Length: 2", body=b"{}"), [400]),
    "a header without a name": (request(POST, JSON, ": x", "Content-Length: 2", body=b"{}"), [400]),
    "a chunk with an extension": (request(POST, JSON, CHUNKED, body=b"2;a=b\r\n{}\r\n0\r\n\r\n"), [400, 200]),
    "an extension that ends early": (request(POST, JSON, CHUNKED, body=b"2;a\n{}\r\n0\r\n\r\n"), [400]),
    "a chunk size out of range": (request(POST, JSON, CHUNKED, body=b"10000000000000002\r\n{}\r\n0\r\n\r\n"), [400]),
    "a chunk size in another way": (request(POST, JSON, CHUNKED, body=b"0x2\r\n{}\r\n0\r\n\r\n"), [400]),
    "a chunk longer than it says": (request(POST, JSON, CHUNKED, body=b"2\r\n{}XX0\r\n\r\n"), [400]),
    "a folded coding": (request(POST, JSON, "Transfer-Encoding:\r\n chunked", body=b"2\r\n{}\r\n0\r\n\r\n"), [400]),
    "no coding, said so": (request(POST, JSON, "Transfer-Encoding: identity", "Content-Length: 2", body=b"{}"), [400]),
    "a length in the trailer": (request(POST, JSON, CHUNKED, body=b"2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n"), [400]),
    "a length below nothing": (request(POST, JSON, "Content-Length: -1", body=b"{}"), [400]),
    "a length out of range": (request(POST, JSON, f"Content-Length: {'9' * 30}", body=b"{}"), [400]),
    "a body of a GET": (request("GET /livez HTTP/1.1", f"Content-Length: {len(LAST)}", body=LAST), [200, 200]),
    "more than the body": (request(POST, JSON, "Content-Length: 2", body=b"{}xx"), [400]),
    "another version": (request(f"POST {HOOK} HTTP/2.0", JSON, "Content-Length: 2", body=b"{}"), [400]),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500, [400]),
    "two codings in two lines": (request(POST, JSON, *["Content-Encoding: gzip"] * 2, "Content-Length: 2", body=b"{}"), [415, 200]),
    "two types in two lines": (request(POST, JSON, "Content-Type: text/plain", "Content-Length: 2", body=b"{}"), [415, 200]),
}


@pytest.mark.parametrize(("sent", "expected"), SMUGGLED.values(), ids=SMUGGLED)
def test_a_request_behind_one_that_may_be_read_in_two_ways(port: int, sent: bytes, expected: list[int]) -> None:
    """One answer to each request, in order; after a request that is none, no further one is believed."""
    with connected(port) as connection:
        connection.send(sent + LAST)
        assert [answer.status for answer in connection.rest()] == expected


BROKEN_NEXT = (b"NONSENSE\r\n\r\n", request(POST, JSON, CHUNKED, body=b"zz\r\n"), request("GET / HTTP/1.1", f"X: {'x' * LONGEST_HEAD}"))


@pytest.mark.parametrize("broken", BROKEN_NEXT, ids=["no request", "a broken chunk", "a long head"])
def test_what_comes_before_a_request_that_is_none_is_answered_first(broken: bytes) -> None:
    """Or the refusal would be taken for its answer."""
    app = FastAPI()
    app.add_api_route("/thinks", lambda: sleep(SHORT))
    with serving(app) as service, connected(service.port) as connection:
        connection.send(request("GET /thinks HTTP/1.1") * 2 + broken)
        assert [answer.status for answer in connection.rest()] == [200, 200]


BAD: list[bytes] = [
    b"",
    b"{",
    b"[" * 10_000,
    b'{"hook":1}',
    b"\xff",
    b"null",
    b'{"hook":"patient-view","hook":"patient-view"}',
    b" " * 6_000_000,
]


def good_after_bad() -> Iterator[bytes]:
    for number in range(1_000):
        yield BAD[number % len(BAD)] if number % 100 < len(BAD) else BAD[number % (len(BAD) - 1)]


def test_no_good_request_suffers_for_a_bad_one_before_it(services: dict[str, Service], tell: Tell) -> None:
    """Starlette's own handler of the unforeseen loses three to ten of twenty. The third of these services fails at every call."""
    with services["open"].client() as client, services["failing"].client() as broken:
        for body in good_after_bad():
            assert client.post(HOOK, body).status in (400, 413)
            assert client.same_connection()
            assert client.get("/livez").status == 200
        for _ in range(1_000):
            assert broken.post("/evaluations", {}).status == 500
            assert broken.same_connection()
            assert broken.get("/livez").status == 200
    tell("good requests after a bad one on the same connection: 1,000 after a refusal, 1,000 after a failure, 0 lost")
