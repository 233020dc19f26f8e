"""Drawing the city's unit grids anew: the former ones keep their time in gis.former_grid, inspectors keep their ground."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection, insert, text

from gis.area_plan import multipolygon
from gis.copying import copy_rows
from gis.db import named_sql
from gis.gridding import drawing, numbering, quality, sources
from gis.gridding.drawing import TARGET_M2, Drawn
from gis.gridding.sources import Community
from gis.gridding.tables import grid_edition

DIGITS = 3
"""Digits of a grid's number within its community unless told: 2 in the standard's first edition, 3 in later ones."""


@dataclass(frozen=True)
class Made:
    """Unit grids of the communities drawn: with their codes, and the report."""

    drawn: dict[str, tuple[list[str], Drawn]]
    report: dict[str, Any]
    edition: int | None = None
    replaced: int = 0


def drawn(
    db: Connection,
    area_code: str = "",
    target: float = TARGET_M2,
    digits: int = DIGITS,
    say: Callable[[str], None] = lambda _: None,
    only: Set[str] | None = None,
) -> Made:
    """Draw the unit grids of an area's communities (all without a code) along streets and banks; nothing is stored.

    `only` are codes of communities beside which nothing is drawn.
    Numbers have `digits` digits, in the whole area more where one community needs more.
    """
    places = [place for place in sources.communities(db, area_code) if only is None or place.code in only]
    found: list[tuple[Community, Drawn]] = []
    for number, place in enumerate(places, start=1):
        found.append((place, drawing.draw(place.shape, sources.borders(db, place.shape), target)))
        say(f"{number} of {len(places)} communities")
    width = max([digits, *(len(str(len(each.shapes))) for _, each in found)])
    coded = {place.code: (numbering.codes(place.code, len(each.shapes), width), each) for place, each in found}
    figures = [quality.measure(each, coded[place.code][0], place.shape) for place, each in found]
    return Made(coded, quality.report(figures) | {"target_m2": target, "digits": width})


def replace(db: Connection, made: Made, area_code: str = "", account_id: int | None = None) -> Made:
    """Put drawn unit grids in the place of those that hold, which stay readable as of a date. The caller commits."""
    codes = list(made.drawn)
    present = text(
        "select count(*) from gis.unit_grid g join gis.area a on a.id = g.area_id where a.code = any(:codes)"
    )
    before = db.execute(present, {"codes": codes}).scalar_one()
    values = {
        "area_code": area_code,
        "method": "streets",
        "target_m2": made.report["target_m2"],
        "grids": made.report["grids"],
        "replaced": before,
        "report": made.report,
        "account_id": account_id,
    }
    moment = db.execute(text("select gis.now()")).scalar_one()
    edition = db.execute(insert(grid_edition).values(values).returning(grid_edition.c.id)).scalar_one()
    db.execute(named_sql("gis.gridding", "retire_grids"), {"codes": codes, "edition": edition, "moment": moment})
    db.execute(text("delete from gis.unit_grid where area_id in (select id from gis.area where code = any(:codes))"),
               {"codes": codes})  # fmt: skip
    ids = {
        row.code: row.id
        for row in db.execute(text("select code, id from gis.area where code = any(:codes)"), {"codes": codes})
    }
    rows = [
        (
            code,
            ids[area],
            moment,
            shapely.to_wkb(shapely.set_srid(multipolygon(shape), 4326), hex=True, include_srid=True),
        )
        for area, (names, each) in made.drawn.items()
        for code, shape in zip(names, each.shapes, strict=True)
    ]
    copy_rows(db, "gis.unit_grid", ("code", "area_id", "recorded_at", "geom"), rows)
    db.execute(named_sql("gis.gridding", "keep_walks"), {"edition": edition})
    return Made(made.drawn, made.report, edition, before)


def at(db: Connection, code: str, moment: datetime) -> dict[str, Any] | None:
    """The unit grid that had this code at a moment: its area, walk, shape (GeoJSON), since when and until when; or None."""
    row = db.execute(named_sql("gis.gridding", "grid_at"), {"code": code, "moment": moment}).mappings().first()
    return dict(row) if row else None
