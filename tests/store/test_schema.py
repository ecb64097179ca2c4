"""Migrations make what the code asks for; several processes may start at once; what cannot be used refuses the start in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.settings import SettingsError
from app.store.database import Database
from app.store.tables import card_feedback, job, metadata, secret
from tests.house.tree import ROOT
from tests.store.kept import connected, rows

STARTERS = 4
START = "import sys; from app.store.database import Database; print(Database(sys.argv[1]).generated_key)"


def test_the_migrations_make_the_tables_that_are_asked(url: str) -> None:
    Database(url)
    with connected(url) as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"include_name": ours}), metadata) == []
        assert {column["name"] for column in sa.inspect(connection).get_columns("card_feedback")} == set(card_feedback.columns.keys())


def ours(name: str | None, kind: str, parents: object) -> bool:
    return kind != "table" or name != "alembic_version"


def test_several_processes_may_start_at_once_over_an_empty_database(url: str) -> None:
    command = [sys.executable, "-c", START, url]
    starters = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(STARTERS)]
    answers = [starter.communicate() for starter in starters]
    assert [errors for _, errors in answers] == [""] * STARTERS
    assert len({key for key, _ in answers}) == 1
    assert len(rows(url, secret)) == 1


def test_starting_again_changes_nothing(url: str) -> None:
    first, second = Database(url).generated_key, Database(url).generated_key
    assert first == second
    assert len(rows(url, job)) == 3


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    Database(url)
    with connected(url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    assert refusal(url) == "VACDS_DATABASE_URL: the database was made by a newer version of this service"


def refusal(url: str) -> str:
    with pytest.raises(SettingsError) as refused:
        Database(url)
    return str(refused.value)


def test_sqlite_is_in_wal_mode(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    Database(url)
    with connected(url) as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_what_is_kept_in_memory_is_refused() -> None:
    for url in ("sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true", "sqlite:///file:x?mode=memory&uri=true"):
        assert refusal(url).startswith("VACDS_DATABASE_URL: must name a file")


def damaged(path: Path) -> None:
    """Pages in the middle are overwritten; the head is whole."""
    Database(f"sqlite:///{path}")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 3 * 4096)


UNUSABLE = {
    "not a database": (lambda path: path.write_bytes(b"not a database at all, but long enough to be looked at" * 40), ""),
    "damaged": (damaged, ""),
    "a folder": (lambda path: path.mkdir(), ""),
    "in no folder": (lambda path: None, "/no/such/place.sqlite3"),
    "read only": (lambda path: Database(f"sqlite:///{path}"), "?mode=ro&uri=true"),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_the_service_does_not_start_over_a_file_that_it_cannot_use(tmp_path: Path, kind: str) -> None:
    """Fault 26. One line that names the variable, and neither its value nor a traceback."""
    path = tmp_path / "secret-place.sqlite3"
    make, rest = UNUSABLE[kind]
    make(path)  # type: ignore[no-untyped-call]
    url = f"sqlite:///file:{path}{rest}" if rest.startswith("?") else f"sqlite:///{path}{rest}"
    assert_does_not_start(url)


def test_the_service_does_not_start_without_its_server() -> None:
    """Fault 26."""
    assert_does_not_start("postgresql://secret-place:hunter2@127.0.0.1:9/secret-place")


def test_the_service_does_not_start_where_it_may_not_write(cluster: object) -> None:
    """Fault 26."""
    url = cluster.new_schema()  # type: ignore[attr-defined]
    assert_does_not_start(f"{url}%20-cdefault_transaction_read_only%3Don")


def assert_does_not_start(url: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    environment = {**clean, "VACDS_MODE": "demo", "VACDS_PORT": "0", "VACDS_DATABASE_URL": url}
    done = subprocess.run([sys.executable, "-m", "app"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("vertebral-augmentation-cds does not start. VACDS_DATABASE_URL: the database ")
    assert "secret-place" not in line
    assert "hunter2" not in line
