"""The database brought to this version's schema when the service starts; several processes may start at once."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 0x7A279  # any number, the same in every process


class NewerSchema(Exception):
    """The database was made by a later version."""


def migrate(connection: sa.Connection) -> None:
    """All steps that are wanting, in the caller's transaction, one process at a time; NewerSchema where it holds unknown ones."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise NewerSchema
    command.upgrade(config, "head")
