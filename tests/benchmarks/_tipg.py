"""tipg beside us: an environment of its own, plain indexed tables with our attributes, its server on a spare port."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from gis.tiles import LAYERS, Layer
from tests.support.databases import Database
from tests.support.server import ROOT, WebServer

LOCK = ROOT / "requirements" / "tipg.txt"
HOME = ROOT / "var" / "tipg"
COMPARED = [layer for layer in LAYERS.values() if layer.columns]
"""Layers of objects; names joined or set once have nothing to be compared with."""


def python() -> Path:
    """The interpreter of tipg's environment, made when there is none or its lock has changed."""
    stamp = HOME / "installed.txt"
    found = HOME / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != LOCK.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        pip = [str(found), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        subprocess.run([*pip, "--only-binary", ":all:", "-r", str(LOCK)], check=True, stdout=sys.stderr)
        stamp.write_text(LOCK.read_text())
    return found


def table(layer: Layer, z: int) -> str:
    """The table that holds what our layer shows at zoom `z`."""
    first = max((zoom for zoom in {13, *layer.kinds_from.values()} if zoom <= z), default=z)
    return f"{layer.name}_{first}" if len(set(layer.kinds_from.values())) > 1 else layer.name


def fill(db: Connection) -> None:
    """Copy each layer into a table of its own: a key, our attributes as plain columns, geometry in WGS 84 with its index."""
    db.execute(text("create schema plain"))
    for layer in COMPARED:
        for z in range(17, 12, -1):
            name = table(layer, z)
            if db.execute(text("select to_regclass(:name)"), {"name": f"plain.{name}"}).scalar():
                continue
            geom = "st_pointonsurface(a.geom)" if layer.shape == "point" else "a.geom"
            kinds = ", ".join(map(repr, layer.kinds(z)))
            only = f"where a.kind in ({kinds}) and a.status <> 'removed'" if kinds else ""
            db.execute(
                text(
                    f"create table plain.{name} as select {', '.join(layer.columns)}, {geom}::geometry(geometry, 4326) as geom"
                    f" from gis.{layer.table} a {only}"
                )
            )
            db.execute(text(f"alter table plain.{name} add primary key (id)"))
            db.execute(text(f"create index on plain.{name} using gist (geom)"))
            db.execute(text(f"analyze plain.{name}"))


@contextmanager
def server(made: Database, log: Path) -> Iterator[WebServer]:
    """tipg serving those tables: our buffer, no limit of features that it would keep silent about."""
    environment = {
        "DATABASE_URL": made.owner_url,
        "TIPG_DB_SCHEMAS": '["plain"]',
        "TIPG_TILE_BUFFER": "64",
        "TIPG_MAX_FEATURES_PER_TILE": "10000000",
        "PYTHONPATH": "",
    }
    found = WebServer(environment, log, app="tipg.main:app", ready="/healthz")
    found.command = [str(python()), *found.command[1:]]
    found.command.remove("--factory")
    with found:
        yield found
