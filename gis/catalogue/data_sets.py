"""The catalogue: what the base consists of, described by its stewards, with the last run and quality counted from the rows (C3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from config.errors import InvalidInput, NotFound, StaleEdit
from config.permissions import POSTS
from gis.catalogue.rhythm import RHYTHMS, due_at, freshness
from gis.catalogue.tables import data_set, data_set_history, export_log
from gis.db import named_sql
from gis.tables import unit


@dataclass(frozen=True)
class Description:
    """What a steward says of a data set. `visible_to` names posts; none means everybody who may see assets."""

    name: str
    name_en: str = ""
    classification: str = "internal"
    owner: str = ""
    contact: str = ""
    rhythm: str = "none"
    visible_to: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Listed:
    """One data set as the catalogue shows it: the row of data_sets.sql, and what follows from the time it is."""

    facts: Mapping[str, Any]
    due_at: datetime | None
    freshness: str
    quality: Mapping[str, float] = field(default_factory=dict)
    """Shares from 0 to 1 of the assets that have a name, a code, a responsible unit, an accuracy class; `refused` counts rows."""


OWN_NAMES = {
    "register": ("在本系统中录入的设施", "Assets entered in this system"),
    "demonstration": ("演示城市", "Demonstration city"),
}
"""Names (Chinese, English) of the sources that come with the system, until a steward describes them."""


def listed(db: Connection, now: datetime) -> list[Listed]:
    """All data sets, the largest first."""
    rows = db.execute(named_sql("gis.catalogue", "data_sets")).mappings()
    return [_listed(dict(row), now) for row in rows]


def overdue(db: Connection, now: datetime) -> list[str]:
    """Sources whose refresh is overdue, or planned and never done."""
    return [each.facts["source"] for each in listed(db, now) if each.freshness in ("overdue", "never")]


def describe(db: Connection, source: str, said: Description, version: int, account_id: int) -> int:
    """Write a description over version `version` (0: there was none); returns the new version.

    Raises InvalidInput for a classification that may not be here (secrets are refused), an unknown rhythm, post or unit;
    NotFound for a source of which the base holds nothing; StaleEdit where somebody else was faster.
    """
    _check(said)
    values = _values(db, source, said)
    before = db.execute(select(data_set).where(data_set.c.source == source).with_for_update()).mappings().first()
    known = before["version"] if before else 0
    if known != version:
        raise StaleEdit("Somebody else has described this data set meanwhile.", version=known)
    row = values | {"version": known + 1}
    statement = upsert(data_set).values(**row)
    replaced = {name: statement.excluded[name] for name in row if name != "source"} | {"recorded_at": text("gis.now()")}
    done = db.execute(
        statement.on_conflict_do_update(index_elements=["source"], set_=replaced, where=data_set.c.version == known)
    )
    if done.rowcount != 1:
        raise StaleEdit("Somebody else has described this data set meanwhile.", version=known + 1)
    old = {name: before[name] for name in values} if before else None
    db.execute(
        insert(data_set_history).values(
            source=source, version=known + 1, before=old, after=values, account_id=account_id
        )
    )
    return known + 1


def hidden_from(db: Connection, posts: Iterable[str]) -> tuple[str, ...]:
    """Sources that nobody in these posts may see."""
    found = db.execute(text("select gis.hidden_from(cast(:posts as text[]))"), {"posts": list(posts)})
    return tuple(found.scalar_one())


def note_export(db: Connection, account_id: int, selection: Any, file_format: str, made: Any) -> None:
    """Write down who took what: an `gis.exporting.selection.Selection` and the file that `export_assets` made of it."""
    asked = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(selection).items()
        if value and name != "hidden"
    }
    row = {
        "selection": asked,
        "format": file_format,
        "system": made.system,
        "counts": made.counts,
        "sha256": made.sha256,
    }
    db.execute(insert(export_log).values(account_id=account_id, **row))


def _check(said: Description) -> None:
    if said.classification not in ("public", "internal"):
        raise InvalidInput(
            "Data classified as '{classification}' may not be in this system.",
            "Only public and internal data may; a secret data set stays in the network that is built for it.",
            field="classification",
            classification=said.classification,
        )
    if said.rhythm not in RHYTHMS:
        raise InvalidInput(
            "There is no rhythm '{rhythm}'.",
            "Choose one of: {known}.",
            field="rhythm",
            rhythm=said.rhythm,
            known=list(RHYTHMS),
        )
    unknown = [post for post in said.visible_to if post not in POSTS]
    if unknown:
        raise InvalidInput(
            "There is no post '{post}'.",
            "Choose one of: {known}.",
            field="visible_to",
            post=unknown[0],
            known=list(POSTS),
        )
    if not said.name.strip():
        raise InvalidInput("A data set needs a name.", field="name")


def _values(db: Connection, source: str, said: Description) -> dict[str, Any]:
    held = text(
        "select exists (select from gis.asset where source = :s) or exists (select from gis.area where split_part(source, ':', 1) = :s)"
        " or exists (select from gis.data_set where source = :s)"
    )
    if not db.execute(held, {"s": source}).scalar():
        raise NotFound("The base holds nothing of a source {source}.", "Choose one from the catalogue.", source=source)
    owner_id = None
    if said.owner:
        owner_id = db.execute(select(unit.c.id).where(unit.c.code == said.owner)).scalar()
        if owner_id is None:
            raise InvalidInput("There is no unit {unit}.", field="owner", unit=said.owner)
    values = asdict(said) | {"source": source, "owner_unit_id": owner_id, "visible_to": list(said.visible_to)}
    del values["owner"]
    return values


def _listed(row: dict[str, Any], now: datetime) -> Listed:
    refreshed = row["refreshed_at"]
    if not row["described"] and row["source"] in OWN_NAMES:
        row["name"], row["name_en"] = OWN_NAMES[row["source"]]
    held: Sequence[str] = ("named", "coded", "with_unit", "with_accuracy")
    quality = {name: round(row[name] / row["assets"], 4) for name in held if row["assets"]}
    return Listed(row, due_at(row["rhythm"], refreshed), freshness(row["rhythm"], refreshed, now), quality)
