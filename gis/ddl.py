"""What SQLAlchemy cannot say about the schema: extensions, functions, triggers, the case-number sequence, and the rights of the roles.

`create_all` gives a database this shape from the models; the migrations must give the very same (tests/integration/test_migrations.py).
"""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, Table, text

from gis.db import APPLICATION_ROLE, SCHEMAS, metadata
from gis.register import details

EXTENSIONS = ("postgis", "btree_gist", "pg_trgm", "pgrouting")
VIEWS = {
    "gis.seen_asset": "select, update",
    "gis.open_asset": "select",
    "dispatch.seen_case": "select",
    "gis.acting": "select",
    "dispatch.seen_fact": "select",
}
"""Views, and what the application does with them; locking a row for a change is an update."""


def create_all(db: Connection) -> None:
    """Build the whole schema in an empty database. The caller owns the database."""
    for extension in EXTENSIONS:
        db.execute(text(f"create extension if not exists {extension}"))
    for schema in SCHEMAS:
        db.execute(text(f"create schema if not exists {schema}"))
    db.exec_driver_sql(_script("before_tables"))
    metadata.create_all(db)
    db.exec_driver_sql(_script("after_tables"))
    db.exec_driver_sql(details.functions().replace("%", "%%"))
    for statement in rights():
        db.execute(text(statement))


def rights() -> list[str]:
    """GRANT statements: the application reads and writes rows, appends to history, and alters nothing."""
    statements = [f"grant usage on schema {schema} to {APPLICATION_ROLE}" for schema in SCHEMAS]
    statements += [
        f"grant {_verbs(table)} on {table.fullname} to {APPLICATION_ROLE}" for table in metadata.sorted_tables
    ]
    statements += [f"grant {verbs} on {view} to {APPLICATION_ROLE}" for view, verbs in VIEWS.items()]
    statements += [
        f"grant usage, select on all sequences in schema {schema} to {APPLICATION_ROLE}" for schema in SCHEMAS
    ]
    return statements


def _verbs(table: Table) -> str:
    if table.info.get("read_only"):
        return "select"
    return "select, insert" if table.info.get("append_only") else "select, insert, update, delete"


def _script(name: str) -> str:
    return files("gis").joinpath("migrations", f"{name}.sql").read_text(encoding="utf-8").replace("%", "%%")
