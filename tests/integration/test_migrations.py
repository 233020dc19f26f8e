"""The migrations and the models give the same database (rule 5); the application's role may not alter it (rule 4)."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from dispatch.workflow import DISPATCH_DUTY, SUPERVISION_DUTY, rows
from gis import ddl, migrations
from gis.db import make_engine, metadata, url_of
from tests.support import databases
from tests.support.databases import Cluster, Database

TABLE_MODULES = (
    "gis.tables",
    "gis.transit_tables",
    "gis.catalogue.tables",
    "gis.import_tables",
    "gis.division_tables",
    "gis.naming.tables",
    "gis.networks.tables",
    "gis.gridding.tables",
    "gis.tiles.tables",
    "gis.register.tables",
    "ingest.tables",
    "ingest.connectors.tables",
    "dispatch.tables",
    "dispatch.cost_tables",
    "dispatch.patrol_tables",
    "dispatch.calendars.tables",
    "dispatch.delivery.tables",
    "dispatch.escalation.tables",
    "dispatch.calls.tables",
    "dispatch.calls.callback_tables",
    "dispatch.exchange.tables",
    "dispatch.work_tables",
    "dispatch.custody.tables",
    "dispatch.packages.tables",
    "dispatch.classifying.tables",
    "dispatch.public.tables",
    "dispatch.routing.tables",
    "dispatch.evaluation.tables",
    "welfare.tables",
    "api.tables",
)
for _name in TABLE_MODULES:
    importlib.import_module(_name)


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
        duties = {row.move: row.duty for row in db.execute(text("select move, duty from dispatch.move_duty"))}
    assert [tuple(row) for row in stored] == rows()
    assert duties == dict.fromkeys(DISPATCH_DUTY, "dispatch") | dict.fromkeys(SUPERVISION_DUTY, "supervision")
    engine.dispose()


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


POPULATE = """
import sys
from pathlib import Path
from config.settings import Settings
from dispatch import reports
from gis import clock, migrations
from gis.db import make_engine
from tests.support import smalltown

url = sys.argv[1]
migrations.upgrade(url)
engine = make_engine(url)
with engine.begin() as db:
    town = smalltown.build(db)
    now = clock.now(db)
    new = reports.NewReport("hotline", "路灯不亮", now, reports.Position(*town.lamp), smalltown.LAMP_CLASS)
    reports.receive(db, Settings("old", url, url, "mqtt://localhost", Path("."), b"0" * 32), new, now=now)
engine.dispose()
"""
"""Run by the earlier commit's own code: its tables, with a town and a case in them."""


def test_the_previous_commits_database_is_upgraded_with_what_it_holds(
    cluster: Cluster, root: Path, tmp_path: Path, database: Database
) -> None:
    """The commit before makes a database and a case in it; today's migrations run; the case and its history are there."""
    earlier = previous_commit(root, tmp_path)
    old = databases.create(cluster, f"{database.name}_before")
    try:
        subprocess.run([sys.executable, "-c", POPULATE, old.owner_url], check=True, cwd=earlier)
        migrations.upgrade(old.owner_url)
        engine = create_engine(url_of(old.owner_url))
        with engine.connect() as db:
            case = db.execute(text("select * from dispatch.cases")).one()
            assert (case.title, case.state, case.grid_code) == ("路灯不亮", "reported", "990101001001003")
            moves = db.execute(
                text("select move from dispatch.case_event where case_id = :id"), {"id": case.id}
            ).scalars()
            assert list(moves) == ["report"]
            assert db.execute(text("select version_num from gis.migration")).scalar_one() == migrations.head()
        engine.dispose()
        assert schema_of(old) == schema_of(database)
    finally:
        databases.drop(cluster, old.name)


def previous_commit(root: Path, target: Path) -> Path:
    """A checkout of the commit before; today's where there is no history to ask."""
    rev = subprocess.run(
        ["git", "rev-parse", "--verify", "-q", "HEAD~1"], cwd=root, capture_output=True, text=True, check=False
    )
    if rev.returncode:
        return root
    archive = subprocess.run(["git", "archive", rev.stdout.strip()], cwd=root, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    return target
