"""`python -m app.store.audit_export`: the audit record of VACDS_DATABASE_URL as AuditEvents, one a line (NDJSON), oldest first."""

import sys
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from app.settings import SettingsError, read_settings
from app.store.addresses import at_start, read_url
from app.store.audit_event import audit_event
from app.store.tables import audit

AT_ONCE = 1_000


def lines(url: str) -> Iterator[bytes]:
    engine = sa.create_engine(at_start(read_url(url)), execution_options={"yield_per": AT_ONCE})
    with engine.connect() as connection:
        for row in connection.execute(sa.select(audit).order_by(audit.c.id)).mappings():
            yield msgspec.json.encode(audit_event(dict(row))) + b"\n"
    engine.dispose()


def main() -> int:
    try:
        url = read_settings().database_url
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.buffer.writelines(lines(url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
