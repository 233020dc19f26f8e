"""`python -m data.figures`: has the generated city the figures of the reference city?

Lengths may be one per cent off, counts not at all. Ends with 1 where something is further off, so that it can stand in a script.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any

import geopandas as gpd

from data.generator import DEFAULT_SEED, City, generate
from data.generator.figures import REFERENCE_CABINETS, figures
from data.generator.frame import WORK_CRS

TOLERANCE = 0.01


@dataclass(frozen=True)
class Figure:
    """What was wanted and what there is; `rule` says how they are held against each other: near, exact or most."""

    name: str
    wanted: float
    found: float
    rule: str = "exact"

    @property
    def holds(self) -> bool:
        """Whether it is as it should be."""
        if self.rule == "near":
            return abs(self.found - self.wanted) <= TOLERANCE * self.wanted
        return self.found <= self.wanted if self.rule == "most" else self.found == self.wanted


def measured(city: City) -> list[Figure]:
    """All figures of a city, lengths in kilometres."""
    wanted = figures(city.scale)
    assets = city.assets
    lines = _facts(assets["bus_line"])
    municipal = [facts["municipal"] for facts in _facts(assets["road"])]
    return [
        Figure("municipal roads, km", wanted.roads_m / 1000, _km(assets["road"][municipal]), "near"),
        Figure("bridges", wanted.bridges, len(assets["bridge"])),
        Figure("street lamps", wanted.lamps, len(assets["street_lamp"])),
        Figure("lighting cabinets", max(1, REFERENCE_CABINETS * city.scale), len(assets["lamp_cabinet"]), "most"),
        Figure("water plants", wanted.water_plants, len(assets["water_plant"])),
        Figure("water mains, km", wanted.water_m / 1000, _km(assets["water_main"]), "near"),
        Figure("sewers, km", wanted.sewer_m / 1000, _km(assets["sewer"]), "near"),
        Figure("bus lines", wanted.bus_lines, len(assets["bus_line"])),
        Figure("bus lines one way, km", wanted.bus_m / 1000, sum(facts["one_way_m"] for facts in lines) / 1000, "near"),
        Figure("buses", wanted.buses, len(assets["bus"])),
        Figure("sub-districts", wanted.sub_districts, int((city.areas.level == "subdistrict").sum())),
        Figure("communities", wanted.communities, int((city.areas.level == "community").sum())),
    ]


def table(found: list[Figure]) -> str:
    """One line a figure."""
    head = f"{'figure':<24}{'wanted':>12}{'found':>12}"
    rows = (f"{one.name:<24}{one.wanted:>12,.10g}{one.found:>12,.6g}  {'' if one.holds else 'NO'}" for one in found)
    return "\n".join([head, *(row.rstrip() for row in rows)])


def _km(frame: gpd.GeoDataFrame) -> float:
    return float(frame.to_crs(WORK_CRS).length.sum()) / 1000


def _facts(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    return [json.loads(text) for text in frame.attributes]


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when every figure holds."""
    parser = argparse.ArgumentParser(prog="python -m data.figures", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    chosen = parser.parse_args(arguments)
    try:
        found = measured(generate(chosen.seed, chosen.scale))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(table(found))
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
