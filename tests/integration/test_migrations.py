"""The migrations and the models give the same database (rule 5); the application's role may not alter it (rule 4)."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.workflow import rows
from gis import ddl
from gis.db import make_engine, metadata, url_of
from tests.support import databases
from tests.support.databases import Cluster, Database

TABLE_MODULES = ("gis.tables", "ingest.tables", "dispatch.tables", "api.tables")


def schema_of(database: Database) -> list[str]:
    """The schema as pg_dump writes it: statements in a stable order, without what differs between any two dumps."""
    address = database.owner.set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(
        ["pg_dump", "--schema-only", "--no-comments", "--exclude-table=gis.migration", address],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PGTZ": "UTC"},
    ).stdout
    kept = [
        line for line in dump.splitlines() if line and not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog"))
    ]
    return sorted(re.split(r";\n", "\n".join(kept)))


def test_models_and_migrations_give_the_same_schema(database: Database, cluster: Cluster) -> None:
    for name in TABLE_MODULES:
        importlib.import_module(name)
    twin = databases.create(cluster, f"{database.name}_models")
    try:
        engine = create_engine(url_of(twin.owner_url))
        with engine.begin() as db:
            ddl.create_all(db)
        engine.dispose()
        from_models, from_migrations = schema_of(twin), schema_of(database)
        assert [s for s in from_models if s not in from_migrations] == []
        assert [s for s in from_migrations if s not in from_models] == []
    finally:
        databases.drop(cluster, twin.name)


def test_the_database_knows_exactly_the_workflow(database: Database) -> None:
    engine = make_engine(database.app_url)
    with engine.connect() as db:
        stored = db.execute(text("select move, from_state, to_state from dispatch.transition order by 1, 2, 3")).all()
    engine.dispose()
    assert [tuple(row) for row in stored] == rows()


def test_the_application_cannot_alter_tables_nor_rewrite_history(database: Database) -> None:
    engine = make_engine(database.app_url)
    appended = [t.fullname for t in metadata.sorted_tables if t.info.get("append_only")]
    assert "dispatch.case_event" in appended
    forbidden = [
        "create table gis.mine (id int)",
        "alter table dispatch.cases add column mine int",
        "drop table dispatch.cases",
        "truncate dispatch.cases",
        "insert into dispatch.transition values ('a', 'b', 'c')",
        *(f"delete from {table}" for table in appended),
        *(f"update {table} set recorded_at = now()" for table in appended),
        "delete from ingest.reading_default",
    ]
    for statement in forbidden:
        with engine.connect() as db, pytest.raises(DBAPIError, match=r"permission denied|must be owner") as refused:
            db.execute(text(statement))
        assert refused.value.orig is not None, statement
    engine.dispose()


def test_trigrams_of_chinese_text_work(database: Database) -> None:
    """With another encoding or locale they are empty, and Chinese search dies silently."""
    engine = make_engine(database.app_url)
    with engine.connect() as db:
        assert len(db.execute(text("select show_trgm('人民路')")).scalar_one()) >= 3
        assert db.execute(text("select '人民路街道' % '人民路'")).scalar_one()
    engine.dispose()


def test_the_previous_commits_database_is_upgraded_with_what_it_holds(
    cluster: Cluster, root: Path, tmp_path: Path, database: Database
) -> None:
    """The migrations of the commit before make a database, rows go in, today's migrations run, the rows are there."""
    earlier = previous_migrations(root, tmp_path)
    old = databases.create(cluster, f"{database.name}_before")
    try:
        script = f"import sys; sys.path.insert(0, {str(earlier)!r}); from gis import migrations; migrations.upgrade({old.owner_url!r})"
        subprocess.run([os.sys.executable, "-c", script], check=True, cwd=earlier)  # type: ignore[attr-defined]
        engine = create_engine(url_of(old.owner_url))
        with engine.begin() as db:
            db.execute(text("insert into gis.unit (code, name) values ('U-1', '照明所')"))
        from gis import migrations

        migrations.upgrade(old.owner_url)
        with engine.connect() as db:
            assert db.execute(text("select name from gis.unit where code = 'U-1'")).scalar_one() == "照明所"
            assert db.execute(text("select version_num from gis.migration")).scalar_one() == migrations.head()
        engine.dispose()
        assert schema_of(old) == schema_of(database)
    finally:
        databases.drop(cluster, old.name)


def previous_migrations(root: Path, target: Path) -> Path:
    """A checkout of gis/ and config/ as the commit before left them; today's where there is no history to ask."""
    rev = subprocess.run(["git", "rev-parse", "--verify", "-q", "HEAD~1"], cwd=root, capture_output=True, text=True)
    revision = rev.stdout.strip() or "HEAD"
    archive = subprocess.run(["git", "archive", revision, "gis", "config"], cwd=root, capture_output=True)
    if archive.returncode:
        return root
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    return target
