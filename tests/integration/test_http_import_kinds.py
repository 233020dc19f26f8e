"""Every kind of import through HTTP in the same steps: models that must be told their system, cities with grids along streets (C3)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, text

from api import import_work
from api.import_work import Task
from config import i18n
from config.settings import Settings
from gis.assets import AssetRow, upsert
from gis.db import transaction
from gis.importing import notes
from tests.integration.test_import_areas import MAPPING as VILLAGES
from tests.integration.test_import_areas import write as write_villages
from tests.support.osm_xml import OsmXml
from tests.support.server import Person
from tests.support.smalltown import SOUTH, WEST
from tests.support.waiting import wait_until

EPANET = f"""[JUNCTIONS]
 A 10 1
 B 12 1
[RESERVOIRS]
 R 50
[PIPES]
 P1 R A 100 200 100 0 Open
 P2 A B 100 200 100 0 Open
[COORDINATES]
 R {WEST:.6f} {SOUTH:.6f}
 A {WEST + 0.001:.6f} {SOUTH:.6f}
 B {WEST + 0.001:.6f} {SOUTH + 0.001:.6f}
[OPTIONS]
 UNITS LPS
 HEADLOSS H-W
[END]
"""
SWMM = f"""[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
M1 10 2 0 0 0
[OUTFALLS]
O1 8 FREE NO
[CONDUITS]
C1 M1 O1 100 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.5 0 0 0 1
[COORDINATES]
M1 {WEST + 0.002:.6f} {SOUTH:.6f}
O1 {WEST + 0.002:.6f} {SOUTH + 0.001:.6f}
"""


def begin(person: Person, content: bytes, name: str, **wanted: Any) -> Any:
    headers = {"Content-Type": "application/octet-stream"}
    handed = person.post("/api/imports/files", params={"name": name}, content=content, headers=headers)
    return person.post("/api/imports", json={"file": handed.json()["file"], **wanted})


def settled(person: Person, run: int, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = person.get(f"/api/imports/{run}").json()
        return told if told["state"] != state or told["problem"] else None

    found = wait_until(look, 60, every=0.2, what=f"run {run}")
    assert found
    return found


@pytest.mark.parametrize(("kind", "content", "assets"), [("epanet", EPANET, 5), ("swmm", SWMM, 3)])
def test_a_model_is_asked_for_its_system_then_previewed_applied_undone(
    steward: Person, engine: Engine, kind: str, content: str, assets: int
) -> None:
    asked = begin(steward, content.encode(), "net.inp", kind=kind)
    assert asked.status_code == 422
    assert "no coordinate system" in asked.json()["detail"]
    assert begin(steward, content.encode(), "net.inp", kind=kind, system="EPSG:1").status_code == 422

    begun = begin(steward, content.encode(), "net.inp", kind=kind, system="wgs84", source=f"works-{kind}")
    assert begun.status_code == 202, begun.text
    run = settled(steward, begun.json()["id"], "running")
    assert (run["state"], run["difference"]) == ("previewed", {"added": assets}), run["problem"]
    steward.post(f"/api/imports/{run['id']}/apply")
    assert settled(steward, run["id"], "previewed")["can"] == ["undo"]
    standing = text("select count(*) from gis.asset where source = :source and status <> 'removed'")
    with engine.connect() as db:
        assert db.execute(standing, {"source": f"works-{kind}"}).scalar_one() == assets
    assert steward.post(f"/api/imports/{run['id']}/undo", json={}).json()["assets"]["removed"] == assets
    with engine.connect() as db:
        assert db.execute(standing, {"source": f"works-{kind}"}).scalar_one() == 0


def test_systems_to_choose_from_are_those_of_degrees_and_of_the_city(steward: Person) -> None:
    offered = {entry["system"]: entry["name"] for entry in steward.get("/api/imports").json()["systems"]}
    assert {"wgs84", "cgcs2000", "gcj02", "bd09"} <= offered.keys()
    assert offered["wgs84"] == "WGS 84"


def test_an_official_list_of_several_files_is_previewed_and_undone(steward: Person, engine: Engine) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    tables = {
        "cities.csv": "code,name\n88,云州\n8801,云澜市\n",
        "districts.csv": "code,name\n880101,南城区\n8999,无上级\n",
    }
    tokens = [
        steward.post("/api/imports/files", params={"name": name}, content=table.encode(), headers=headers).json()[
            "file"
        ]
        for name, table in tables.items()
    ]
    wanted = {"file": tokens[1], "more": [tokens[0]]}
    refused = steward.post("/api/imports", json={**wanted, "kind": "gtfs"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "This kind of import takes one file.")
    begun = steward.post("/api/imports", json={**wanted, "kind": "divisions"})
    run = settled(steward, begun.json()["id"], "running")
    assert (run["state"], run["difference"], run["refused"]) == ("previewed", {"added": 3}, 1), run["problem"]
    rows = steward.get(f"/api/imports/{run['id']}/changes").json()
    assert [(row["ref"], row["kind_name"]) for row in rows] == [
        ("88", "Province"),
        ("8801", "City"),
        ("880101", "District"),
    ]
    steward.post(f"/api/imports/{run['id']}/apply")
    assert settled(steward, run["id"], "previewed")["can"] == ["undo"]
    undone = steward.post(f"/api/imports/{run['id']}/undo", json={}).json()
    assert undone["divisions"] == {"removed": 3, "restored": 0}


def test_a_missing_mapping_is_asked_for(steward: Person) -> None:
    answer = begin(steward, b"code\n1", "a.csv", kind="layer")
    assert (answer.status_code, answer.json()["detail"]) == (422, "This kind of import needs a mapping.")


def test_refused_objects_of_openstreetmap_say_where_they_are_corrected(
    steward: Person, engine: Engine, tmp_path: Path
) -> None:
    city = OsmXml()
    a, b = city.node(WEST, SOUTH), city.node(WEST + 0.01, SOUTH + 0.005)
    city.way([a, b], highway="primary", name="人民路")
    city.way([a, 999], highway="service")
    content = city.write(tmp_path / "town.osm").read_bytes()
    run = settled(steward, begin(steward, content, "town.osm", kind="osm").json()["id"], "running")
    assert [reason["reason"] for reason in run["reasons"]] == ["incomplete"]
    assert "corrected in OpenStreetMap" in run["mend"]
    with engine.begin() as db:
        kept = db.execute(text("select counts from gis.import_run where id = :id"), {"id": run["id"]}).scalar_one()
    assert run["counts"]["notes"] == notes.said(kept["notes"])
    told = notes.said(kept["notes"], i18n.gettext("zh"))
    assert len(told) == len(run["counts"]["notes"]) > 0
    assert all(not re.search("[a-z]{4}", note) for note in told), told
    assert "w2" in steward.get(f"/api/imports/{run['id']}/rejects.csv").text
    replayed = begin(steward, b"#row\n1", "a.csv", kind="layer", replays=run["id"])
    assert "corrected at their source" in replayed.json()["detail"]
    steward.post(f"/api/imports/{run['id']}/discard")


@pytest.mark.parametrize("grids", ["lattice", "streets"])
def test_areas_are_divided_as_asked_and_others_keep_their_grids(
    engine: Engine, settings: Settings, tmp_path: Path, grids: str
) -> None:
    task = Task("areas", [write_villages(tmp_path)], VILLAGES, {"grids": grids})
    streets = [
        [(115.600, 38.405), (115.620, 38.405)], [(115.6025, 38.40), (115.6025, 38.41)], [(115.615, 38.40), (115.615, 38.41)],
    ]  # fmt: skip
    rows = [
        AssetRow(
            f"S{n}",
            "road",
            None,
            "",
            "",
            shapely.to_wkb(shapely.LineString(line), hex=True),
            json.dumps({"class": "residential"}),
        )
        for n, line in enumerate(streets)
    ]
    with transaction(engine) as db:
        before = db.execute(text("select code from gis.unit_grid order by code")).scalars().all()
        upsert(db, "streets", rows, None, "test")
        outcome = import_work.do(db, settings, task)
        kept = db.execute(
            text("select code from gis.unit_grid where code = any(:codes) order by code"), {"codes": before}
        )
        assert kept.scalars().all() == before
        drawn = db.execute(text("select count(*) from gis.grid_edition where method = 'streets'")).scalar_one()
        db.rollback()
    assert drawn == (grids == "streets")
    assert outcome.counts["grids"]["grids"] > 0
    assert ("border_on_streets" in outcome.counts["grids"]) == (grids == "streets")
