"""What a trace tells, and that nobody waits for whoever collects it (trust.md 3, fault 27)."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from app import reference_patient
from app.examples import HOOK
from app.observability import traces
from app.order_examples import SIGN
from app.settings import SettingsError
from tests.faults.call import whole_prefetch
from tests.faults.fault_server import FaultServer, listening
from tests.watch.collector import collecting
from tests.watch.markers import as_of_today
from tests.watch.process import PROJECT, Process, running
from tests.watch.test_page import section

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
DEMO = {"VACDS_MODE": "demo", "OTEL_BSP_SCHEDULE_DELAY": "50"}
TOLD = {*section("Traces").replace("|", " ").split()}
CALLS = 80


def post(process: Process, address: str, body: object, **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", process.port())
    try:
        connection.request("POST", address, msgspec.json.encode(body), {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def attributes(span: Span) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def test_a_call_is_a_span_and_each_type_that_is_fetched_one_below_it(tmp_path: Path) -> None:
    """The spans' attributes are those on the page; none is continued from a caller's headers."""
    chart = [entry["resource"] for entry in reference_patient.bundle(as_of_today(reference_patient.prefetch()))["entry"]]
    theirs = "0af7651916cd43dd8448eb211c80319c"
    with ExitStack() as ending:
        collector = ending.enter_context(collecting())
        fhir = ending.enter_context(listening(FaultServer(chart)))
        environment = {**DEMO, ENDPOINT: collector.address, "VACDS_FHIR_BASES": fhir.address}
        process = ending.enter_context(running(tmp_path, environment))
        call = {**reference_patient.hook_request({}), "fhirServer": fhir.address}
        status, _ = post(process, HOOK, call, traceparent=f"00-{theirs}-b7ad6b7169203331-01", tracestate="a=b", baggage="a=b")
        process.get("/livez")
        post(process, SIGN, {})
        process.stop()
    assert status == 200
    spans = collector.spans()
    (whole,) = (span for span in spans if span.name == f"POST {HOOK}")
    told = attributes(whole)
    assert (told["vacds.outcome"], told["vacds.criteria.met"], told["vacds.cards"]) == ("criteria-met", 9, 1)
    fetches = [span for span in spans if span.name.startswith("fetch ")]
    assert {span.parent_span_id for span in fetches} == {whole.span_id}
    assert {"fetch Patient", "fetch Condition", "fetch Observation"} <= {span.name for span in fetches}
    assert {span.name for span in spans} - {span.name for span in fetches} == {f"POST {HOOK}", f"POST {SIGN}"}
    assert {f"`{key}`" for span in spans for key in attributes(span)} <= {word.rstrip(",") for word in TOLD}
    assert not any(span.trace_id.hex() == theirs or span.trace_state or span.events for span in spans)
    assert whole.parent_span_id == b""


@contextmanager
def nobody() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    yield port


@contextmanager
def somebody_who_never_answers() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("collector", [nobody, somebody_who_never_answers], ids=["down", "hangs"])
def test_a_collector_that_is_down_or_hangs_holds_up_nobody(collector, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Fault 27. More spans than wait in line, and then the end: all calls are answered, and the end comes."""
    body = reference_patient.hook_request(whole_prefetch())
    with collector() as port:
        environment = {
            **DEMO,
            ENDPOINT: f"http://127.0.0.1:{port}",
            "OTEL_BSP_MAX_QUEUE_SIZE": "50",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
        }
        with running(tmp_path, environment) as process:
            assert {post(process, HOOK, body)[0] for _ in range(CALLS)} == {200}
            assert process.stop() in (0, -15)


def test_it_is_off_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in traces.ENDPOINTS:
        monkeypatch.delenv(name, raising=False)
    assert not traces.are_wanted()
    traces.check()
    with traces.of_fetch("Condition") as span:
        assert not span.is_recording()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (ENDPOINT, "collector:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(ENDPOINT, "http://collector:4318")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: .+") as refused:
        traces.check()
    assert value not in str(refused.value)


def test_asked_for_and_not_installed_it_does_not_start() -> None:
    """One line that says what is missing."""
    without = "import sys; sys.modules['opentelemetry.sdk'] = None; from app.__main__ import main; sys.exit(main())"
    environment = {**DEMO, ENDPOINT: "http://127.0.0.1:4318", "VACDS_PORT": "0"}
    refused = subprocess.run([sys.executable, "-c", without], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert f"{ENDPOINT}: traces need the packages of requirements-otel.lock" in line
