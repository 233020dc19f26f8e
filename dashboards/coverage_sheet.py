"""Read model of the coverage page and its map: published figures with the areas they belong to (W16)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from config.i18n import _, gettext
from dashboards.coverage_map import MapSheet, shown
from gis.db import named_sql
from welfare import coverage
from welfare.coverage import COLUMNS, Figures
from welfare.suppression import LEAST

LABELS: dict[str, str] = {
    "eligible": _("households that qualify"),
    "covered": _("of them receiving"),
    "gap": _("qualify, do not receive"),
    "undetermined": _("facts missing"),
    "receiving": _("receive in all"),
    "no_longer": _("receive, no longer qualify"),
    "unassessed": _("receive, facts missing"),
}


def figures(db: Connection, programme: str, day: date, locale: str) -> dict[str, Any]:
    """The table of one programme: communities, sub-districts, the whole, each with its figures and coverage."""
    name = _programme(db, programme, locale)
    rows = coverage.table(db, programme, day)
    say = gettext(locale)
    return {
        "programme": programme,
        "programme_name": name,
        "day": day,
        "least": LEAST,
        "columns": {column: say(LABELS[column]) for column in COLUMNS},
        "rows": [_row(row, locale) for row in rows],
    }


def sheet(db: Connection, programme: str, measure: str, day: date, locale: str) -> MapSheet:
    """The map of one figure by community. Raises NotFound for an unknown programme, InvalidInput for an unknown figure."""
    if measure not in COLUMNS:
        raise InvalidInput(
            "There is no figure '{figure}'.", "Figures are: {figures}.", figure=measure, figures=list(COLUMNS)
        )
    name = _programme(db, programme, locale)
    say = gettext(locale)
    columns = {column: say(LABELS[column]) for column in COLUMNS}
    found = {row.area_code: row for row in coverage.table(db, programme, day) if row.level == "community"}
    notes = [
        say(
            _("As of {day}. Figures below {least} are hidden, and others with them, so that nobody can be worked out.")
        ).format(day=day.isoformat(), least=LEAST),
        *_attributions(db),
    ]
    return MapSheet(name, measure, LEAST, columns, _areas(db, found, columns, locale), _ground(db), notes, locale)


def _areas(db: Connection, found: dict[str, Figures], columns: dict[str, str], locale: str) -> dict[str, Any]:
    features = []
    hidden = gettext(locale)(_("hidden"))
    for row in db.execute(named_sql("welfare", "coverage_areas")):
        name = (locale == "en" and row.name_en) or row.name
        properties: dict[str, Any] = {"code": row.code, "name": name, **found[row.code].values}
        properties |= {"shown": shown(properties, columns, hidden), "middle": [round(row.lon, 6), round(row.lat, 6)]}
        box = [row.west, row.south, row.east, row.north]
        geometry = json.loads(row.geojson)
        features.append({"type": "Feature", "bbox": box, "geometry": geometry, "properties": properties})
    if not features:
        raise NotFound("There are no communities in your area.", "Import areas first.")
    return {"type": "FeatureCollection", "features": features}


def _ground(db: Connection) -> dict[str, Any]:
    rows: Sequence[Any] = db.execute(named_sql("gis", "ground")).all()
    features = [
        {"type": "Feature", "geometry": json.loads(row.geojson), "properties": {"kind": row.kind}} for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def _row(row: Figures, locale: str) -> dict[str, Any]:
    name = (locale == "en" and row.name_en) or row.name
    rate = None if row.coverage is None else round(row.coverage, 4)
    return {"code": row.area_code, "name": name, "level": row.level, **row.values, "coverage": rate}


def _programme(db: Connection, code: str, locale: str) -> str:
    row = db.execute(
        text("select name, name_en from welfare.programme where code = :code and active"), {"code": code}
    ).first()
    if row is None:
        raise NotFound("There is no programme '{programme}' in force.", "Choose one of the list.", programme=code)
    return str((locale == "en" and row.name_en) or row.name)


def _attributions(db: Connection) -> list[str]:
    value = db.execute(text("select value from gis.setting where name = 'attributions'")).scalar()
    return list(value or [])
