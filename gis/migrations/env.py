"""Alembic's entry: one connection, one transaction, the version kept in schema gis."""

from alembic import context
from sqlalchemy import create_engine, pool, text

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.begin() as connection:
    connection.execute(text("create schema if not exists gis"))
    context.configure(
        connection=connection, target_metadata=None, version_table_schema="gis", version_table="migration"
    )
    context.run_migrations()
