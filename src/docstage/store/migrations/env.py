"""Alembic's entry: runs the migrations on the connection and in the transaction that `migrate` opened."""

from alembic import context

from docstage.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_schemas=True,
    transactional_ddl=True,  # on SQLite too: `database` begins its transactions itself
)
context.run_migrations()
