"""The clock, memory, the shared client, requests that two readers read differently (trust.md 3, faults 28 and 32 to 34)."""

import ast
import gc
import os
import re
import socket
import ssl
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from time import sleep

import httpx
import msgspec
import pytest

from app import reference_patient
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.main import House, create_app
from app.settings import Settings
from tests.faults.call import MET, Ehr, topics
from tests.faults.fault_server import FaultServer, eventually
from tests.service import Json, serving

CALLS = 1_500
QUIET_SECONDS = 2.0
SETTLE_SECONDS = 1.0
ROOM = Path(__file__).parents[2] / "app"


@pytest.mark.parametrize("days", [-366, -1, 1, 366], ids=["a year behind", "a day behind", "a day ahead", "a year ahead"])
def test_a_clock_that_is_wrong_changes_the_day_and_nothing_else(fhir: FaultServer, settings: Settings, house: House, days: int) -> None:
    """Fault 28: ages are differences of dates; an answer, whatever the day."""
    access = FhirAccess(servers_at([fhir.address]), token_needed=True)
    today = reference_patient.DAY + timedelta(days=days)
    with serving(create_app(settings, lambda: today, house, access)) as service:
        answer = Ehr(service, fhir.address).asks()
    assert answer.status == 200
    assert abs(days) == 1 or MET not in topics(answer)


def test_a_clock_that_jumps_back_between_calls(fhir: FaultServer, settings: Settings, house: House) -> None:
    """Fault 28: the same call on the same day has the same answer."""
    days = iter([reference_patient.DAY, date(2020, 1, 1), reference_patient.DAY])
    access = FhirAccess(servers_at([fhir.address]), token_needed=True)
    with serving(create_app(settings, lambda: next(days), house, access)) as service:
        found = [topics(Ehr(service, fhir.address).asks()) for _ in range(3)]
    assert (found[0], found[2]) == ([MET], [MET])


def test_time_limits_are_measured_on_a_clock_that_nobody_sets() -> None:
    """Fault 28."""
    read = [*(ROOM / "fhir_access").glob("*.py"), ROOM / "fhir_client.py", ROOM / "admission.py"]
    calls = {ast.unparse(node) for path in read for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert not calls & {"time.time", "datetime.now", "date.today", "datetime.utcnow", "time.localtime"}
    assert "time.monotonic" in calls


@pytest.mark.parametrize("moment", ["2016-12-31T23:59:60Z", "2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00Z", "2026-11-20T24:00:00Z"])
def test_odd_moments_are_read_or_left_out(ehr: Ehr, fhir: FaultServer, moment: str) -> None:
    """Fault 28: a leap second, the hour that comes twice, the hour that is none."""
    for resource in fhir.resources:
        for name in ("effectiveDateTime", "onsetDateTime", "performedDateTime"):
            if name in resource:
                resource[name] = moment
    assert topics(ehr.asks()) != [MET]


def test_memory_and_descriptors_stay(ehr: Ehr) -> None:
    """Fault 32: far fewer calls than the bench makes; a leak of one object a call would be seen."""
    body = msgspec.json.encode(ehr.body(reference_patient.prefetch()))
    with ehr.service.client() as client:
        many(client.post, body, CALLS)
        before = settled_objects(), descriptors()
        many(client.post, body, CALLS)
        assert eventually(lambda: objects() - before[0] < CALLS / 2)  # what waits to be kept is written in its own time
    assert descriptors() <= before[1]


def many(post, body: bytes, calls: int) -> None:  # type: ignore[no-untyped-def]
    assert {post(HOOK, body).status for _ in range(calls)} == {200}


def settled_objects() -> int:
    """Their number when it falls no more: what waits to be kept has been written."""
    before, now = objects() + 1, objects()
    while now < before:
        sleep(SETTLE_SECONDS)
        before, now = now, objects()
    return now


def objects() -> int:
    gc.collect()
    return len(gc.get_objects())


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_no_client_is_made_for_a_call(ehr: Ehr, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 33: a TLS context costs tens of milliseconds."""
    made: list[object] = []
    monkeypatch.setattr(ssl, "create_default_context", lambda *_, **__: made.append("TLS context"))
    monkeypatch.setattr(ssl, "SSLContext", lambda *_, **__: made.append("TLS context"))
    monkeypatch.setattr(httpx, "AsyncClient", lambda *_, **__: made.append("client"))
    assert all(ehr.gets_guidance() for _ in range(5))
    assert made == []


def test_connections_to_the_fhir_server_are_used_again(ehr: Ehr, fhir: FaultServer) -> None:
    """Fault 33."""
    assert ehr.gets_guidance()
    before = fhir.connections
    assert all(ehr.gets_guidance() for _ in range(5))
    assert fhir.connections <= before + 5


def smuggled(*lines: str, body: bytes = b"") -> bytes:
    head = (f"POST {HOOK} HTTP/1.1", "Host: cds.example", "Content-Type: application/json", *lines)
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


HIDDEN = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SMUGGLING = {
    "length and chunks": smuggled("Content-Length: 5", "Transfer-Encoding: chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunks and length": smuggled("Transfer-Encoding: chunked", "Content-Length: 5", body=b"0\r\n\r\n" + HIDDEN),
    "two lengths": smuggled("Content-Length: 2", "Content-Length: 40", body=b"{}" + HIDDEN),
    "length with a sign": smuggled("Content-Length: +2", body=b"{}" + HIDDEN),
    "length of nothing": smuggled("Content-Length: ", body=b"{}" + HIDDEN),
    "length in hexadecimal": smuggled("Content-Length: 0x2", body=b"{}" + HIDDEN),
    "list of lengths": smuggled("Content-Length: 2, 2", body=b"{}" + HIDDEN),
    "chunked twice": smuggled("Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n" + HIDDEN),
    "chunked in another way": smuggled("Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + HIDDEN),
    "blank before the colon": smuggled("Content-Length : 2", body=b"{}" + HIDDEN),
    "folded line": smuggled("X-Folded: a\r\n b", "Content-Length: 2", body=b"{}"),
    "chunk length with a sign": smuggled("Transfer-Encoding: chunked", body=b"-2\r\n{}\r\n0\r\n\r\n" + HIDDEN),
}


@pytest.mark.parametrize("request_bytes", SMUGGLING.values(), ids=SMUGGLING)
def test_a_request_that_two_readers_read_differently_gets_one_answer(ehr: Ehr, request_bytes: bytes) -> None:
    """Fault 34: refused, and what is hidden in its body is no request."""
    assert answers_to(ehr.service.port, request_bytes) == [400]


def test_requests_in_one_go_are_answered_one_by_one(ehr: Ehr) -> None:
    """Fault 34: pipelining."""
    body = msgspec.json.encode(ehr.body(reference_patient.prefetch()))
    one = smuggled(f"Content-Length: {len(body)}", body=body)
    assert answers_to(ehr.service.port, one * 3 + HIDDEN) == [200, 200, 200, 200]


def answers_to(port: int, sent: bytes) -> list[int]:
    """The statuses of all answers on one connection, until it is quiet or closed."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=QUIET_SECONDS) as connection:
        connection.sendall(sent)
        with suppress(TimeoutError):
            while part := connection.recv(65_536):
                received += part
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def test_a_good_call_after_a_bad_one_on_the_same_connection(ehr: Ehr) -> None:
    """Fault 34."""
    bodies: list[Json] = [b"{", b"[" * 10_000, b'{"hook":1}', b"\xff", ehr.body({"patient": 5})]
    with ehr.service.client() as client:
        for bad in bodies * 5:
            assert client.post(HOOK, bad).status in (400, 412, 200)
            assert client.post(HOOK, ehr.body(reference_patient.prefetch())).status == 200
