"""An import in steps: what it would change is shown before, applied in one transaction, undone as a whole (C3, C5)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, text

from api import import_work
from api.import_work import Task
from config.errors import CityCommandError, IllegalStep, ImportInUse, InvalidInput, StalePreview, UnreadableFile
from config.settings import Settings
from gis.db import make_engine, transaction
from gis.importing import corrections, difference, run_list, steps, undo
from tests.support import gtfs_feed
from tests.support.osm_xml import OsmXml

HEADER = ("code", "road", "watt", "lon", "lat")
ROWS: list[tuple[Any, ...]] = [
    ("L1", "人民路", 150, 116.401, 39.901), ("L2", "解放路", 70, 116.402, 39.902), ("L3", "东四十条", 70, 116.403, 39.903),
]  # fmt: skip
MAPPING: dict[str, Any] = {
    "source": "lamps", "reference": "{code}", "kind": "street_lamp", "name": "{road}", "system": "wgs84",
    "geometry": {"x": "lon", "y": "lat"}, "attributes": {"power_w": {"column": "watt", "type": "integer"}},
}  # fmt: skip


@pytest.fixture
def engine(new_database: Any) -> Iterator[Engine]:
    """A database of this test alone: steps commit."""
    engine = make_engine(new_database().app_url, pool_size=4)
    yield engine
    engine.dispose()


def write(path: Path, rows: list[tuple[Any, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def lamps(path: Path, rows: list[tuple[Any, ...]] = ROWS) -> Task:
    return Task("layer", [write(path, rows)], MAPPING)


def take(engine: Engine, settings: Settings, task: Task) -> int:
    run = import_work.preview(engine, settings, task)
    import_work.apply(engine, settings, run)
    return run


def register(engine: Engine) -> dict[str, tuple[str, str, Any]]:
    with engine.connect() as db:
        rows = db.execute(text("select source_ref, name, status, attributes ->> 'power_w' as w from gis.asset"))
        return {row.source_ref: (row.name, row.status, row.w) for row in rows}


def state(engine: Engine, run: int) -> str:
    with engine.connect() as db:
        return str(steps.get(db, run).state)


def test_a_preview_shows_and_changes_nothing(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    take(engine, settings, lamps(tmp_path / "a.csv"))
    changed = [
        ("L1", "人民路", 250, 116.4011, 39.901), ROWS[1], ("L4", "新街", 70, 116.404, 39.904), ("L5", "", 1, 0, 0),
    ]  # fmt: skip
    before = register(engine)
    run = import_work.preview(engine, settings, lamps(tmp_path / "b.csv", changed))
    assert register(engine) == before
    assert state(engine, run) == "previewed"
    with engine.connect() as db:
        told = run_list.run(db, run)
        rows = {row["ref"]: row for row in difference.rows(db, run)}
        drawn = difference.features(db, run)
    assert told["difference"] == {"absent": 1, "added": 1, "changed": 1}
    assert told["counts"]["assets"] == {"added": 1, "changed": 1, "unchanged": 1, "absent": 1, "refused": 0}
    assert (told["refused"], told["can"]) == (1, ["apply", "discard"])
    assert {ref: row["change"] for ref, row in rows.items()} == {"L1": "changed", "L3": "absent", "L4": "added"}
    power, moved = rows["L1"]["fields"]
    assert power == {"field": "attributes.power_w", "before": 150, "after": 250}
    assert (moved["field"], 7 < moved["moved_m"] < 10) == ("geometry", True)
    assert {f["properties"]["ref"]: f["properties"]["change"] for f in drawn["features"]} == {
        "L1": "changed", "L4": "added",
    }  # fmt: skip


def test_applying_does_what_was_shown_and_undoing_takes_it_back(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    take(engine, settings, lamps(tmp_path / "a.csv"))
    before = register(engine)
    changed = [("L1", "人民路", 250, 116.4011, 39.901), *ROWS[1:], ("L4", "新街", 70, 116.404, 39.904)]
    run = take(engine, settings, lamps(tmp_path / "b.csv", changed))
    assert register(engine)["L1"] == ("人民路", "intact", "250")
    assert register(engine)["L4"][1] == "intact"
    with engine.connect() as db:
        assert run_list.run(db, run)["difference"] == {"added": 1, "changed": 1}  # read from the history now
        assert db.execute(text("select count(*) from gis.import_change")).scalar_one() == 0
    assert not (settings.imports_directory / str(run)).exists()

    with transaction(engine) as db:
        undone = undo.undo(db, run)
    assert dict(undone.counts["assets"]) == {"removed": 1, "restored": 1}
    assert register(engine) == before | {"L4": ("新街", "removed", "70")}
    assert state(engine, run) == "undone"
    with engine.connect() as db:
        place = db.execute(text("select st_x(geom) from gis.asset where source_ref = 'L1'")).scalar_one()
        history = db.execute(
            text("select change, why from gis.asset_history where import_run_id = :id order by 1"),
            {"id": undone.run_id},
        ).all()
    assert place == 116.401
    assert [tuple(row) for row in history] == [
        ("changed", f"undo of run {run}"), ("removed", f"undo of run {run}"),
    ]  # fmt: skip
    with transaction(engine) as db, pytest.raises(IllegalStep, match="it is undone"):
        undo.undo(db, run)


def test_an_undone_import_can_be_made_again(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    first = take(engine, settings, lamps(tmp_path / "a.csv"))
    with transaction(engine) as db:
        undo.undo(db, first)
        assert db.execute(text("select count(*) from gis.setting where name = 'extent'")).scalar_one() == 0
    assert {status for _, status, _ in register(engine).values()} == {"removed"}
    again = take(engine, settings, lamps(tmp_path / "a.csv"))
    assert {status for _, status, _ in register(engine).values()} == {"intact"}
    with engine.connect() as db:
        assert run_list.run(db, again)["counts"]["assets"] == {
            "added": 0, "changed": 3, "unchanged": 0, "absent": 0, "refused": 0,
        }  # fmt: skip


def test_what_somebody_removed_stays_removed(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    take(engine, settings, lamps(tmp_path / "a.csv"))
    with transaction(engine) as db:
        db.execute(text("update gis.asset set status = 'removed', version = version + 1 where source_ref = 'L2'"))
    take(engine, settings, lamps(tmp_path / "b.csv", [*ROWS, ("L4", "x", 1, 116.404, 39.904)]))
    assert register(engine)["L2"][1] == "removed"


def test_an_undo_is_refused_where_later_work_rests_on_it(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    first = take(engine, settings, lamps(tmp_path / "a.csv"))
    second = take(engine, settings, lamps(tmp_path / "b.csv", [("L1", "改名路", 150, 116.401, 39.901), *ROWS[1:]]))
    with transaction(engine) as db, pytest.raises(ImportInUse, match=r"1 assets .* L1 \(import layer b.csv\)"):
        undo.undo(db, first)
    assert state(engine, first) == "applied"
    with transaction(engine) as db:
        outcome = undo.undo(db, first, keep_later=True)
    assert (outcome.counts["kept"], outcome.counts["assets"]["removed"]) == (["L1"], 2)
    assert {ref: status for ref, (_, status, _) in register(engine).items()} == {
        "L1": "intact", "L2": "removed", "L3": "removed",
    }  # fmt: skip
    with transaction(engine) as db:
        undo.undo(db, second)
    assert register(engine)["L1"] == ("人民路", "intact", "150")


def test_what_changed_since_the_preview_is_previewed_again(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    take(engine, settings, lamps(tmp_path / "a.csv"))
    run = import_work.preview(engine, settings, lamps(tmp_path / "b.csv", [("L1", "新名", 150, 116.401, 39.901)]))
    take(engine, settings, lamps(tmp_path / "c.csv", [*ROWS, ("L9", "插队", 1, 116.405, 39.905)]))
    with pytest.raises(StalePreview, match=f"since run {run} was previewed"):
        import_work.apply(engine, settings, run)
    assert state(engine, run) == "previewed"
    assert register(engine)["L1"][0] == "人民路"
    with engine.connect() as db:
        assert run_list.run(db, run)["difference"] == {"absent": 3, "changed": 1}
    import_work.apply(engine, settings, run)
    assert register(engine)["L1"][0] == "新名"


def test_a_discarded_run_does_nothing_more(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    run = import_work.preview(engine, settings, lamps(tmp_path / "a.csv"))
    import_work.discard(engine, settings, run)
    assert (state(engine, run), register(engine)) == ("discarded", {})
    with pytest.raises(IllegalStep, match="it is discarded"):
        import_work.apply(engine, settings, run)


def test_a_file_that_was_altered_meanwhile_is_not_applied(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    run = import_work.preview(engine, settings, lamps(tmp_path / "a.csv"))
    write(settings.imports_directory / str(run) / "a.csv", ROWS[:1])
    with pytest.raises(UnreadableFile, match="no longer those"):
        import_work.apply(engine, settings, run)
    assert register(engine) == {}


def test_a_run_that_cannot_be_previewed_says_why(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Not one row"):
        import_work.preview(engine, settings, lamps(tmp_path / "a.csv", [("L1", "", 1, 0, 0)]))
    with engine.connect() as db:
        (failed,) = run_list.runs(db)
    assert failed["state"] == "failed"
    assert "at_zero" in str(CityCommandError.from_kept(failed["problem"]))
    assert list(settings.imports_directory.glob(f"{failed['id']}")) == []


def test_a_run_whose_worker_died_is_told_as_interrupted(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    run = import_work.open_run(engine, settings, lamps(tmp_path / "a.csv"))
    with transaction(engine) as db:
        db.execute(text("update gis.import_run set started_at = started_at - interval '1 minute'"))
    with transaction(engine) as db:
        assert steps.settle_interrupted(db) == 1
    assert state(engine, run) == "failed"


def test_a_city_with_areas_is_previewed_and_undone(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    town = OsmXml()
    a, b = town.node(115.601, 38.401), town.node(115.610, 38.405)
    town.way([a, b], highway="primary", name="人民路")
    task = Task("osm", [town.write(tmp_path / "town.osm")], None, {"name": "小镇"})
    run = import_work.preview(engine, settings, task)
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.area")).scalar_one() == 0
        shown = difference.rows(db, run)
    assert {row["object"] for row in shown} == {"asset", "area"}
    assert [row["kind"] for row in shown if row["object"] == "area"] == ["city", "district", "subdistrict", "community"]
    import_work.apply(engine, settings, run)
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.unit_grid")).scalar_one() > 10
    with transaction(engine) as db:
        outcome = undo.undo(db, run)
    assert outcome.counts["areas"] == {"restored": 0, "removed": 4, "kept": 0}
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.area")).scalar_one() == 0
        assert db.execute(text("select count(*) from gis.unit_grid")).scalar_one() == 0
    assert take(engine, settings, task)
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.area")).scalar_one() == 4


def test_areas_in_use_are_not_taken_away(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    town = OsmXml()
    a, b = town.node(115.601, 38.401), town.node(115.610, 38.405)
    town.way([a, b], highway="primary", name="人民路")
    run = take(engine, settings, Task("osm", [town.write(tmp_path / "town.osm")], None, {"name": "小镇"}))
    with transaction(engine) as db:
        db.execute(
            text(
                "insert into gis.centre (code, name, axis, area_id) select 'C', '中心', 'command', id from gis.area where level = 'city'"
            )
        )
    with pytest.raises(ImportInUse, match=r"小镇.* is in use: centre"), transaction(engine) as db:
        undo.undo(db, run)
    assert state(engine, run) == "applied"
    with transaction(engine) as db:
        assert undo.undo(db, run, keep_later=True).counts["areas"] == {"restored": 0, "removed": 3, "kept": 1}


def test_an_edition_of_a_timetable_gives_way_to_the_one_before(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    first = take(engine, settings, Task("gtfs", [gtfs_feed.write(tmp_path / "one.zip")]))
    renamed = gtfs_feed.STOPS.replace("东站", "新东站")
    second = take(engine, settings, Task("gtfs", [gtfs_feed.write(tmp_path / "two.zip", {"stops": renamed})]))

    def current() -> int:
        with engine.connect() as db:
            return int(db.execute(text("select version from gis.transit_feed where current")).scalar_one())

    assert current() == 2
    with pytest.raises(ImportInUse), transaction(engine) as db:
        undo.undo(db, first)
    with transaction(engine) as db:
        assert undo.undo(db, second).counts["timetable"]["to"] == 1
    assert current() == 1


def test_refused_rows_are_corrected_and_come_in(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    rows = [
        *ROWS,
        ("L4", "=危险", "many", 116.404, 39.904),
        ("", "无号", 70, 116.405, 39.905),
        ("L1", "again", 70, 116.406, 39.906),
    ]
    run = take(engine, settings, lamps(tmp_path / "a.csv", rows))
    with engine.connect() as db:
        table = corrections.as_csv(run_list.rejects(db, run))
        drawn = json.loads(corrections.as_geojson(run_list.rejects(db, run)))
        mapping = corrections.replay_mapping(db, run)
    found = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    assert [row["#reason"] for row in found] == ["unreadable_value", "no_reference", "twice"]
    assert (found[0]["road"], found[0]["#row"]) == ("'=危险", "4")  # no spreadsheet runs it
    assert drawn["features"][1]["geometry"] == {"type": "Point", "coordinates": [116.405, 39.905]}
    found[0]["watt"], found[1]["code"] = "90", "L5"
    corrected = tmp_path / "corrected.csv"
    with corrected.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    replay = take(engine, settings, Task("layer", [corrected], mapping, replays=run))
    held = register(engine)
    assert (held["L4"], held["L5"], held["L1"]) == (
        ("=危险", "intact", "90"), ("无号", "intact", "70"), ("人民路", "intact", "150"),
    )  # fmt: skip
    with engine.connect() as db:
        left = [row["row"] for row in run_list.rejects(db, run) if row["replayed_at"] is None]
        told = run_list.run(db, replay)
    assert left == ["6"]  # still the code of another lamp
    assert (told["counts"]["mended"], told["replays"], told["refused"]) == (2, run, 1)


def test_every_step_follows_only_the_states_it_may(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    run = import_work.preview(engine, settings, lamps(tmp_path / "a.csv"))
    with transaction(engine) as db, pytest.raises(IllegalStep):
        undo.undo(db, run)
    import_work.apply(engine, settings, run)
    with pytest.raises(IllegalStep):
        import_work.discard(engine, settings, run)
    with pytest.raises(IllegalStep):
        import_work.apply(engine, settings, run)


def test_a_shapefile_waits_with_all_its_parts(engine: Engine, settings: Settings, tmp_path: Path) -> None:
    import geopandas

    frame = geopandas.GeoDataFrame({"code": ["L1"]}, geometry=[shapely.Point(116.4, 39.9)], crs="EPSG:4326")
    frame.to_file(tmp_path / "lamps.shp", engine="pyogrio", encoding="UTF-8")
    mapping = {"source": "lamps", "reference": "{code}", "kind": "street_lamp"}
    run = import_work.preview(engine, settings, Task("layer", [tmp_path / "lamps.shp"], mapping))
    for part in tmp_path.glob("lamps.*"):
        part.unlink()
    import_work.apply(engine, replace(settings), run)
    assert list(register(engine)) == ["L1"]
