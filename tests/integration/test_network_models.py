"""EPANET and SWMM files into the register and back: the same results to 1e-6, and every broken file refused whole (C3)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import CRS
from sqlalchemy import Connection, Engine, text

from config import i18n
from config.errors import CityCommandError, InvalidInput, UnreadableFile
from gis.db import make_engine
from gis.networks import inp, memory
from gis.networks.inp_formats import SWMM
from gis.networks.models import export_model, import_model
from tests.support import wntr_networks
from tests.support.databases import Database
from tests.support.real_data import real

LOCAL = CRS.from_proj4("+proj=tmerc +lat_0=38.4 +lon_0=115.6 +k=1 +x_0=0 +y_0=0 +units=m").to_wkt()
"""A frame for networks whose coordinates are of nowhere: metres around a place in the demonstration's country."""

SEWERS = {"ajax": "EPSG:26917", "epa_user5": "EPSG:2926", "cos_reduced_outlets": "EPSG:32633"}
"""The systems that these tests state; the files do not. Only that of ajax is known (SOURCES.md)."""


@pytest.fixture
def db(database: Database) -> Iterator[Connection]:
    """A transaction in an empty city, rolled back afterwards."""
    engine: Engine = make_engine(database.app_url)
    with engine.connect() as connection:
        yield connection
        connection.rollback()
    engine.dispose()


@pytest.mark.parametrize("name", wntr_networks.ALL)
def test_epanet_gives_the_same_pressures_and_flows(db: Connection, tmp_path: Path, name: str) -> None:
    path = wntr_networks.inp(name)
    outcome = import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    model = wntr_networks.model(name)
    assert outcome.counts["nodes"] == model.num_nodes
    assert outcome.counts["links"] == model.num_links
    back = tmp_path / "back.inp"
    back.write_text(export_model(db, "model"), encoding="utf-8")
    before, after = simulated(path, tmp_path / "a"), simulated(back, tmp_path / "b")
    for what in ("pressure", "head"):
        assert (
            np.abs(before.node[what].to_numpy() - after.node[what][before.node[what].columns].to_numpy()).max() <= 1e-6
        )
    for what in ("flowrate", "velocity"):
        assert (
            np.abs(before.link[what].to_numpy() - after.link[what][before.link[what].columns].to_numpy()).max() <= 1e-6
        )


def simulated(path: Path, prefix: Path) -> Any:
    """EPANET's results for a file, of the first day at most."""
    import wntr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = wntr.network.WaterNetworkModel(str(path))
        model.options.time.duration = min(model.options.time.duration, 24 * 3600)
        return wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(prefix))


def test_a_changed_pipe_is_written_back_and_the_rest_stays(db: Connection) -> None:
    import_model(db, wntr_networks.inp("Net3"), "epanet", {"system": LOCAL, "source": "model"})
    before = export_model(db, "model")
    db.execute(
        text(
            "update gis.asset set attributes = jsonb_set(attributes, '{diameter_mm}', '254') where source = 'model' and"
            " source_ref = 'L:101'"
        )
    )
    changed = [
        (a, b) for a, b in zip(before.splitlines(), export_model(db, "model").splitlines(), strict=True) if a != b
    ]
    assert len(changed) == 1
    assert changed[0][1].split()[4] == "10.0"  # Net3 is in inches


def test_an_imported_network_is_traced(db: Connection) -> None:
    outcome = import_model(db, wntr_networks.inp("Net3"), "epanet", {"system": LOCAL, "source": "model"})
    water = memory.current(db, "water")
    assert water.graph.edges == outcome.counts["links"]
    assert water.graph.nodes == outcome.counts["nodes"]
    assert sum(role == "source" for role in water.role) == 5  # two reservoirs, three tanks


def test_the_same_file_again_changes_nothing_and_what_left_it_is_removed(db: Connection, tmp_path: Path) -> None:
    path = wntr_networks.inp("Net3")
    import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    again = import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    assert again.counts["assets"]["added"] == again.counts["assets"]["changed"] == again.counts["removed"] == 0
    shorter = tmp_path / "shorter.inp"
    lines = path.read_text().splitlines()
    shorter.write_text("\n".join(line for line in lines if line.split()[:3] != ["20", "3", "20"]))
    assert import_model(db, shorter, "epanet", {"system": LOCAL, "source": "model"}).counts["removed"] == 1


@pytest.mark.parametrize("name", SEWERS)
def test_swmm_comes_back_as_it_went_in(db: Connection, tmp_path: Path, name: str) -> None:
    path = real(f"sewer-swmm/{name}.inp")
    outcome = import_model(db, path, "swmm", {"system": SEWERS[name], "source": "sewers"})
    nodes, links = {"ajax": (1998, 1984), "epa_user5": (200, 276), "cos_reduced_outlets": (144, 153)}[name]
    assert (outcome.counts["nodes"], outcome.counts["links"]) == (nodes, links)
    back = tmp_path / "back.inp"
    back.write_text(export_model(db, "sewers"), encoding="utf-8")
    assert words(back) == words(path)
    sewer = memory.current(db, "sewer")
    assert sewer.graph.edges == links


def words(path: Path) -> dict[str, list[list[str]]]:
    """Every row of a file by section, without comments and spacing; order within a section counts."""
    found: dict[str, list[list[str]]] = {}
    for section in inp.read(path):
        rows = [inp.cells(line) for line in section.lines]
        found.setdefault(SWMM.section(section.heading), []).extend(row for row in rows if row)
    return {name: rows for name, rows in found.items() if rows}


@pytest.mark.parametrize("name", ["epa_user5", "cos_reduced_outlets"])
def test_swmm_simulates_the_same(db: Connection, tmp_path: Path, name: str) -> None:
    path = real(f"sewer-swmm/{name}.inp")
    import_model(db, path, "swmm", {"system": SEWERS[name], "source": "sewers"})
    back = tmp_path / "back.inp"
    back.write_text(export_model(db, "sewers"), encoding="utf-8")
    assert flooding(path, tmp_path / "a") == flooding(back, tmp_path / "b")


def flooding(path: Path, prefix: Path) -> list[tuple[float, ...]]:
    """Depth and inflow of every node after the first 200 routing steps of a SWMM run."""
    from swmm.toolkit import shared_enum, solver

    solver.swmm_open(str(path), f"{prefix}.rpt", f"{prefix}.out")
    solver.swmm_start(0)
    for _ in range(200):
        if not solver.swmm_step():
            break
    nodes = solver.project_get_count(shared_enum.ObjectType.NODE)
    found = [
        tuple(
            solver.node_get_result(n, what)
            for what in (shared_enum.NodeResult.DEPTH, shared_enum.NodeResult.TOTAL_INFLOW)
        )
        for n in range(nodes)
    ]
    solver.swmm_end()
    solver.swmm_close()
    return found


SMALL = """[TITLE]
small
[JUNCTIONS]
 J1 10 1
 J2 12 1
[RESERVOIRS]
 R 50
[TANKS]
[PIPES]
 P1 R J1 100 200 100 0 Open
 P2 J1 J2 80 150 100 0 Open
[PUMPS]
[VALVES]
[OPTIONS]
 Units LPS
 Headloss H-W
[COORDINATES]
 R 10 10
 J1 110 10
 J2 190 10
[END]
"""

BROKEN: dict[str, tuple[Callable[[str], str], type[CityCommandError], str]] = {
    "missing node": (lambda s: s.replace("P2 J1 J2", "P2 J1 J9"), InvalidInput, "J9"),
    "node twice": (lambda s: s.replace(" J2 12 1", " J2 12 1\n J2 13 1"), InvalidInput, "J2"),
    "link twice": (lambda s: s.replace("P2 J1 J2", "P1 J1 J2"), InvalidInput, "P1"),
    "no coordinates": (lambda s: s.replace(" J2 190 10\n", ""), InvalidInput, "J2"),
    "coordinates no numbers": (lambda s: s.replace(" J2 190 10\n", " J2 east 10\n"), InvalidInput, "J2"),
    "coordinates at zero": (lambda s: s.replace(" J2 190 10\n", " J2 0 0\n"), InvalidInput, "J2"),
    "no pipes": (lambda s: "\n".join(row for row in s.splitlines() if " P" not in row[:2]), InvalidInput, "pipes"),
    "empty sections": (lambda _: "[JUNCTIONS]\n[PIPES]\n[END]\n", InvalidInput, "nodes"),
    "row cut off": (lambda s: s.replace(" P2 J1 J2 80 150 100 0 Open", " P2 J1"), InvalidInput, "P2"),
    "length no number": (lambda s: s.replace("J2 80 150", "J2 long 150"), InvalidInput, "'long' is no number .line 11"),
    "length below zero": (
        lambda s: s.replace("J2 80 150", "J2 -80 150"),
        InvalidInput,
        r"below zero \(line 11: P2 J1 J2 -80",
    ),
    "valve of no kind": (
        lambda s: s.replace("[VALVES]", "[VALVES]\n V J1 J2 9 XX 3 0"),
        InvalidInput,
        r"13\) \(line 14: V J1",
    ),
    "pump without its curve": (
        lambda s: s.replace("[PUMPS]", "[PUMPS]\n U R J2 HEAD C9"),
        InvalidInput,
        "names 'C9', which",
    ),
    "no input file": (lambda _: "a,b\n1,2\n", UnreadableFile, "sections"),
    "not text": (lambda _: "PK\0\3", UnreadableFile, "text"),
    "empty": (lambda _: "", UnreadableFile, "sections"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_refused_whole(db: Connection, tmp_path: Path, case: str) -> None:
    spoil, error, named = BROKEN[case]
    path = tmp_path / "small.inp"
    path.write_text(spoil(SMALL))
    before = state(db)
    point = db.begin_nested()
    with pytest.raises(error, match=named) as refused:
        import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    point.rollback()
    assert state(db) == before
    assert "/" not in str(refused.value).replace("Manual/", ""), "no path of this machine"


@pytest.mark.parametrize("case", [case for case in BROKEN if case not in ("no input file", "not text", "empty")])
def test_a_refusal_is_chinese_as_a_whole(db: Connection, tmp_path: Path, case: str) -> None:
    path = tmp_path / "管网.inp"
    path.write_text(BROKEN[case][0](SMALL))
    with i18n.use("zh"), pytest.raises(InvalidInput) as refused:
        import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    said = " ".join(refused.value.said(i18n.gettext("zh")))
    of_the_file = r"EPANET|（.*?）|\[.*?\]|“.*?”|'.*?'|east|\.inp|\b[A-Z]\w*"
    words = re.sub(of_the_file, "", said)
    assert not re.search("[a-z]{3}", words), said


def test_a_model_without_options_is_in_the_usual_units(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "small.inp"
    path.write_text(SMALL.replace("[OPTIONS]\n Units LPS\n Headloss H-W\n", ""))
    import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    diameter = "select (attributes ->> 'diameter_mm')::float from gis.asset where source_ref = 'L:P2'"
    assert db.execute(text(diameter)).scalar() == pytest.approx(150 * 25.4), "inches, as EPANET has it with US units"


def test_the_system_is_asked_for(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "small.inp"
    path.write_text(SMALL)
    with pytest.raises(InvalidInput, match="states no coordinate system"):
        import_model(db, path, "epanet", {})


def test_a_good_one_goes_in_so_the_refusals_mean_something(db: Connection, tmp_path: Path) -> None:
    path = tmp_path / "small.inp"
    path.write_text(SMALL)
    outcome = import_model(db, path, "epanet", {"system": LOCAL, "source": "model"})
    assert outcome.counts["kinds"] == {"water_junction": 2, "water_main": 2, "water_reservoir": 1}


def state(db: Connection) -> tuple[int, ...]:
    """How many assets, models and runs there are."""
    return tuple(
        db.execute(text(f"select count(*) from gis.{table}")).scalar_one()
        for table in ("asset", "network_model", "import_run", "setting")
    )
