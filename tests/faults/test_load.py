"""Clients that leave, too many of them, a loop that is held up, one server that takes all (trust.md 3, faults 18, 21 to 23, 27)."""

import asyncio
import gc
import logging
import os
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection

import msgspec

from app import reference_patient
from app.admission import CALLS_AT_ONCE, CALLS_WHEN_LAGGING, LAG_SECONDS, LOOK_SECONDS, Admission, LoopLag
from app.examples import HOOK
from app.fhir_access.access import FhirAccess
from app.fhir_access.addresses import servers_at
from app.fhir_access.limits import Limits
from app.log_sink import LogSink
from app.main import House, create_app
from app.settings import Settings
from tests.faults.call import Ehr
from tests.faults.conftest import EhrWith, chart
from tests.faults.fault_server import FaultServer, eventually, listening
from tests.faults.replies import hangs
from tests.service import Answer, serving

LEAVING = 50


def test_a_client_that_leaves_takes_its_searches_with_it(ehr_with: EhrWith, fhir: FaultServer) -> None:
    """Fault 18: no task goes on, no more connections stay than are kept for the next call, and calls are answered as before."""
    kept = 4
    ehr = ehr_with(Limits(deadline=4.0, idle_connections=kept))
    assert ehr.gets_guidance()
    fhir.fails(hangs)
    for _ in range(LEAVING):
        leave(ehr)
    assert eventually(lambda: fhir.open <= kept and tasks_of_service() == 0)
    fhir.recovers()
    assert ehr.recovers()


def leave(ehr: Ehr) -> None:
    connection = HTTPConnection("127.0.0.1", ehr.service.port)
    connection.request("POST", HOOK, msgspec.json.encode(ehr.body()), {"Content-Type": "application/json"})
    connection.close()


def tasks_of_service() -> int:
    """Tasks of the FHIR client still alive anywhere in this process."""
    return sum(isinstance(each, asyncio.Task) and not each.done() and "CallFetcher" in repr(each) for each in gc.get_objects())


def test_too_many_calls_are_told_so_at_once(ehr_with: EhrWith, fhir: FaultServer) -> None:
    """Fault 22: five times as many as are worked on. Everyone gets an answer; /livez always."""
    ehr = ehr_with(Limits(deadline=4.0, calls_per_server=1_000, breaker_failures=10_000, breaker_seconds=0.1))
    fhir.fails(hangs)
    with ThreadPoolExecutor(5 * CALLS_AT_ONCE) as clients:
        asking = [clients.submit(ehr.asks) for _ in range(5 * CALLS_AT_ONCE)]
        with ehr.service.client() as client:
            assert client.get("/livez").status == 200
        answers = [each.result() for each in asking]
    counted = Counter(answer.status for answer in answers)
    assert set(counted) == {412, 503}
    assert counted[412] >= CALLS_AT_ONCE
    assert all(is_overload(answer) for answer in answers if answer.status == 503)
    fhir.recovers()
    assert ehr.recovers()


def is_overload(answer: Answer) -> bool:
    outcome = answer.json["issue"][0]
    return answer.headers["retry-after"] == "1" and (outcome["code"], outcome["severity"]) == ("transient", "error")


def test_who_sends_slowly_holds_no_place(ehr: Ehr) -> None:
    """Fault 22: more half-sent calls than there are places."""
    held = [half_sent(ehr.service.port) for _ in range(CALLS_AT_ONCE + 10)]
    assert ehr.gets_guidance()
    for connection in held:
        connection.close()


def half_sent(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(f"POST {HOOK} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{{".encode())
    return connection


def test_one_server_that_hangs_does_not_take_the_others_places(
    ehr_with: EhrWith, fhir: FaultServer, settings: Settings, house: House
) -> None:
    """Fault 23: a share for each FHIR server, which is a tenant's."""
    fhir.fails(hangs)
    limits = Limits(deadline=4.0, calls_per_server=8)
    with listening(FaultServer(chart())) as other:
        access = FhirAccess(servers_at([fhir.address, other.address]), token_needed=True, limits=limits)
        with serving(create_app(settings, lambda: reference_patient.DAY, house, access)) as service, ThreadPoolExecutor(30) as clients:
            noisy = [clients.submit(Ehr(service, fhir.address).asks) for _ in range(30)]
            assert Ehr(service, other.address).gets_guidance()
            answers = [each.result() for each in noisy]
    assert {answer.status for answer in answers} == {412, 503}
    assert all(is_overload(answer) for answer in answers if answer.status == 503)


def test_a_loop_that_is_held_up_takes_fewer_calls() -> None:
    """Fault 21: the delay is measured, and with it fewer are let in; a single caller always is."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await receive()
        await asyncio.sleep(0)

    admission = Admission(app)
    let_in = []
    for calls, lag in ((0, LAG_SECONDS + 0.1), (CALLS_WHEN_LAGGING, LAG_SECONDS + 0.1), (CALLS_WHEN_LAGGING, 0.0), (CALLS_AT_ONCE, 0.0)):
        admission.calls, admission.lag.seconds = calls, lag
        let_in.append(not admission.is_full)
    assert let_in == [True, False, True, False]


def test_the_delay_of_the_loop_is_seen() -> None:
    """Fault 21."""

    async def blocked() -> float:
        lag = LoopLag()
        lag.watch()
        time.sleep(LOOK_SECONDS + 2 * LAG_SECONDS)
        lag.watch()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return lag.seconds

    assert asyncio.run(blocked()) > LAG_SECONDS


def test_a_log_that_nobody_reads_holds_up_nobody() -> None:
    """Fault 27: a pipe that is full. What does not fit is dropped and counted."""
    reading, writing = os.pipe()
    with suppress(BrokenPipeError), os.fdopen(writing, "w") as full:
        sink = LogSink(full, lines=10)
        logger = logging.getLogger("tests.full-pipe")
        logger.propagate = False
        logger.addHandler(sink)
        for _ in range(2_000):
            logger.warning("x" * 1_000)
        logger.removeHandler(sink)
        os.close(reading)
        assert sink.dropped > 0
