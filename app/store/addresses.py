"""VACDS_DATABASE_URL in the words of the two drivers: one for the start, one for the event loop."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.settings import SettingsError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DRIVERS = {SQLITE: ("pysqlite", "aiosqlite"), POSTGRESQL: ("psycopg", "psycopg")}
BUSY_SECONDS = 0.25
CONNECT_SECONDS = 2


def read_url(text: str) -> sa.URL:
    """The address, without a driver; SettingsError where it is none, or names a database that would be gone with the process."""
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise unusable("is not a database URL") from None
    url = url.set(drivername=url.get_backend_name())
    if url.drivername == SQLITE and sqlite_file(url) is None:
        raise unusable("must name a file: what is in memory is seen by one process and kept by none")
    return url


def sqlite_file(url: sa.URL) -> Path | None:
    """None for a database in memory, and where there is no file as with PostgreSQL."""
    name = (url.database or "").removeprefix("file:")
    return None if url.drivername != SQLITE or name in ("", ":memory:") or url.query.get("mode") == "memory" else Path(name)


def at_start(url: sa.URL) -> sa.URL:
    return url.set(drivername=f"{url.drivername}+{DRIVERS[url.drivername][0]}")


def on_the_loop(url: sa.URL) -> sa.URL:
    return url.set(drivername=f"{url.drivername}+{DRIVERS[url.drivername][1]}")


def connect_arguments(url: sa.URL) -> dict[str, Any]:
    """How long is waited: for another's lock on SQLite, for a server that does not answer."""
    return {"timeout": BUSY_SECONDS} if url.drivername == SQLITE else {"connect_timeout": CONNECT_SECONDS}


def unusable(why: str) -> SettingsError:
    return SettingsError(f"VACDS_DATABASE_URL: {why}")
