"""The quality of unit grids as one HTML file that opens anywhere, without network and without script: figures, sizes, and a map."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from config.i18n import _
from gis.gridding.cutting import compactness
from gis.gridding.standing import Standing

MOST_DRAWN = 4_000
"""Beyond so many unit grids the map leaves them out: choose a smaller area."""

MAP_WIDTH = 1100.0
LABELS_BELOW = 260
"""With no more unit grids than this the map writes their numbers."""

WALKS = ("#cfe3f5", "#fbe3c0", "#d6ecd2", "#f4d3dc", "#e2d8f0", "#f7efb4", "#cdebe8", "#e9d9c6")
"""Fills of responsibility grids, in turn."""

LINES = {0: ("#c9b79a", 0.5), 1: ("#b98b4a", 1.0), 2: ("#a5672a", 1.5), 3: ("#8c3b1f", 2.2), 4: ("#3b78b5", 1.5)}
"""Colour and width of borders by rank (gis/gridding/borders.py)."""

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:1140px;padding:0 1rem;color:#1d2430;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse}th,td{text-align:left;padding:.25rem .9rem .25rem 0;
border-bottom:1px solid #e3e6ea;vertical-align:top}td{font-variant-numeric:tabular-nums}th{font-weight:500;color:#4a5260}
.bars td:nth-child(2){text-align:right}
.bars i{display:block;height:.8rem;background:#2f6fa8;border-radius:2px}.good{color:#17672f}.bad{color:#a3261d}
svg{width:100%;height:auto;border:1px solid #d5d9de;background:#f7f8f9}small{color:#5a6270}
"""


@dataclass(frozen=True)
class Sheet:
    """What is drawn: a title, the report (gis/gridding/quality.py), and the unit grids by community."""

    title: str
    report: Mapping[str, Any]
    found: Sequence[Standing]
    locale: str = "zh"


def draw(sheet: Sheet) -> str:
    """The whole file."""
    title = html.escape(sheet.title)
    return (
        f'<!doctype html><html lang="{sheet.locale}"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body><main><h1>{title}</h1>'
        f"{_figures(sheet.report)}<h2>{_('Sizes')}</h2>{_sizes(sheet.report)}<h2>{_('Map')}</h2>{_map(sheet.found)}"
        "</main></body></html>"
    )


def _figures(report: Mapping[str, Any]) -> str:
    area, round_ = report["area_m2"], report["compactness"]
    loose = report["gaps_m2"] + report["overlaps_m2"] + report["off_community_m2"]
    rows = [
        (_("Unit grids"), f"{report['grids']:,}", ""),
        (_("Communities"), f"{report['communities']:,}", ""),
        (_("Within 5,000–20,000 m²"), _percent(report["share_5000_to_20000"]), ""),
        (_("Area, m²: least, median, most"), _spread(area, 0), ""),
        (_("Compactness: least, median, most"), _spread(round_, 2), ""),
        (_("Inner borders on streets and banks"), _percent(report["border_on_streets"]), ""),
        (_("Buildings in two unit grids or more"), f"{report['buildings_crossed']:,} / {report['buildings']:,}", ""),
        (_("Slivers"), ", ".join([str(report["slivers"]), *report["sliver_codes"]]), _mark(not report["slivers"])),
        (_("Gaps, overlaps, ground outside, m²"), f"{loose:,.3f}", _mark(loose < 1)),
        (
            _("Corners known to both neighbours"),
            _("yes") if report["fit_vertex_to_vertex"] else _("no"),
            _mark(report["fit_vertex_to_vertex"]),
        ),
    ]
    cells = (
        f'<tr><th scope="row">{name}</th><td class="{mark}">{html.escape(value)}</td></tr>'
        for name, value, mark in rows
    )
    return f"<table><tbody>{''.join(cells)}</tbody></table>"


def _mark(good: bool) -> str:
    return "good" if good else "bad"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _spread(spread: Mapping[str, float], digits: int) -> str:
    return ", ".join(f"{spread[name]:,.{digits}f}" for name in ("least", "median", "most")) if spread else "–"


def _sizes(report: Mapping[str, Any]) -> str:
    most = max((each["grids"] for each in report["histogram"]), default=0) or 1
    rows = []
    for each in report["histogram"]:
        low, high = each["from_m2"], each["to_m2"]
        size = f"> {low:,} m²" if high is None else f"{low:,} – {high:,} m²"
        bar = f'<i style="width:{round(32 * each["grids"] / most, 2)}rem"></i>'
        rows.append(f"<tr><th scope='row'>{size}</th><td>{each['grids']:,}</td><td>{bar}</td></tr>")
    return f'<table class="bars"><tbody>{"".join(rows)}</tbody></table>'


def _map(found: Sequence[Standing]) -> str:
    number = sum(len(each.codes) for each in found)
    if not number:
        return f"<p>{_('There are no unit grids.')}</p>"
    if number > MOST_DRAWN:
        return f"<p>{_('Too many unit grids to draw: choose a smaller area.')}</p>"
    plane = found[0].drawn.plane
    shapes = np.concatenate([plane.to_metres(each.drawn.shapes) for each in found])
    west, south, east, north = shapely.total_bounds(shapes)
    size = MAP_WIDTH / max(east - west, 1.0)

    def onto(shape: Any) -> Any:
        return shapely.transform(
            shape, lambda xy: np.column_stack([(xy[:, 0] - west) * size, (north - xy[:, 1]) * size])
        )

    parts: list[str] = []
    for each in found:
        cells = onto(plane.to_metres(each.drawn.shapes))
        parts += _cells(each, cells)
        parts += _lines(each, lambda shape, each=each: onto(plane.to_metres(each.drawn.plane.to_degrees(shape))))
        outline = onto(plane.to_metres(each.community.shape))
        parts.append(f'<path d="{_path(outline)}" fill="none" stroke="#111" stroke-width="2.4"/>')
        if number <= LABELS_BELOW:
            parts += _labels(each, cells)
    height = (north - south) * size
    legend = _("Fill: responsibility grid. Brown: streets. Blue: banks. Black, wide: communities.")
    return (
        f'<svg viewBox="0 0 {MAP_WIDTH:.0f} {height:.0f}" role="img" aria-label="{_("Map")}">{"".join(parts)}</svg>'
        f"<small>{legend}</small>"
    )


def _cells(each: Standing, cells: Any) -> list[str]:
    order = {walk: number for number, walk in enumerate(sorted({walk for walk in each.walks if walk}))}
    facts = zip(each.codes, each.walks, cells, shapely.area(each.drawn.flat), compactness(each.drawn.flat), strict=True)
    return [
        f'<path d="{_path(shape)}" fill="{WALKS[order[walk] % len(WALKS)] if walk else "#eceff2"}" stroke="#333" stroke-width="0.7">'
        f"<title>{html.escape(code)} · {area:,.0f} m² · {round_:.2f} · {html.escape(walk or '–')}</title></path>"
        for code, walk, shape, area, round_ in facts
    ]


def _lines(each: Standing, onto: Any) -> list[str]:
    around = each.drawn.around
    parts = []
    for rank, (colour, width) in LINES.items():
        mine = around.lines[around.ranks == rank]
        if len(mine):
            path = "".join(_path(line) for line in onto(mine))
            parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" opacity="0.55"/>')
    return parts


def _labels(each: Standing, cells: Any) -> list[str]:
    middles = shapely.get_coordinates(shapely.point_on_surface(cells)).round(1).tolist()
    width = len(each.community.code)
    return [
        f'<text x="{x}" y="{y}" font-size="9" text-anchor="middle" fill="#111">{html.escape(code[width:])}</text>'
        for code, (x, y) in zip(each.codes, middles, strict=True)
    ]


def _path(shape: Any) -> str:
    """An SVG path; a tenth of a unit is enough."""
    parts = shapely.get_parts(shape)
    lines = shapely.get_rings(parts) if shapely.get_dimensions(shape) == 2 else parts
    drawn = []
    for line in lines:
        points = shapely.get_coordinates(line).round(1).tolist()
        drawn.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points))
    return "".join(drawn)
