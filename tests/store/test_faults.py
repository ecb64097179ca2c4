"""Faults 20, 24 to 26, 31: the store fails, hooks are answered, feedback is to be sent again, /readyz says why (docs/faults.md)."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa

import guidelines.ta279
from app.examples import HOOK
from app.main import build_house
from app.routes.operations import GOOD_FOR_SECONDS
from app.rules import Rules
from app.settings import Mode, Settings, SettingsError
from app.store.database import Database
from app.store.tables import audit, call, decision, feedback
from tests.conformance.calls import diagnostics
from tests.house.tree import ROOT
from tests.service import Answer, Client
from tests.store import kept
from tests.store.kept import ask, card_of, client, connected, counts, house, item, rows, tell

START_SECONDS = 60
TMPFS_BYTES = 1_500_000


def assert_only_the_store_fails(connection: Client, why: str) -> None:
    """Cards as ever; feedback may be sent again; not ready, and why; alive. What /readyz said before is forgotten by then."""
    sleep(GOOD_FOR_SECONDS)
    assert card_of(ask(connection))
    answer = tell(connection, *(item(f"{number}" * 200) for number in range(9)))
    assert (answer.status, answer.headers["retry-after"], answer.json["issue"][0]["code"]) == (503, "5", "transient")
    assert why in diagnostics(answer)
    ready = connection.get("/readyz")
    assert (ready.status, diagnostics(ready)) == (503, f"the store cannot be written ({why})")
    assert connection.get("/livez").status == 200


LOCKED = {"sqlite": "SQLITE_BUSY", "postgresql": "TimeoutError"}


def test_24_a_locked_database_holds_up_no_hook_and_no_feedback_for_long(url: str) -> None:
    with client(url) as connection:
        with connected(url) as other:
            kept.lock(other)
            assert_only_the_store_fails(connection, LOCKED[other.dialect.name])
        assert readyz_now(connection).status == 200 or wait_until_ready(connection)
        assert tell(connection, item("again")).status == 200
    assert counts(url, call, feedback) == {"call": 1, "feedback": 1}


def wait_until_ready(connection: Client) -> bool:
    """What failed last counts until something is kept again, or for a while."""
    return tell(connection, item("again")).status == 200 and readyz_now(connection).status == 200


def readyz_now(connection: Client) -> Answer:
    """What it says may be a second old."""
    sleep(GOOD_FOR_SECONDS)
    return connection.get("/readyz")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a file system cannot be mounted here (root may)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_25_a_full_disk(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/store.sqlite3"
    with client(url) as connection:
        assert connection.get("/readyz").status == 200
        fill(small_disk)
        keep_until_it_is_full(connection)
        assert_only_the_store_fails(connection, "SQLITE_FULL")
        (small_disk / "filler").unlink()
        assert wait_until_ready(connection)
    assert rows(url, feedback)[-1]["card"] == "again"


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb") as filler:
        filler.write(b"\0" * shutil.disk_usage(folder).free)


def keep_until_it_is_full(connection: Client) -> None:
    """What the file already has room for may still be written: that is no lie."""
    for number in range(2_000):
        if tell(connection, item(f"{number} {'x' * 200}")).status != 200:
            return
    raise AssertionError("the disk is never full")


def test_25_pages_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same error, where no file system can be mounted."""
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    Database(url)
    with connected(url) as other:
        pages = other.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limited(connection: Any, record: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr("app.store.database._synchronous_normal", limited)
    with client(url) as connection:
        keep_until_it_is_full(connection)
        assert_only_the_store_fails(connection, "SQLITE_FULL")


def test_25_a_server_that_may_not_write(cluster: Any) -> None:
    """What PostgreSQL is after its disk was full, or when it has become a standby."""
    url = cluster.new_schema()
    with client(url) as connection:
        with connected(cluster.url) as other:
            other.execution_options(isolation_level="AUTOCOMMIT")
            other.execute(sa.text("ALTER DATABASE postgres SET default_transaction_read_only = on"))
            end_sessions(other)
            try:
                assert_only_the_store_fails(connection, "25006")
            finally:
                other.execute(sa.text("SET default_transaction_read_only = off"))
                other.execute(sa.text("ALTER DATABASE postgres SET default_transaction_read_only = off"))
                end_sessions(other)
        assert wait_until_ready(connection)


def end_sessions(connection: sa.Connection) -> None:
    """New ones have the new setting."""
    others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'vacds'"
    connection.execute(sa.text("SELECT pg_terminate_backend(pid) " + others))


@pytest.mark.parametrize("replaced", [False, True])
def test_26_a_file_that_is_deleted_while_it_is_used(tmp_path: Path, replaced: bool) -> None:
    """What is written into a file that nobody can find is not kept."""
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with client(url) as connection:
        assert tell(connection, item("a")).status == 200
        (tmp_path / "store.sqlite3").unlink()
        if replaced:
            (tmp_path / "store.sqlite3").touch()
        assert_only_the_store_fails(connection, "FileNotFoundError")


def test_26_a_server_that_is_gone_and_comes_back(cluster: Any) -> None:
    url = cluster.new_schema()
    with client(url) as connection:
        assert tell(connection, item("a")).status == 200
        cluster.stop()
        try:
            assert_only_the_store_fails(connection, cluster.gone)
        finally:
            cluster.start()
        assert wait_until_ready(connection)


@contextmanager
def process(url: str) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """`python -m app`, asked on its own port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("VACDS_")}
    environment = {**clean, "VACDS_MODE": "demo", "VACDS_PORT": "0", "VACDS_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    started = subprocess.Popen(
        [sys.executable, "-m", "app"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert started.stdout is not None
        words = ""
        while HOOK not in words:
            words += started.stdout.readline()
            assert started.poll() is None, "the service ended"
        with closing(Client(int(words.partition("localhost:")[2].partition("/")[0]))) as connection:
            yield started, connection
    finally:
        started.kill()
        started.communicate()


def test_20_a_process_that_is_killed_leaves_no_half_row(url: str) -> None:
    """A call's rows are written together or not at all; feedback that was answered with 200 is there."""
    answered = 0
    with process(url) as (started, connection):
        deadline = monotonic() + START_SECONDS
        while not rows(url, call):
            assert connection.post(HOOK, kept.call()).status == 200
            assert tell(connection, item(str(answered))).status == 200
            answered += 1
            assert monotonic() < deadline
        started.send_signal(signal.SIGKILL)
        started.wait()
    assert len(rows(url, feedback)) == answered
    written = counts(url, call, decision, audit)
    assert written["call"] == written["decision"] == written["audit"] > 0
    Database(url)


def test_20_a_process_that_is_asked_to_end_writes_what_waits(url: str) -> None:
    with process(url) as (started, connection):
        for _ in range(20):
            assert connection.post(HOOK, kept.call()).status == 200
        connection.close()
        started.terminate()
        started.wait(START_SECONDS)
    assert counts(url, call, decision, audit) == {"call": 20, "decision": 20, "audit": 20}


@pytest.fixture
def rules_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the guideline's folder, taken for the loaded one."""
    folder = Path(shutil.copytree(guidelines.ta279.__path__[0], tmp_path / "ta279"))
    monkeypatch.setattr(guidelines.ta279, "__path__", [str(folder)])
    return folder


DEMO = Settings.model_construct(mode=Mode.DEMO)


def value_set(folder: Path) -> Path:
    return next(iter(sorted(folder.rglob("value_sets/*.json"))))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a value set": lambda folder: value_set(folder).write_bytes(value_set(folder).read_bytes().replace(b"active", b"retired", 1)),
    "a threshold": lambda folder: (folder / "profiles" / "vertos.toml").write_text("[thresholds]\nrecentMaxDays = 365\n"),
    "a rule": lambda folder: (folder / "pain.py").write_text("severe = 0"),
    "a file more": lambda folder: (folder / "value_sets" / "more.json").write_text("{}"),
    "a file less": lambda folder: value_set(folder).unlink(),
    "a file of another name": lambda folder: value_set(folder).rename(folder / "other.json"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_31_a_rule_that_changed_on_disk_is_seen(rules_of_its_own: Path, url: str, change: Callable[[Path], object]) -> None:
    """Those that answer are the ones that were loaded; the next process to start would answer otherwise, so this one is not ready."""
    with kept.serving_with(url, build_house(DEMO)) as connection:
        assert connection.get("/readyz").status == 200
        change(rules_of_its_own)
        answer = readyz_now(connection)
        assert (answer.status, diagnostics(answer)) == (503, "the rules on disk are not those that were loaded at start")
        assert card_of(connection.post(HOOK, kept.call()))
        assert connection.get("/livez").status == 200


def test_31_rules_other_than_those_approved_refuse_the_start(rules_of_its_own: Path) -> None:
    approved = Rules(DEMO).hash
    settings = Settings.model_construct(mode=Mode.DEMO, rules_hash=approved)
    assert build_house(settings).rules.hash == approved == house().rules.hash
    CHANGES["a value set"](rules_of_its_own)
    with pytest.raises(SettingsError) as refused:
        build_house(settings)
    assert str(refused.value) == f"VACDS_RULES_HASH: the rules on disk are others; their hash is {Rules(DEMO).hash}"


def test_31_a_profile_and_an_overlay_of_the_site_are_rules_too(tmp_path: Path) -> None:
    profile, overlay = tmp_path / "ours.toml", tmp_path / "overlay"
    overlay.mkdir()
    found = {Rules(DEMO).hash}
    for text in ("[thresholds]\nrecentMaxDays = 60\n", "[thresholds]\nrecentMaxDays = 61\n"):
        profile.write_text(text)
        found.add(Rules(Settings.model_construct(mode=Mode.DEMO, profile=str(profile))).hash)
    (overlay / "codes.json").write_text("{}")
    found.add(Rules(Settings.model_construct(mode=Mode.DEMO, overlay_dir=overlay)).hash)
    assert len(found) == 4
