"""One play: the service in a folder of its own, the FHIR servers it may ask, a collector of its traces, and what was left where."""

import sqlite3
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from tests.faults.certificate import self_signed
from tests.faults.fault_server import FaultServer, listening
from tests.watch.calls import Authorise, Caller, hits, made_up_token
from tests.watch.collector import Collector, collecting
from tests.watch.markers import Markers
from tests.watch.process import Process, running

KEPT = (
    ("audit", "user"), ("feedback", "card"), ("feedback", "suggestions"), ("feedback", "reason_code"), ("feedback", "reason_system"),
)  # fmt: skip
SINKS = {"stdout", "stderr", "metrics", "spans", "database", "temporary files", "other files", "answers"}


class Stage:
    """`fhir` speaks plain HTTP, `certified` TLS with the certificate in `folder`. Nothing runs before `plays`."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self._ending = ending
        self.markers = Markers()
        self.collector: Collector = ending.enter_context(collecting())
        self.fhir: FaultServer = ending.enter_context(listening(FaultServer([])))
        self.certified: FaultServer = ending.enter_context(listening(FaultServer([]), self_signed(folder)))
        self.folder = folder / "service"
        self.folder.mkdir()

    def plays(self, environment: Mapping[str, str], module: str = "app", authorise: Authorise | None = None) -> None:
        kept = {"VACDS_DATABASE_URL": f"sqlite:///{self.folder}/kept.sqlite3"}
        traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.address, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        self.process: Process = self._ending.enter_context(running(self.folder, {**kept, **traced, **environment}, module))
        self.caller = Caller(self.process.port(), self.markers, authorise or made_up_token(self.markers))
        self._ending.callback(self.caller.close)

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
        found = hits(sinks, self.markers, self.caller.secrets, self.kept() & self.caller.keepable)
        return {**found, "answers": len(self.caller.leaks)}

    def kept(self) -> set[bytes]:
        """The markers in the columns that are there for what a client or a user says."""
        with closing(sqlite3.connect(self.folder / "kept.sqlite3")) as database:
            return {
                mark
                for table, column in KEPT
                for (value,) in database.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608 - names of ours
                for mark in self.markers.of(str(value).encode())
            }
