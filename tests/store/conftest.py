"""Both databases for real: a SQLite file, and a PostgreSQL server of our own on loopback."""

import glob
import os
import pwd
import socket
import subprocess
from collections.abc import Iterator
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

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, name: str) -> str:
        return f"postgresql://vacds@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        name = f"vacds_{os.getpid()}_{next(_names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    if not POSTGRESQL:
        pytest.skip("PostgreSQL is not installed (Debian: the package postgresql)")
    programs = Path(POSTGRESQL[-1])
    with TemporaryDirectory(prefix="vacds-postgresql-") as folder:
        user = _server_user(folder)
        data = f"{folder}/data"
        _run([programs / "initdb", "--auth=trust", "--username=vacds", "--no-sync", "-D", data], user)
        port = _free_port()
        options = f"-h 127.0.0.1 -p {port} -k '' -c fsync=off -c max_connections=60"
        _run([programs / "pg_ctl", "-w", "-t", START_SECONDS, "-D", data, "-l", f"{folder}/log", "-o", options, "start"], user)
        try:
            yield Cluster(port)
        finally:
            _run([programs / "pg_ctl", "-w", "-m", "immediate", "-D", data, "stop"], user)


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
    return cluster.new_database()
