"""OpenStreetMap files as other cities' tools leave them: an odd object is refused alone, an odd file whole and with a next step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from config.errors import CityCommandError
from gis.db import make_engine
from gis.importing.city import import_osm
from gis.importing.runs import Outcome
from tests.support.databases import Database

ROAD = '<tag k="highway" v="residential"/>'
NODES = "".join(
    f'<node id="{n}" lat="{39.9 + n * n * 0.001}" lon="{116.4 + n * 0.001}" version="1"/>' for n in range(1, 6)
)


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with make_engine(database.app_url, pool_size=1).connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()


def way(number: int, *nodes: int, tags: str = ROAD) -> str:
    members = "".join(f'<nd ref="{node}"/>' for node in nodes)
    return f'<way id="{number}" version="1">{members}{tags}</way>'


def boundary(number: int, ring: int, level: str) -> str:
    tags = f'<tag k="boundary" v="administrative"/><tag k="admin_level" v="{level}"/><tag k="name" v="Mitte"/>'
    member = f'<member type="way" ref="{ring}" role="outer"/>'
    return f'<relation id="{number}" version="1">{member}<tag k="type" v="boundary"/>{tags}</relation>'


def take(db: Connection, folder: Path, body: str, name: str = "town.osm") -> Outcome:
    path = folder / name
    path.write_text(f'<?xml version="1.0"?><osm version="0.6">{body}</osm>', encoding="utf-8")
    return import_osm(db, path)


ODD_OBJECTS = [
    ("a way with one node, and one node twice", NODES + way(1, 1, 2) + way(2, 1) + way(3, 2, 2), {"incomplete": 2}),
    ("a lamp at 0, 0", '<node id="9" lat="0" lon="0"><tag k="highway" v="street_lamp"/></node>' + NODES + way(1, 1, 2), {"at_zero": 1}),
    ("changesets", '<changeset id="1" open="false"/>' + NODES + way(1, 1, 2), {}),
    ("a house that is a line", NODES + way(1, 1, 2) + way(2, 1, 2, 1, tags='<tag k="building" v="yes"/>'), {"invalid_area": 1}),
    ("a boundary without ground", NODES + way(1, 1, 2) + way(2, 1, 2, 1, tags="") + boundary(1, 2, "8"), {"boundary_no_area": 1}),
    ("a level of another country", NODES + way(1, 1, 2) + way(2, 1, 2, 3, 1, tags="") + boundary(1, 2, "11"), {}),
    ("a level that is two", NODES + way(1, 1, 2) + way(2, 1, 2, 3, 1, tags="") + boundary(1, 2, "2;4"), {}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "refused"), [odd[1:] for odd in ODD_OBJECTS], ids=[odd[0] for odd in ODD_OBJECTS])
def test_an_odd_object_is_refused_alone(db: Connection, tmp_path: Path, body: str, refused: dict[str, int]) -> None:
    outcome = take(db, tmp_path, body)
    assert outcome.counts["kinds"] == {"road": 1}
    assert dict(outcome.rejected) == refused


def test_names_are_kept_as_written_without_blanks_around(db: Connection, tmp_path: Path) -> None:
    named = [(1, ""), (2, "شارع الملك"), (3, "  人民路 ")]
    ways = "".join(way(n, n, n + 1, tags=f'{ROAD}<tag k="name" v="{name}"/>') for n, name in named)
    take(db, tmp_path, NODES + ways)
    found = db.execute(text("select name from gis.asset where kind = 'road' order by source_ref")).scalars().all()
    assert found == ["", "شارع الملك", "人民路"]


LAMP_FAR_AWAY = '<node id="9" lat="10" lon="10"><tag k="highway" v="street_lamp"/></node>'
ODD_FILES = [
    ("ids below 0", '<node id="-1" lat="39.9" lon="116.4"/><node id="-2" lat="39.91" lon="116.4"/>' + way(-5, -1, -2), "incomplete"),
    ("ways before their nodes", way(1, 1, 2) + NODES, "incomplete"),
    ("a history", NODES + way(1, 1, 2) + way(1, 1, 3), "several versions of its objects"),
    ("an ocean away", LAMP_FAR_AWAY + NODES + way(1, 1, 2), "more than a city. Outermost are n9"),
    ("a text of 5,000 letters", NODES + way(1, 1, 2, tags=f'{ROAD}<tag k="note" v="{"x" * 5000}"/>'), "no readable OpenStreetMap file"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "reason"), [odd[1:] for odd in ODD_FILES], ids=[odd[0] for odd in ODD_FILES])
def test_an_odd_file_is_refused_whole(db: Connection, tmp_path: Path, body: str, reason: str) -> None:
    with pytest.raises(CityCommandError) as refused:
        take(db, tmp_path, body)
    what, next_step = refused.value.said()
    assert reason in what
    assert next_step
    assert db.execute(text("select count(*) from gis.area")).scalar_one() == 0


def test_a_header_as_wide_as_the_earth_is_not_the_city(db: Connection, tmp_path: Path) -> None:
    world = '<bounds minlon="-180" minlat="-90" maxlon="180" maxlat="90"/>'
    outcome = take(db, tmp_path, world + NODES + way(1, 1, 2))
    assert outcome.counts["extent"][0] == pytest.approx(116.401)
