"""A town of four unit grids for tests: one community, one street, two lamps, three units, a person in every post.

Everything goes in through the functions that a city uses. Coordinates: a square of about 220 m around 115.600 E 38.400 N.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from dispatch.routing import sets
from gis import organisation

WEST, SOUTH, STEP = 115.6000, 38.4000, 0.0011
PASSWORD = "a long test password"

LAMP_CLASS, LITTER_CLASS = "C0205", "M0101"

PEOPLE = {
    "intake": ("intake_operator", None),
    "leader": ("shift_leader", None),
    "dispatcher": ("dispatcher", None),
    "inspector": ("inspector", None),
    "inspector2": ("inspector", None),
    "lighting": ("unit_desk", "U-LIGHT"),
    "roads": ("unit_desk", "U-ROAD"),
    "electrician": ("handler", "U-LIGHT"),
    "assessor": ("assessor", None),
    "steward": ("data_steward", None),
    "mayor": ("leader", None),
    "jurist": ("evidence_reviewer", None),
    "technician": ("evidence_reviewer", None),
}


@dataclass
class Town:
    """Ids of what was made, by the names used here."""

    accounts: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    conditions: dict[str, int] = field(default_factory=dict)
    lamp_id: int = 0
    lamp: tuple[float, float] = (WEST + 0.0005, SOUTH + 0.0005)
    """Where the first lamp stands: unit grid 9901010010010001."""
    nowhere: tuple[float, float] = (WEST + 1, SOUTH)


def build(db: Connection) -> Town:
    """Make the town in an empty, migrated database."""
    town = Town()
    _areas(db)
    for code, name, fallback in (
        ("U-LIGHT", "照明所", False),
        ("U-ROAD", "道桥处", False),
        ("U-DESK", "指挥中心", True),
    ):
        town.units[code] = organisation.add_unit(db, code, name, fallback=fallback)
    password = organisation.hash_password(PASSWORD)
    for username, (post, unit) in PEOPLE.items():
        town.accounts[username] = _account(db, username, password, town.units.get(unit or ""))
        organisation.give_post(db, town.accounts[username], post)
    _standards(db, town)
    _things(db, town)
    return town


def _areas(db: Connection) -> None:
    square = f"st_multi(st_makeenvelope({WEST}, {SOUTH}, {WEST + 2 * STEP}, {SOUTH + 2 * STEP}, 4326))"
    parent = None
    for code, level, name in (
        ("990101", "district", "试验区"),
        ("990101001", "subdistrict", "一街道"),
        ("990101001001", "community", "一社区"),
    ):
        parent = db.execute(
            text(
                "insert into gis.area (code, level, name, parent_id, geom)"
                f" values (:code, :level, :name, :parent, {square}) returning id"
            ),
            {"code": code, "level": level, "name": name, "parent": parent},
        ).scalar_one()
    for n, (column, row) in enumerate(((0, 1), (1, 1), (0, 0), (1, 0)), start=1):
        west, south = WEST + column * STEP, SOUTH + row * STEP
        db.execute(
            text(
                "insert into gis.unit_grid (code, area_id, geom) values (:code, :area,"
                " st_multi(st_makeenvelope(:west, :south, :east, :north, 4326)))"
            ),
            {
                "code": f"990101001001{n:03d}",
                "area": parent,
                "west": west,
                "south": south,
                "east": west + STEP,
                "north": south + STEP,
            },
        )


def _account(db: Connection, username: str, password_hash: str, unit_id: int | None) -> int:
    row = db.execute(
        text(
            "insert into gis.account (username, name, password_hash, unit_id, locale)"
            " values (:name, :name, :hash, :unit, 'en') returning id"
        ),
        {"name": username, "hash": password_hash, "unit": unit_id},
    )
    return int(row.scalar_one())


def _standards(db: Connection, town: Town) -> None:
    for code, kind, name, name_en in (
        (LAMP_CLASS, "component", "路灯", "Street lamp"),
        (LITTER_CLASS, "matter", "暴露垃圾", "Litter"),
    ):
        db.execute(
            text(
                "insert into dispatch.case_class (code, edition, kind, major_code, major_name, name, name_en)"
                " values (:code, 'test', :kind, '02', '类', :name, :name_en)"
            ),
            {"code": code, "kind": kind, "name": name, "name_en": name_en},
        )
    for key, code, kind, amount, unit in (
        ("lamp", LAMP_CLASS, "urgent_hour", 4, None),
        ("litter", LITTER_CLASS, "work_hour", 4, "U-ROAD"),
    ):
        town.conditions[key] = int(
            db.execute(
                text(
                    "insert into dispatch.filing_condition (class_code, ordinal, text, limit_kind, limit_amount, limit_text,"
                    " unit_id, source) values (:code, 1, :key, :kind, :amount, '-', :unit, 'test') returning id"
                ),
                {"code": code, "key": key, "kind": kind, "amount": amount, "unit": town.units.get(unit or "")},
            ).scalar_one()
        )
    rules = ((10, "设施养护单位", "asset_unit"), (20, "立案条件单位", "condition_unit"))
    sets.found(db, [{"priority": p, "name": name, "target": target} for p, name, target in rules], "test")


def _things(db: Connection, town: Town) -> None:
    statement = text(
        "insert into gis.asset (kind, class_code, code, name, unit_id, geom, source, source_ref)"
        " values (:kind, :class, :code, :name, :unit, st_geomfromtext(:wkt, 4326), 'test', :code) returning id"
    )
    lon, lat = town.lamp
    lamps = [("C-LAMP-1", lon, lat), ("C-LAMP-2", lon + STEP, lat)]
    for code, x, y in lamps:
        row = {"kind": "street_lamp", "class": LAMP_CLASS, "code": code, "name": code, "unit": town.units["U-LIGHT"]}
        made = db.execute(statement, {**row, "wkt": f"POINT({x} {y})"}).scalar_one()
        town.lamp_id = town.lamp_id or int(made)
    street = {"kind": "road", "class": None, "code": "R-1", "name": "试验路", "unit": None}
    db.execute(statement, {**street, "wkt": f"LINESTRING({WEST} {lat}, {WEST + 2 * STEP} {lat})"})
