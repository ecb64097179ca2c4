"""Where Alembic starts. The connection and its transaction are the caller's: all steps are taken, or none."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
