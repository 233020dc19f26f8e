"""A layer in the city's own frame comes in; the parameters are in no table, no log, no outcome."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from api import import_work
from api.import_work import Task
from config.errors import CityCommandError
from config.settings import Settings
from gis import frames
from gis.db import make_engine, transaction
from tests.support.databases import Database
from tests.unit.test_frames import FOUR, SEVEN, leaks, written

MAPPING = {
    "source": "survey",
    "reference": "{id}",
    "kind": "manhole",
    "system": "local",
    "geometry": {"x": "east", "y": "north", "shape": "point"},
}


@pytest.mark.parametrize("kind", ["helmert4", "helmert7"])
def test_a_layer_in_the_local_frame(
    kind: str,
    database: Database,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = written(tmp_path / "frame.toml", kind, FOUR if kind == "helmert4" else SEVEN)
    lon, lat = np.array([116.40, 116.41]), np.array([39.90, 39.91])
    x, y = frames.read(path).from_wgs84(lon, lat)
    layer = tmp_path / "survey.csv"
    rows_in = [f"{kind}{n},{a!r},{b!r}" for n, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True))]
    layer.write_text("\n".join(["id,east,north", *rows_in]))
    here = dataclasses.replace(settings, local_frame=path)
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        outcome = import_work.do(db, here, Task("layer", [layer], MAPPING))
    with transaction(engine) as db:
        rows = db.execute(
            text(
                "select st_x(geom) as lon, st_y(geom) as lat, raw_position from gis.asset where source_ref like :like order by 1"
            ),
            {"like": f"{kind}%"},
        ).all()
        with pytest.raises(CityCommandError) as refused:
            import_work.do(db, settings, Task("layer", [layer], MAPPING))
    engine.dispose()
    assert [row.lon for row in rows] == pytest.approx(lon, abs=1e-8)
    assert [row.lat for row in rows] == pytest.approx(lat, abs=1e-8)
    assert rows[0].raw_position == {"system": "local", "x": x[0], "y": y[0]}
    dump = subprocess.run(
        ["pg_dump", "--data-only", database.owner.set(drivername="postgresql").render_as_string(hide_password=False)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PGTZ": "UTC"},
    ).stdout
    said = (
        json.dumps(outcome.counts, default=str)
        + str(outcome.notes)
        + str(refused.value)
        + caplog.text
        + "".join(capfd.readouterr())
    )
    assert "survey" in dump
    assert leaks(dump + said) == []
    assert leaks(repr(here)) == []
