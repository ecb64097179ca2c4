"""Both databases for real: a SQLite file, and a PostgreSQL server of our own on loopback."""

import glob
import os
import pwd
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

POSTGRESQL = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
DATABASES = ("sqlite", "postgresql")
START_SECONDS = "60"
_names = count(1)


class Cluster:
    """A PostgreSQL server that this test run started, for itself alone."""

    gone = "OperationalError"  # what is said where nobody listens

    def __init__(self, port: int, pg_ctl: Callable[..., None]) -> None:
        self.port = port
        self._pg_ctl = pg_ctl

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k '' -c fsync=off -c max_connections=60"
        self._pg_ctl("-o", options, "start")

    def stop(self) -> None:
        self._pg_ctl("-m", "immediate", "stop")

    @property
    def url(self) -> str:
        return f"postgresql://vacds@127.0.0.1:{self.port}/postgres"

    def new_schema(self) -> str:
        """As good as an empty database, and made in no time."""
        name = f"test_{next(_names)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url}?options=-csearch_path%3D{name}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if not POSTGRESQL:
        pytest.skip("PostgreSQL is not installed (Debian: the package postgresql)")
    programs = Path(POSTGRESQL[-1])
    with TemporaryDirectory(prefix="vacds-postgresql-") as folder:
        user = _server_user(folder)
        data = f"{folder}/data"
        _run([programs / "initdb", "--auth=trust", "--username=vacds", "--no-sync", "-D", data], user)

        def pg_ctl(*words: str) -> None:
            _run([programs / "pg_ctl", "-w", "-t", START_SECONDS, "-D", data, "-l", f"{folder}/log", *words], user)

        started = Cluster(_free_port(), pg_ctl)
        started.start()
        try:
            yield started
        finally:
            started.stop()


def _server_user(folder: str) -> int | None:
    """PostgreSQL does not run as root: then the user that its package made."""
    if os.getuid() != 0:
        return None
    with suppress(KeyError):
        user = pwd.getpwnam("postgres").pw_uid
        os.chown(folder, user, -1)
        return user
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres")


def _run(command: list[Path | str], user: int | None) -> None:
    done = subprocess.run(command, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.new_schema()
