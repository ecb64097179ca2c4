"""One server process on one core, and how much CPU it has used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

START_SECONDS = 60.0
PAUSE_SECONDS = 0.1
NANOSECONDS = 1e9

BARE = (
    "uvicorn",
    "bench.bare:app",
    "--loop",
    "uvloop",
    "--http",
    "httptools",
    "--no-access-log",
    "--log-level",
    "warning",
    "--timeout-keep-alive",
    "75",
)


class Server:
    """A listening process. `core` is where it was pinned; `port` is on loopback."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)

    def cpu_seconds(self) -> float:
        """User and system time of every thread so far; scheduler statistics where the kernel keeps them, else clock ticks."""
        threads = Path(f"/proc/{self.process.pid}/task")
        if (threads / str(self.process.pid) / "schedstat").exists():
            return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads.iterdir()) / NANOSECONDS
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def get(self, path: str) -> bytes:
        return self.request("GET", path, None)

    def post(self, path: str, body: bytes) -> bytes:
        return self.request("POST", path, body)

    def request(self, method: str, path: str, body: bytes | None) -> bytes:
        self.connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path} answered {response.status}: {answer[:300].decode(errors='replace')}")
        return answer

    def cpu_per_call(self, path: str, body: bytes, calls: int) -> float:
        """Seconds of server CPU for one call, over `calls` calls one after the other on one connection."""
        before = self.cpu_seconds()
        for _ in range(calls):
            self.post(path, body)
        return (self.cpu_seconds() - before) / calls


def cores() -> tuple[int, int]:
    """One core for the server and one for the client; the same one where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(module: Sequence[str], environment: Mapping[str, str], live: str | None) -> Iterator[Server]:
    """`python -m module` pinned to the server's core, ready when `live` answers (or when the port does); ended on the way out."""
    port = free_port()
    core = str(cores()[0])
    command = ["taskset", "--cpu-list", core, sys.executable, "-m", *module]
    arguments = ["--port", str(port)] if module[0] == "uvicorn" else []
    with ExitStack() as ending:
        database = f"sqlite:///{ending.enter_context(TemporaryDirectory())}/kept.sqlite3"
        own = {"VACDS_HOST": "127.0.0.1", "VACDS_PORT": str(port), "VACDS_DATABASE_URL": database}
        settings = {**os.environ, **environment, **own}
        process = subprocess.Popen([*command, *arguments], env=settings, stdout=subprocess.DEVNULL)
        ending.callback(process.wait)
        ending.callback(process.terminate)
        server = Server(process, port)
        ending.callback(server.connection.close)
        wait_until_ready(server, live)
        yield server


def wait_until_ready(server: Server, live: str | None) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(server, live):
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended with {server.process.returncode} before it listened")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server did not listen within {START_SECONDS:.0f} s")
        time.sleep(PAUSE_SECONDS)


def answers(server: Server, live: str | None) -> bool:
    try:
        if live is None:
            server.connection.connect()
        else:
            server.get(live)
    except ConnectionRefusedError:
        server.connection.close()
        return False
    return True
