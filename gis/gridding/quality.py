"""How good drawn unit grids are: figures that a surveyor would check, with the codes of those to look at. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from gis.gridding import mesh
from gis.gridding.cutting import compactness
from gis.gridding.drawing import Drawn

BINS = (0, 1_000, 2_500, 5_000, 7_500, 10_000, 12_500, 15_000, 20_000, 50_000, np.inf)
"""Edges of the histogram of areas, m²."""

USUAL = (5_000.0, 20_000.0)
SLIVER_M2, SLIVER_M = 1_000.0, 8.0
"""A unit grid below this area, or narrower on average, is a sliver."""

CROSSED = 0.05
"""A building counts as crossed where two unit grids or more hold at least this share of it."""

ON_LINE_M = 0.5
LISTED = 50
"""So many codes of each fault are named; all are counted."""


def measure(drawn: Drawn, codes: Sequence[str], community: shapely.Geometry) -> dict[str, Any]:
    """Figures of one community's unit grids. `community` is its shape in WGS 84."""
    shapes = drawn.flat
    whole = drawn.plane.to_metres(community)
    areas, widths = shapely.area(shapes), 2 * shapely.area(shapes) / shapely.length(shapes)
    thin = (areas < SLIVER_M2) | (widths < SLIVER_M)
    inner, on_lines = _inner_borders(drawn)
    crossed, buildings = _crossed(drawn)
    together = shapely.union_all(shapes)
    return {
        "areas_m2": areas.tolist(),
        "compactness": compactness(shapes).tolist(),
        "slivers": [codes[number] for number in np.flatnonzero(thin).tolist()],
        "inner_border_m": inner,
        "on_lines_m": on_lines,
        "buildings": buildings,
        "buildings_crossed": crossed,
        "off_community_m2": float(together.difference(whole).area),
        "gaps_m2": float(whole.difference(together).area),
        "overlaps_m2": max(0.0, float(areas.sum() - together.area)),
        "fits": bool(shapely.coverage_is_valid(shapes)),
    }


def report(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One report over the figures of all communities (see `measure`)."""
    found = list(parts)
    areas = np.array([area for part in found for area in part["areas_m2"]])
    rounds = np.array([each for part in found for each in part["compactness"]])
    slivers = [code for part in found for code in part["slivers"]]
    inner, on_lines = (sum(part[name] for part in found) for name in ("inner_border_m", "on_lines_m"))
    usual = (areas >= USUAL[0]) & (areas <= USUAL[1])
    return {
        "communities": len(found),
        "grids": len(areas),
        "area_m2": _spread(areas, 0),
        "histogram": _histogram(areas),
        "share_5000_to_20000": _share(int(usual.sum()), len(areas)),
        "compactness": _spread(rounds, 2),
        "inner_border_km": round(inner / 1000, 1),
        "border_on_streets": _share(on_lines, inner),
        "buildings": sum(part["buildings"] for part in found),
        "buildings_crossed": sum(part["buildings_crossed"] for part in found),
        "slivers": len(slivers),
        "sliver_codes": slivers[:LISTED],
        "off_community_m2": _sum(found, "off_community_m2"),
        "gaps_m2": _sum(found, "gaps_m2"),
        "overlaps_m2": _sum(found, "overlaps_m2"),
        "fit_vertex_to_vertex": all(part["fits"] for part in found),
    }


def _inner_borders(drawn: Drawn) -> tuple[float, float]:
    """Metres of border between unit grids, and how many of them lie on a street or bank."""
    sides = mesh.segments(drawn.flat)
    ends, times = np.unique(sides.ends, axis=0, return_counts=True)
    start, end = sides.vertices[ends[times > 1, 0]], sides.vertices[ends[times > 1, 1]]
    length = np.hypot(*(end - start).T)
    on = np.zeros(len(length), dtype=bool)
    if len(drawn.around.lines) and len(length):
        tree = shapely.STRtree(drawn.around.lines)
        on[tree.query(shapely.points((start + end) / 2), predicate="dwithin", distance=ON_LINE_M)[0]] = True
    return float(length.sum()), float(length[on].sum())


def _crossed(drawn: Drawn) -> tuple[int, int]:
    """How many buildings lie in several unit grids, and how many there are."""
    buildings = drawn.around.buildings
    if not len(buildings):
        return 0, 0
    building, cell = shapely.STRtree(drawn.flat).query(buildings, predicate="intersects")
    held = shapely.area(shapely.intersection(buildings[building], drawn.flat[cell]))
    parts = np.bincount(building[held >= CROSSED * shapely.area(buildings)[building]], minlength=len(buildings))
    return int((parts > 1).sum()), len(buildings)


def _histogram(areas: Any) -> list[dict[str, Any]]:
    counts, _ = np.histogram(areas, BINS)
    edges = [None if np.isinf(edge) else int(edge) for edge in BINS]
    return [
        {"from_m2": low, "to_m2": high, "grids": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _spread(values: Any, digits: int) -> dict[str, float]:
    if not len(values):
        return {}
    low, p10, median, p90, high = np.quantile(values, (0, 0.1, 0.5, 0.9, 1)).round(digits).tolist()
    return {"least": low, "p10": p10, "median": median, "p90": p90, "most": high}


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _sum(found: list[Mapping[str, Any]], name: str) -> float:
    return round(float(sum(part[name] for part in found)), 6)
