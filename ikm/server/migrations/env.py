"""Alembic's entry: runs the revisions inside the transaction that `migrate` opened."""

from alembic import context

from ikm.server.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
