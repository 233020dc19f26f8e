"""A mapping made as its page makes it: looked at, system drawn, tried out, kept, and the same rows by the command line (C3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, text

from api import cli
from gis import coordinates
from gis.assets import AssetRow, upsert
from gis.importing import instance
from tests.support.server import Person
from tests.support.smalltown import SOUTH, WEST, Town

NAME = "路灯普查"
HEADER = "编号,名称,经度,纬度,杆高(cm),功率（W）"


@pytest.fixture(scope="module", autouse=True)
def street(engine: Engine, town: Town) -> None:
    """A street across the town, by which systems are told apart."""
    with engine.begin() as db:
        instance.widen(db, (WEST, SOUTH, WEST + 0.0022, SOUTH + 0.0022))
        line = shapely.LineString([(WEST, SOUTH + 0.001), (WEST + 0.0022, SOUTH + 0.001)])
        upsert(
            db,
            "streets",
            [AssetRow("S1", "road", None, "人民路", "", shapely.to_wkb(line, hex=True), "{}")],
            None,
            "test",
        )


def census(rows: int = 12) -> bytes:
    """Lamps along the street in BD-09, in GBK; the last one has no place."""
    lines = []
    for number in range(rows):
        lon, lat = coordinates.from_wgs84(WEST + 0.0001 + number * 0.0001, SOUTH + 0.001, "bd09")
        lines.append(f"L{number},人民路{number}号灯,{lon:.7f},{lat:.7f},850,{100 if number % 2 else ''}")
    return "\n".join([HEADER, *lines, "L99,没有位置,0,0,800,100"]).encode("gbk")


def hand_in(person: Person, content: bytes, name: str = f"{NAME}.csv") -> str:
    headers = {"Content-Type": "application/octet-stream"}
    answer = person.post("/api/imports/files", params={"name": name}, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["file"])


def asked(person: Person, what: str, **body: Any) -> Any:
    answer = person.post(f"/api/mappings/{what}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_mapping_is_made_and_the_command_line_gives_the_same_rows(
    steward: Person,
    engine: Engine,
    settings_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = census()
    file = hand_in(steward, content)
    look = asked(steward, "look", file=file)
    assert (look["encoding"], look["kind"], look["rows"], look["more"]) == ("GB18030", "street_lamp", 13, False)
    assert [column["name"] for column in look["columns"]] == HEADER.split(",")
    mapping = look["mapping"]
    assert (mapping["geometry"]["x"], mapping["reference"], "system" in mapping) == ("经度", "{编号}", False)

    systems = asked(steward, "candidates", file=file, mapping=mapping)["candidates"]
    assert (systems[0]["system"], systems[0]["swapped"]) == ("bd09", False)
    assert systems[0]["street_m"] < 5
    assert all(other["street_m"] is None or other["street_m"] > 50 for other in systems[1:])
    assert systems[0]["features"]["features"][0]["geometry"]["type"] == "Point"

    unplaced = asked(steward, "try", file=file, mapping=mapping)
    assert (unplaced["placed"], unplaced["counts"]["read"]) == (False, 13)
    mapping["system"] = "bd09"
    tried = asked(steward, "try", file=file, mapping=mapping)
    assert tried["counts"] == {"read": 13, "taken": 12, "refused": 1}
    assert [row["faults"][0]["reason"] for row in tried["rows"] if not row["taken"]] == ["at_zero"]
    assert tried["rows"][1]["attributes"] == {"height_m": 8.5, "power_w": 100.0}
    assert "power_w" not in tried["rows"][0]["attributes"]

    toml = steward.post("/api/mappings/file", params={"name": NAME}, json={"mapping": mapping})
    assert toml.status_code == 200, toml.text
    (tmp_path / "mine.toml").write_text(toml.text, encoding="utf-8")
    (tmp_path / f"{NAME}.csv").write_bytes(content)
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)
    arguments = ["import", "layer", str(tmp_path / f"{NAME}.csv"), "--mapping", str(tmp_path / "mine.toml")]
    assert cli.main(arguments) == 0
    with engine.connect() as db:
        stands = db.execute(
            text("select source_ref as ref, kind, name, attributes from gis.asset where source = :source"),
            {"source": NAME},
        ).all()
    previewed = {
        row["reference"]: (row["kind"], row["name"], row["attributes"]) for row in tried["rows"] if row["taken"]
    }
    assert {row.ref: (row.kind, row.name, row.attributes) for row in stands} == previewed


def test_a_mapping_is_kept_with_its_maker_listed_loaded_and_removed(steward: Person) -> None:
    file = hand_in(steward, census())
    mapping = asked(steward, "look", file=file)["mapping"]
    refused = steward.put(f"/api/mappings/{NAME}", json={"mapping": mapping})
    assert refused.status_code == 422
    assert "no coordinate system" in refused.json()["detail"]
    kept = steward.put(f"/api/mappings/{NAME}", json={"mapping": mapping | {"system": "bd09"}})
    assert (kept.status_code, kept.json()["who"], kept.json()["shipped"]) == (200, "steward", False)
    assert steward.get(f"/api/mappings/{NAME}").json()["mapping"] == kept.json()["mapping"]
    assert steward.get(f"/api/mappings/{NAME}/file").headers["content-type"].startswith("application/toml")
    listed = {entry["name"]: entry for entry in steward.get("/api/mappings").json()}
    assert (listed[NAME]["kind"], listed["dongcheng-roads"]["of_a_layer"], listed["osm"]["of_a_layer"]) == (
        "street_lamp", True, False,
    )  # fmt: skip
    assert steward.delete(f"/api/mappings/{NAME}").status_code == 200
    assert steward.delete(f"/api/mappings/{NAME}").status_code == 404
    assert steward.get(f"/api/mappings/{NAME}").status_code == 404


def test_texts_are_read_again_in_another_encoding(steward: Person) -> None:
    file = hand_in(steward, census())
    again = asked(steward, "look", file=file, encoding="ISO-8859-1")
    assert again["columns"][0]["name"] == "编号".encode("gbk").decode("latin-1")


def test_degrees_minutes_and_a_decimal_comma_are_read(steward: Person) -> None:
    rows = "no;longitude;latitude;height\n1;115°36'3.6\"E;38°24'3.6\"N;8,5\n2;115°36'4\"E;38°24'4\"N;9,25\n"
    look = asked(steward, "look", file=hand_in(steward, rows.encode(), "lamps.csv"), kind="street_lamp")
    assert look["mapping"]["decimal"] == ","
    file = hand_in(steward, rows.encode(), "lamps.csv")
    tried = asked(steward, "try", file=file, mapping=look["mapping"] | {"system": "wgs84"})
    assert (tried["rows"][0]["lon"], tried["rows"][0]["attributes"]) == (115.601, {"height_m": 8.5})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"\n", "a.csv"),
        ("a.csv", bytes(range(256)) * 40, "binary"),
        ("a.zip", b"PK\x03\x04 broken", "zip"),
        ("a.xlsx", b"not a workbook", "cannot be read"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "empty"),
        ("a.csv", (",".join(f"c{n}" for n in range(600)) + "\n" + ",".join("1" * 600)).encode(), "600 columns"),
    ],
)
def test_what_cannot_be_mapped_is_said_in_a_sentence(steward: Person, name: str, content: bytes, said: str) -> None:
    answer = steward.post("/api/mappings/look", json={"file": hand_in(steward, content, name)})
    assert answer.status_code in (400, 415, 422), answer.text
    assert "waiting/" not in answer.text, "where the server keeps files is nobody's business"
    assert said in answer.json()["detail"]
    assert answer.json()["next_step"]


def test_only_the_beginning_of_a_long_file_is_read(steward: Person) -> None:
    line = f"1,人民路,{WEST},{SOUTH}\n"
    look = asked(steward, "look", file=hand_in(steward, ("code,road,lon,lat\n" + line * 300_000).encode(), "long.csv"))
    assert (look["rows"], look["more"]) == (1000, True)
