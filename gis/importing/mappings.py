"""Mappings by name: those that come with the system (config/mappings), those made in the browser (gis.mapping), files of one's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput, UnreadableFile
from gis.import_tables import mapping
from gis.importing import runs
from gis.tables import NOW, account

OWN_PARTS = {"level": "areas", "forms": "standards", "classes": "reports", "reference": "layer"}
"""Parts of a mapping that only one kind of import has, the telling ones first: areas have references as well."""


def load(db: Connection, name_or_path: str) -> dict[str, Any]:
    """The mapping of this name. A file comes first, then one made in the browser, then one that comes with the system.

    Raises UnreadableFile where there is none, or where it is not TOML.
    """
    if not Path(name_or_path).exists():
        content = text_of(db, name_or_path)
        if content is not None:
            return parse(content, name_or_path)
    return runs.load_mapping(name_or_path)


def load_named(db: Connection, name: str) -> dict[str, Any]:
    """The mapping of this name, never a file of this machine: for names that come from outside. Raises UnreadableFile."""
    content = text_of(db, name)
    return parse(content, name) if content is not None else runs.load_mapping(Path("/", "no-file", name))


def parse(content: str, name: str) -> dict[str, Any]:
    """TOML text as a mapping. Raises UnreadableFile naming the line."""
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(
            "The mapping file {file} is not valid TOML: {problem}.",
            "Correct the named line and try again.",
            file=name,
            problem=error,
        ) from error


def text_of(db: Connection, name: str) -> str | None:
    """A mapping made in the browser as it was saved, or None."""
    found = db.execute(select(mapping.c.content).where(mapping.c.name == name)).scalar()
    return None if found is None else str(found)


def save(db: Connection, name: str, content: str, account_id: int | None) -> None:
    """Keep a mapping under a name, in place of the one that had it."""
    parse(content, name)
    values = {"content": content, "account_id": account_id, "recorded_at": NOW}
    statement = insert(mapping).values(name=name, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def described(db: Connection) -> list[dict[str, Any]]:
    """Every mapping: its name, content (TOML), whether it comes with the system, and who saved it when."""
    statement = select(
        mapping.c.name, mapping.c.content, mapping.c.recorded_at, account.c.name.label("who")
    ).select_from(mapping.outerjoin(account, account.c.id == mapping.c.account_id))
    own = [dict(row) | {"shipped": False} for row in db.execute(statement.order_by(mapping.c.name)).mappings()]
    known = {entry["name"] for entry in own}
    shipped = [
        {"name": path.stem, "content": path.read_text("utf-8"), "recorded_at": None, "who": None, "shipped": True}
        for path in sorted(runs.MAPPINGS.glob("*.toml"))
        if path.stem not in known
    ]
    return own + shipped


def forget(db: Connection, name: str) -> bool:
    """Remove a mapping made in the browser; False where there is none. Runs keep the mapping they worked by."""
    return bool(db.execute(delete(mapping).where(mapping.c.name == name)).rowcount)


def names(db: Connection) -> dict[str, list[dict[str, str]]]:
    """Mappings to choose from, each with the kind of import that it is of: `own` were made in the browser, `shipped` come along."""
    own = db.execute(select(mapping.c.name, mapping.c.content).order_by(mapping.c.name))
    shipped = ((entry.stem, entry.read_text("utf-8")) for entry in sorted(runs.MAPPINGS.glob("*.toml")))
    return {
        "own": [{"name": row.name, "of": kind_of(parse(row.content, row.name))} for row in own],
        "shipped": [{"name": name, "of": kind_of(parse(content, name))} for name, content in shipped],
    }


def kind_of(parts: Mapping[str, Any]) -> str:
    """The kind of import that a mapping is of, by the parts that only such a one has; "" where none tells."""
    if isinstance(parts.get("kind"), list):
        return "osm"
    return next((kind for part, kind in OWN_PARTS.items() if part in parts), "")


def must_fit(kind: str, parts: Mapping[str, Any], name: str) -> None:
    """Raises InvalidInput for a mapping of another kind of import than the one that is wanted."""
    of = kind_of(parts)
    if of and of != kind:
        raise InvalidInput(
            "The mapping {name} is one for 'import {of}', not for 'import {kind}'.",
            "Choose a mapping of this kind, or hand the file in as that kind.",
            field="mapping",
            name=name,
            of=of,
            kind=kind,
        )
