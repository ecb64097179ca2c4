"""`python -m app` in production mode, with its worker processes, as a supervisor or a container starts it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.faults.fault_server import eventually
from tests.service import Client, Service

PROJECT = Path(__file__).parents[2]
STOP_SECONDS = 60
CONNECTIONS = 30


class Process:
    """The supervisor and its workers; what they logged, once they have ended."""

    def __init__(self, started: "subprocess.Popen[str]", port: int) -> None:
        self.service = Service(port)
        self._started = started

    def workers(self) -> list[int]:
        """Process ids. Python's own resource tracker is a child, too, and no worker."""
        children = Path(f"/proc/{self._started.pid}/task/{self._started.pid}/children").read_text().split()
        return [int(child) for child in children if b"spawn_main" in _command(int(child))]

    def takes_calls_in(self, number: int) -> bool:
        """Whether there are so many workers, and each takes some of many connections."""
        workers = self.workers()
        idle = [sockets_of(worker) for worker in workers]
        with connected(self, CONNECTIONS):
            busy = [sockets_of(worker) for worker in workers]
        return len(workers) == number and all(after > before for before, after in zip(idle, busy, strict=True))

    def is_ready(self) -> bool:
        try:
            with self.service.client() as client:
                return client.get("/readyz").status == 200
        except OSError:
            return False

    def stop(self) -> tuple[int, str]:
        """What it ended with, and its log."""
        self._started.send_signal(signal.SIGTERM)
        _, log = self._started.communicate(timeout=STOP_SECONDS)
        return self._started.returncode, log


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def patiently(is_so: Callable[[], bool]) -> bool:
    """Whether it becomes so. To start takes a process many seconds on a busy machine."""
    return any(eventually(is_so) for _ in range(5))


def sockets_of(pid: int) -> int:
    """How many sockets a process holds open; none where it has ended."""
    try:
        return sum(os.readlink(link).startswith("socket:") for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def environment(folder: Path, clients: Path, **variables: object) -> dict[str, str]:
    """What production mode needs, and nothing of this machine's own settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    ours = {
        "CLIENTS_FILE": clients,
        "PUBLIC_URL": "https://cds.example.org",
        "DATABASE_URL": f"sqlite:///{folder / 'store.sqlite3'}",
        **variables,
    }
    return {**clean, **{f"VACDS_{name}": str(value) for name, value in ours.items()}}


def ended(variables: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "app"], cwd=PROJECT, env=variables, capture_output=True, text=True, timeout=STOP_SECONDS, check=False
    )


@contextmanager
def started(variables: Mapping[str, str]) -> Iterator[Process]:
    """Running and ready until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = subprocess.Popen(
        [sys.executable, "-m", "app"],
        cwd=PROJECT,
        env={**variables, "VACDS_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    process = Process(command, port)
    try:
        assert patiently(lambda: command.poll() is not None or process.is_ready())
        assert command.poll() is None, command.communicate()[1]
        yield process
    finally:
        if command.poll() is None:
            os.killpg(command.pid, signal.SIGKILL)
        command.communicate()


@contextmanager
def connected(process: Process, number: int) -> Iterator[list[Client]]:
    """So many open connections."""
    clients = [Client(process.service.port) for _ in range(number)]
    try:
        for client in clients:
            assert client.get("/livez").status == 200
        yield clients
    finally:
        for client in clients:
            client.close()


@contextmanager
def spread(process: Process, number: int) -> Iterator[list[Client]]:
    """So many open connections, of which each worker holds some. The kernel chooses who takes one: they are opened again until it is so."""
    with ExitStack() as opened:
        clients: list[Client] = []

        def each_worker_holds_some() -> bool:
            opened.close()
            workers = process.workers()
            idle = [sockets_of(worker) for worker in workers]
            clients[:] = opened.enter_context(connected(process, number))
            return all(sockets_of(worker) > before for worker, before in zip(workers, idle, strict=True))

        assert patiently(each_worker_holds_some)
        yield clients
