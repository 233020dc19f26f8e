"""`python -m data.compare [FILE.osm.pbf …]`: does the demonstration city look like real ones?

Prints the figures of street_metrics.py for the generated streets and for those of OpenStreetMap files, and how far each
generated figure lies from the nearest real one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import shapely
from pyproj import Transformer

from config.errors import CityCommandError
from data.generator import DEFAULT_SEED, street_lines
from data.street_metrics import COMPARED, Metrics, deviation, measure, names
from gis import coordinates
from gis.importing import runs
from gis.importing.osm import OsmFile
from gis.importing.osm_rules import read_rules

CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary")
DRIVABLE = {*CLASSES, *(f"{name}_link" for name in CLASSES), "unclassified", "residential", "living_street"}
"""Streets that people drive through; ways to garages and car parks (`service`) and paths are left out everywhere."""


def real_streets(path: Path) -> list[shapely.LineString]:
    """Drivable streets of an OpenStreetMap file in metres, read as an import reads them. Raises UnreadableFile."""
    rows = [
        shapely.from_wkb(row.wkb)
        for row in OsmFile(path, read_rules(runs.load_mapping("osm"))).assets()
        if row.kind == "road" and json.loads(row.attributes).get("class") in DRIVABLE
    ]
    middle = shapely.MultiPoint([line.coords[0] for line in rows]).centroid
    plane = coordinates.work_srid(middle.x, middle.y)
    to_metres = Transformer.from_crs("EPSG:4326", f"EPSG:{plane}", always_xy=True).transform
    return [shapely.transform(line, to_metres, interleaved=False) for line in rows]


def table(made: Metrics, real: dict[str, Metrics]) -> str:
    """One line a figure: the generated city, each real one, and the deviation from the nearest."""
    head = [f"{'figure':<22}", f"{'generated':>14}", *(f"{name[:18]:>20}" for name in real), f"{'off by':>9}"]
    lines = ["".join(head)]
    for name in names():
        value = getattr(made, name)
        others = [getattr(metrics, name) for metrics in real.values()]
        off = f"{deviation(value, others):>9.1%}" if name in COMPARED and others else ""
        lines.append(f"{name:<22}{value:>14,.3f}" + "".join(f"{other:>20,.3f}" for other in others) + off)
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 with a table, 1 with one sentence."""
    parser = argparse.ArgumentParser(prog="python -m data.compare", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="OpenStreetMap files (PBF or XML) to compare with")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    chosen = parser.parse_args(arguments)
    try:
        made = measure(street_lines(chosen.seed, chosen.scale))
        real = {path.name.partition(".")[0]: measure(real_streets(path)) for path in chosen.files}
    except (CityCommandError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(table(made, real))
    return 0


if __name__ == "__main__":
    sys.exit(main())
