"""The service as a process of its own, in a folder of its own, with everything that leaves it kept."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.faults.fault_server import eventually

PROJECT = Path(__file__).parents[2]
LISTENING = re.compile(r"running on http://127\.0\.0\.1:(\d+)")
STOP_SECONDS = 15


class Process:
    """`folder` is its working folder, its home and its place for temporary files; what it says is in two files there."""

    def __init__(self, folder: Path, module: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        (folder / "temporary").mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("VACDS_", "OTEL_"))}
        own = {"PYTHONPATH": str(PROJECT), "TMPDIR": str(folder / "temporary"), "HOME": str(folder), "PYTHONUNBUFFERED": "1"}
        with (folder / "stdout").open("wb") as said, (folder / "stderr").open("wb") as told:
            self._started = subprocess.Popen(
                [sys.executable, "-m", module], cwd=folder, env={**inherited, **own, **environment}, stdout=said, stderr=told
            )

    @property
    def pid(self) -> int:
        return self._started.pid

    @property
    def log(self) -> str:
        return (self.folder / "stderr").read_text()

    def port(self) -> int:
        """Where it listens, as soon as it says so."""
        assert eventually(lambda: LISTENING.search(self.log) is not None or self._started.poll() is not None)
        found = LISTENING.search(self.log)
        assert found is not None, self.log
        return int(found[1])

    def get(self, address: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port())
        try:
            connection.request("GET", address)
            return connection.getresponse().read()
        finally:
            connection.close()

    def kill(self) -> None:
        self._started.kill()
        self._started.wait()

    def stop(self) -> int:
        """Its exit code; it is told to stop, and killed where it does not."""
        self._started.send_signal(signal.SIGTERM)
        try:
            return self._started.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._started.returncode


@contextmanager
def running(folder: Path, environment: Mapping[str, str], module: str = "app") -> Iterator[Process]:
    process = Process(folder, module, {"VACDS_PORT": "0", **environment})
    try:
        yield process
    finally:
        process.stop()
