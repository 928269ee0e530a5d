"""Alembic's entry: runs the migrations on the connection and in the transaction that `migrate` opened."""

from alembic import context

from docstage.store.content_tables import content

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=content.metadata,
    include_schemas=True,
    transactional_ddl=True,  # on SQLite too: `database` begins its transactions itself
)
context.run_migrations()
