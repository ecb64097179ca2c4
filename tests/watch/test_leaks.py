"""Nothing of a patient, a token or a caller's text gets where it does not belong (trust.md 2.3).

Every string that reaches the service is a marker that occurs nowhere else: in requests, headers, addresses, tokens, and in what FHIR
servers say. All routes and hooks are asked, everything fails that can fail, and then every place is looked through that something
could have been left in. A hook's answer may hold strings of its own call in its cards and its Evaluation, and nothing else may.
"""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import reference_patient
from tests.faults.certificate import self_signed
from tests.faults.fault_server import FaultServer, listening
from tests.watch.calls import Caller, hits, made_up_token
from tests.watch.collector import Collector, collecting
from tests.watch.markers import Filler, Markers
from tests.watch.process import Process, running
from tests.watch.world import ask_about, ask_everything, ask_from, whole_calls

SINKS = {"stdout", "stderr", "metrics", "spans", "database", "temporary files", "other files", "answers"}


class Stage:
    """The service in a folder of its own, the FHIR server that it may ask, and a collector for its traces."""

    def __init__(self, folder: Path, module: str, ending: ExitStack) -> None:
        self.markers = Markers()
        self.collector: Collector = ending.enter_context(collecting())
        self.fhir: FaultServer = ending.enter_context(listening(FaultServer([])))
        certified = ending.enter_context(listening(FaultServer([]), self_signed(folder)))
        self.untrusted = [
            certified.address.replace("http:", "https:"),
            self.fhir.address.replace("http:", "https:"),
            "http://nowhere.invalid/fhir",
        ]
        self.folder = folder / "service"
        self.folder.mkdir()
        self.process: Process = ending.enter_context(running(self.folder, self.environment(), module))
        self.caller = Caller(self.process.port(), self.markers, made_up_token(self.markers))
        ending.callback(self.caller.close)

    def environment(self) -> dict[str, str]:
        return {
            "VACDS_MODE": "demo",
            "VACDS_PUBLIC_URL": "http://cds.example",
            "VACDS_DATABASE_URL": f"sqlite:///{self.folder}/kept.sqlite3",
            "VACDS_FHIR_BASES": ",".join([self.fhir.address, *self.untrusted]),
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.address,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }

    def summary(self) -> str:
        statuses = self.caller.statuses
        told = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
        return f"{self.markers.made} markers in {statuses.total()} calls ({told}): {self.caller.allowed} where they may be"

    def leaks(self) -> dict[str, int]:
        """By sink, after the end of the process."""
        metrics = self.process.get("/metrics")
        assert self.process.stop() in (0, -15)
        files = {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        sinks = {
            "stdout": [files.pop("stdout")],
            "stderr": [files.pop("stderr")],
            "metrics": [metrics],
            "spans": self.collector.bodies,
            "database": [files.pop(name) for name in [*files] if name.startswith("kept.sqlite3")],
            "temporary files": [files.pop(name) for name in [*files] if name.startswith("temporary/")],
            "other files": files.values(),
        }
        return {**hits(sinks, self.markers, self.caller.secrets), "answers": len(self.caller.leaks)}


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_nothing_that_was_sent_is_left_anywhere(tmp_path: Path, ending: ExitStack, capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(tmp_path, "app", ending)
    ask_everything(stage.caller)
    ask_about(stage.caller, stage.fhir, stage.fhir.address)
    for address in (*stage.untrusted, f"https://{stage.markers.new()}.example/fhir", stage.markers.new()):
        ask_from(stage.caller, address, Filler(stage.markers).filled(reference_patient.hook_request({})), {})
    leaks = stage.leaks()
    with capsys.disabled():
        sys.stdout.write(f"\n{stage.summary()}; elsewhere {leaks}\n")
    assert stage.caller.leaks == []
    assert leaks == dict.fromkeys(SINKS, 0)
    assert stage.caller.allowed > 100, "what is looked for must be seen where it may be"
    assert set(stage.caller.statuses) >= {200, 400, 404, 405, 412, 413, 415}
    assert len(stage.collector.spans()) > 100


def test_what_nobody_foresaw_tells_nothing_either(tmp_path: Path, ending: ExitStack) -> None:
    stage = Stage(tmp_path, "tests.watch.broken", ending)
    for address, body in whole_calls().items():
        stage.caller.post(address, Filler(stage.markers).filled(body))
    assert stage.caller.statuses[500] == 4
    assert stage.leaks() == dict.fromkeys(SINKS, 0)
    assert stage.process.log.count('"event":"unforeseen"') == 4


def test_a_leak_into_any_of_these_places_is_seen(tmp_path: Path, ending: ExitStack) -> None:
    """The tests above would pass if nobody looked: here every place has a leak."""
    stage = Stage(tmp_path, "tests.watch.leaky", ending)
    for address, body in whole_calls().items():
        stage.caller.post(address, Filler(stage.markers).filled(body))
    stage.caller.send("GET", "/nowhere")
    (stage.folder / "kept.sqlite3").write_text(stage.markers.new())
    assert {sink for sink, count in stage.leaks().items() if count} == SINKS
