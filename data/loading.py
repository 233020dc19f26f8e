"""The generated city into the database: areas, unit grids, organisation, class table, assets, devices."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from sqlalchemy import Column, Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from config import profiles
from config.kinds import kinds
from data.generator import City
from dispatch import tables as dispatch_tables
from dispatch.public import services as public_services
from dispatch.routing import sets
from gis import areas, organisation, tables
from gis.area_plan import Planned, multipolygon
from gis.catalogue.tables import data_set
from gis.copying import copy_rows
from gis.importing import instance
from ingest import devices
from ingest.devices import DeviceRow

SOURCE = "demonstration"
ATTRIBUTION = "云澜市为虚构的演示城市 · Yunlan is a fictional demonstration city"
STANDARDS = Path(__file__).resolve().parents[1] / "config" / "standards" / "demonstration.csv"
EDITION = "demonstration"
SERVICES = STANDARDS.parents[1] / "services" / "demonstration.toml"
SERVICES_FROM = date(2020, 1, 1)
"""Before the demonstration's history begins, so that all of it is of a service."""
LIMIT_WORDS = {
    "urgent_hour": "{}紧急工作时",
    "urgent_workday": "{}紧急工作日",
    "work_hour": "{}工作时",
    "work_day": "{}工作日",
    "natural_day": "{}天（自然日）",
}


def load_areas(db: Connection, city: City) -> None:
    """Areas at four levels, responsibility grids with their inspectors, unit grids; and where the city lies."""
    shapes = zip(city.areas.itertuples(), city.areas.geometry, strict=True)
    areas.load(db, SOURCE, [_planned(row, shape) for row, shape in shapes])
    inspectors = _ids(db, tables.account.c.username)
    rows = [(row.code, row.name, inspectors[row.inspector]) for row in _records(city.responsibility_grids)]
    copy_rows(db, "gis.responsibility_grid", ("code", "name", "inspector_id"), rows)
    communities, walks = _ids(db, tables.area.c.code), _ids(db, tables.responsibility_grid.c.code)
    cells = (
        (row.code, communities[row.community], walks[row.responsibility], _wkb(multipolygon(shape)))
        for row, shape in zip(_records(city.grids), city.grids.geometry, strict=True)
    )
    copy_rows(db, "gis.unit_grid", ("code", "area_id", "responsibility_grid_id", "geom"), cells)
    west, south, east, north = (float(value) for value in city.areas.total_bounds)
    instance.widen(db, (west, south, east, north))
    instance.credit(db, ATTRIBUTION)
    db.execute(
        insert(data_set)
        .values(source=SOURCE, name="云澜基础数据", name_en="Base data of Yunlan")
        .on_conflict_do_nothing()
    )


def load_organisation(db: Connection, city: City) -> None:
    """Centres, units, and one account for each post and unit, with the demonstration's passwords."""
    centres = {
        row.code: organisation.add_centre(db, row.code, row.name, row.name_en, row.axis, row.level)
        for row in _records(city.centres)
    }
    units = {
        row.code: organisation.add_unit(
            db, row.code, row.name, row.name_en, centre_id=centres.get(row.centre), fallback=bool(row.fallback)
        )
        for row in _records(city.units)
    }
    for row in _records(city.accounts):
        password = f"demo-{row.username}"
        account = organisation.add_account(
            db, row.username, row.name, row.name_en, password=password, unit_id=units.get(row.unit)
        )
        for post in row.posts:
            organisation.give_post(db, account, post, centre_id=centres.get(row.centre))


def load_standards(db: Connection) -> int:
    """The demonstration's class table with its routing rules and public services; returns how many filing conditions it has."""
    units = _ids(db, tables.unit.c.code)
    ordinals: dict[str, int] = {}
    with STANDARDS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        code = {"component": "C", "matter": "M"}[row["kind"]] + row["major_code"] + row["minor_code"]
        ordinals[code] = ordinals.get(code, 0) + 1
        db.execute(insert(dispatch_tables.case_class).values(_class(code, row)).on_conflict_do_nothing())
        values = _condition(code, ordinals[code], row, units)
        db.execute(insert(dispatch_tables.filing_condition).values(values))
    sets.found(
        db,
        (
            {"priority": 10, "name": "设施归属单位", "name_en": "Unit that owns the component", "target": "asset_unit"},
            {
                "priority": 20,
                "name": "立案条件规定的单位",
                "name_en": "Unit named by the filing condition",
                "target": "condition_unit",
            },
        ),
        SOURCE,
    )
    public_services.publish(db, public_services.read(SERVICES), SERVICES_FROM)
    return len(rows)


def load_assets(db: Connection, city: City) -> dict[str, int]:
    """All assets with codes and responsible units; returns counts by kind."""
    units = _ids(db, tables.unit.c.code)
    columns = ("kind", "class_code", "code", "name", "name_en", "status", "unit_id", "authority", "owner", "geom",
               "attributes", "source", "source_ref", "survey_date", "accuracy_class")  # fmt: skip
    for kind in sorted(city.assets, key=kinds().rank):  # who is named stands before who names it
        copy_rows(db, "gis.asset", columns, _asset_rows(city.assets[kind], units))
    db.execute(
        text(
            "insert into gis.asset_history (asset_id, version, change, why)"
            " select id, 1, 'added', '演示城市初始数据 · demonstration city' from gis.asset where source = :source"
        ),
        {"source": SOURCE},
    )
    return {kind: len(frame) for kind, frame in city.assets.items()}


def load_devices(db: Connection, city: City) -> None:
    """Device types, and the devices of the assets that were loaded before."""
    types = profiles.read()
    devices.upsert_profiles(db, types)
    refs, known = _refs(db), {profile.code for profile in types}
    # A type that config/profiles.toml does not know yet has no devices; the assets keep what is needed to add them.
    rows = (row for row in _records(city.devices) if row.profile in known)
    devices.upsert_devices(db, [DeviceRow(row.id, refs[row.ref], row.profile) for row in rows])


def _asset_rows(frame: gpd.GeoDataFrame, units: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    for row, shape in zip(_records(frame), frame.geometry, strict=True):
        unit = units.get(row.unit)
        authority = "云澜市城市管理局" if unit is not None else ""
        yield (row.kind, row.class_code, row.code, row.name, row.name_en, row.status, unit, authority, authority,
               _wkb(shape), row.attributes, SOURCE, row.ref, "2026-03-01", "A" if row.code else None)  # fmt: skip


def _planned(row: Any, shape: Any) -> Planned:
    parent = row.parent if isinstance(row.parent, str) else None
    return Planned(row.code, row.level, row.code, row.name, row.name_en, parent, None, multipolygon(shape))


def _class(code: str, row: dict[str, str]) -> dict[str, Any]:
    return {
        "code": code,
        "edition": EDITION,
        "kind": row["kind"],
        "major_code": row["major_code"],
        "major_name": row["major_name"],
        "major_name_en": row["major_name_en"],
        "name": row["minor_name"],
        "name_en": row["minor_name_en"],
    }


def _condition(code: str, ordinal: int, row: dict[str, str], units: dict[str, int]) -> dict[str, Any]:
    kind, amount = row["limit_kind"], float(row["limit_amount"])
    later_kind, _, later_amount = row["later_limits"].partition(":")
    return {
        "class_code": code,
        "ordinal": ordinal,
        "text": row["condition"],
        "text_en": row["condition_en"],
        "closing_standard": row["closing_standard"],
        "closing_standard_en": row["closing_standard_en"],
        "limit_kind": kind,
        "limit_amount": amount,
        "limit_text": LIMIT_WORDS[kind].format(f"{amount:g}"),
        "later_limits": [{"kind": later_kind, "amount": float(later_amount)}] if later_kind else [],
        "unit_id": units[row["unit"]],
        "source": EDITION,
    }


def _records(frame: Any) -> Iterator[Any]:
    return iter(frame.drop(columns="geometry", errors="ignore").astype(object).where(frame.notna(), None).itertuples())


def _ids(db: Connection, column: Column[str]) -> dict[str, int]:
    """Value of a unique column → id of its row."""
    return {row[0]: row.id for row in db.execute(select(column, column.table.c.id))}


def _refs(db: Connection) -> dict[str, int]:
    rows = db.execute(text("select source_ref, id from gis.asset where source = :source"), {"source": SOURCE})
    return {row.source_ref: row.id for row in rows}


def _wkb(shape: Any) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, 4326), hex=True, include_srid=True))
