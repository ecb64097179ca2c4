"""`python -m bench.access`: what it costs to ask a FHIR server, many callers at once, memory, overload. Prints and writes ACCESS.md.

With `--long` memory is looked at over a hundred thousand calls, which takes minutes.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from app import reference_patient
from bench.load import Load, closed_loop, open_loop, percentile, request_for
from bench.report import machine
from bench.request import SERVICE
from bench.server import Server, cores, free_port, running, wait_until_ready

RESULTS = Path(__file__).parent / "ACCESS.md"
HOOK = f"/cds-services/{SERVICE}"
LATENCIES = (0, 50)
SEARCHED = ("conditions", "observations", "reports", "medicationRequests", "procedures")
"""With one that is required, so that a call that could not ask for them all is refused and not answered in part."""
CONNECTIONS = (1, 16, 64)
CALLS = 60
SECONDS = 4.0
MEMORY_CALLS = 20_000
ALL_MEMORY_CALLS = 100_000
LONG = "--long"
PEAK_CONNECTIONS = 8
MILLISECONDS = 1_000
KILOBYTES = 1_024
OVERLOAD = 5

INTRODUCTION = """\
# Many callers, and a FHIR server to be asked

Wall time over loopback, client and servers on the same two cores: the absolutes are the machine's. Written by `python -m bench.access`.
"""


def main() -> int:
    os.sched_setaffinity(0, set(cores()))
    parts = [INTRODUCTION, machine(), fallback_table(), connections_table(), workers_table(), memory_line(), overload_table()]
    text = "\n".join(parts)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0


def prefetch() -> dict[str, Any]:
    """Every key that is asked for, those without resources null."""
    empty = dict.fromkeys(("medicationStatements", "medicationAdministrations", "medicationDispenses", "imagingStudies", "assessments"))
    return {**empty, **dict.fromkeys(SEARCHED), **reference_patient.prefetch()}


def body(without: tuple[str, ...] = (), **members: object) -> bytes:
    kept = {key: value for key, value in prefetch().items() if key not in without}
    return orjson.dumps({**reference_patient.hook_request(kept), **members})


@contextmanager
def service(environment: Mapping[str, str]) -> Iterator[Server]:
    with running(("app",), {"VACDS_MODE": "demo", **environment}, "/livez") as server:
        yield server


@contextmanager
def on_every_core(*module: str) -> Iterator[Server]:
    """`python -m module --port …`, not pinned, so that its workers may spread."""
    port = free_port()
    environment = {**os.environ, "VACDS_MODE": "demo"}
    process = subprocess.Popen([sys.executable, "-m", *module, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
    server = Server(process, port)
    try:
        wait_until_ready(server, "/livez")
        yield server
    finally:
        server.connection.close()
        process.terminate()
        process.wait()


def port_of(server: Server) -> int:
    port: int = server.connection.port
    return port


@contextmanager
def upstream(latency_ms: int) -> Iterator[str]:
    with running(("bench.upstream",), {"BENCH_LATENCY_MS": str(latency_ms)}, None) as server:
        os.sched_setaffinity(server.process.pid, {cores()[1]})
        yield f"http://127.0.0.1:{port_of(server)}/fhir"


def fallback_table() -> str:
    lines = ["## Five searches at the FHIR server", "", "| latency, ms | one search, ms | call with five, ms | p99, ms | over the search |"]
    lines.append("|---:|---:|---:|---:|---:|")
    for latency in LATENCIES:
        with upstream(latency) as base, service({"VACDS_FHIR_BASES": base}) as server:
            one = timed(server, body(("procedures",), fhirServer=base))
            five = timed(server, body(SEARCHED, fhirServer=base))
        alone, together = one.percentile(50), five.percentile(50)
        lines.append(f"| {latency} | {ms(alone)} | {ms(together)} | {ms(five.percentile(99))} | {together / alone:.2f} |")
    note = "Both are whole calls on one connection, with one search and with five: what five cost over the slowest of them."
    return "\n".join([*lines, "", note, ""])


def timed(server: Server, call: bytes) -> Load:
    request = request_for(HOOK, call)
    closed_loop(port_of(server), request, 1, calls=5)
    return checked(closed_loop(port_of(server), request, 1, calls=CALLS))


def connections_table() -> str:
    lines = [
        "## Connections at once, everything prefetched, one worker",
        "",
        "| connections | calls/s | p50, ms | p99, ms |",
        "|---:|---:|---:|---:|",
    ]
    with service({}) as server:
        for connections in CONNECTIONS:
            load = checked(closed_loop(port_of(server), request_for(HOOK, body()), connections, seconds=SECONDS))
            lines.append(f"| {connections} | {load.goodput:,.0f} | {ms(load.percentile(50))} | {ms(load.percentile(99))} |")
    return "\n".join([*lines, ""])


def workers_table() -> str:
    """The client shares the two cores with the workers, so the second worker cannot double the rate."""
    lines = [
        "## Workers, 16 connections, on the two cores the client runs on too",
        "",
        "| workers | calls/s | p50, ms | p99, ms |",
        "|---:|---:|---:|---:|",
    ]
    for workers in (1, 2):
        options = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--workers", str(workers))
        with on_every_core("uvicorn", "bench.whole:app", *options) as server:
            load = checked(closed_loop(port_of(server), request_for(HOOK, body()), 16, seconds=SECONDS))
        lines.append(f"| {workers} | {load.goodput:,.0f} | {ms(load.percentile(50))} | {ms(load.percentile(99))} |")
    return "\n".join([*lines, ""])


def memory_line() -> str:
    with service({}) as server:
        request = request_for(HOOK, body())
        checked(closed_loop(port_of(server), request, 8, calls=2_000))
        before = resident(server)
        calls = ALL_MEMORY_CALLS if LONG in sys.argv else MEMORY_CALLS
        checked(closed_loop(port_of(server), request, 8, calls=calls))
        after = resident(server)
    grown = (after - before) / before
    return f"## Memory\n\n{before:,} KB resident after 2,000 calls, {after:,} KB after {calls:,} more: {grown:+.1%}.\n"


def resident(server: Server) -> int:
    """KB of the process."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def overload_table() -> str:
    """Calls that need the FHIR server, 50 ms away: each holds its place while it waits."""
    with upstream(50) as base, service({"VACDS_FHIR_BASES": base}) as server:
        request = request_for(HOOK, body(SEARCHED, fhirServer=base))
        port = port_of(server)
        closed_loop(port, request, 16, seconds=1.0)
        peak = checked(closed_loop(port, request, PEAK_CONNECTIONS, seconds=SECONDS))
        over = open_loop(port, request, OVERLOAD * peak.goodput, SECONDS)
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(over.statuses.items()))
    lines = [
        f"## {OVERLOAD} times too many calls, five searches each, 50 ms away",
        "",
        "| | answered/s | p50, ms | p99, ms |",
        "|---|---:|---:|---:|",
    ]
    for name, load in ((f"peak, {PEAK_CONNECTIONS} connections", peak), (f"{OVERLOAD} times that, open loop", over)):
        lines.append(f"| {name} | {load.goodput:,.0f} | {ms(load.percentile(50))} | {ms(load.percentile(99))} |")
    refused = f"Refused: p50 {ms(percentile(over.refused, 50))} ms, p99 {ms(percentile(over.refused, 99))} ms. By status: {told}."
    return "\n".join([*lines, "", f"Goodput under overload: {over.goodput / peak.goodput:.0%} of the peak. {refused}", ""])


def checked(load: Load) -> Load:
    """An answer that is refused has no speed."""
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not every call was answered: {load.statuses}")
    return load


def ms(seconds: float) -> str:
    return f"{seconds * MILLISECONDS:,.1f}"


if __name__ == "__main__":
    sys.exit(main())
