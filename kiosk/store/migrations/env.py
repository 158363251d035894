"""How Alembic reaches the device's database: over the connection, and in the transaction, that `kiosk.store` began."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
