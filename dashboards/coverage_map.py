"""The planner's map of coverage and gap as one HTML file that opens anywhere, without network (W16). Made with folium.

folium names its libraries by address; here Leaflet's own files are written into the page instead, and nothing else is asked
for. Ground is the city's own: its water and main streets. Colours run from light to dark with the size of the figure; hidden
figures are hatched and say so, so that nobody takes them for zero.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.i18n import _, gettext

if TYPE_CHECKING:
    import folium

LEAFLET = Path(__file__).parent / "static" / "vendor" / "leaflet" / "dist"
SHADES = ("#fff4dc", "#fbd58c", "#f3a64b", "#dd6b20", "#a83c09")
"""Light to dark; readable with every kind of colour blindness, and in print."""

HIDDEN = "url(#hidden-figure)"
"""Hatched, so that nobody takes it for a class of its own: the pattern stands in the page."""

MOST_CLASSES = len(SHADES)
LINKS = re.compile(r'<(?:script src|link rel="stylesheet" href)="[^"]*"\s*/?>(?:</script>)?')


@dataclass(frozen=True)
class MapSheet:
    """What is drawn. `areas` is GeoJSON (EPSG:4326) with the properties code, name and one number or null a column; `ground`
    likewise with `kind` (water, road). `measure` is the column that colours; figures below `least` are hidden;
    `notes` stand below the legend."""

    title: str
    measure: str
    least: int
    columns: Mapping[str, str]
    areas: Mapping[str, Any]
    ground: Mapping[str, Any]
    notes: Sequence[str]
    locale: str


def draw(sheet: MapSheet) -> str:
    """The whole file."""
    import folium  # here and below, so that a web page does without it

    west, south, east, north = _bounds(sheet.areas)
    figure = folium.Map(tiles=None, attribution_control=False, zoom_snap=0.25, min_zoom=8)
    figure.fit_bounds([[south, west], [north, east]])
    steps = breaks([feature["properties"][sheet.measure] for feature in sheet.areas["features"]], sheet.least)
    folium.GeoJson(
        sheet.areas,
        style_function=lambda feature: {
            "fillColor": shade(feature["properties"][sheet.measure], steps),
            "fillOpacity": 0.85,
            "color": "#4a4f57",
            "weight": 1.2,
        },
        highlight_function=lambda _feature: {"weight": 3, "color": "#1f6fb2"},
        tooltip=folium.GeoJsonTooltip(["shown"], [""], labels=False, sticky=True, style="white-space: pre;"),
    ).add_to(figure)
    folium.GeoJson(sheet.ground, style_function=_ground, interactive=False).add_to(figure)
    for feature in sheet.areas["features"]:
        _label(feature).add_to(figure)
    page: Any = figure.get_root()
    page.html.add_child(folium.Element(_legend(sheet, steps)))
    return _alone(page.render(), sheet)


def breaks(values: Sequence[int | None], least: int) -> list[tuple[int, int]]:
    """Classes of colour (from, to), at most five, none empty: about equally many areas in each, ends at round numbers.

    They begin at `least`: what is smaller is either zero, which stands for itself, or hidden.
    """
    known = sorted(value for value in values if value)
    if not known:
        return []
    step = _round_step((known[-1] - known[0]) / (2 * MOST_CLASSES))
    quantiles = (known[max(0, -(-len(known) * part // MOST_CLASSES) - 1)] for part in range(1, MOST_CLASSES + 1))
    found: list[tuple[int, int]] = []
    low = min(least, known[0])
    for end in sorted({-(-value // step) * step for value in quantiles}):
        if any(low <= value <= end for value in known):
            found.append((low, end))
            low = end + 1
    return found


def _round_step(width: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below `width`."""
    step, factors = 1, (2.0, 2.5, 2.0)
    for number in range(30):
        if step >= width:
            break
        step = round(step * factors[number % 3])
    return step


def shade(value: int | None, steps: Sequence[tuple[int, int]]) -> str:
    """The colour of a figure; hatched where it is hidden, white for none."""
    if value is None:
        return HIDDEN
    if value == 0:
        return "#ffffff"
    place = next((number for number, (_low, high) in enumerate(steps) if value <= high), len(steps) - 1)
    return SHADES[place + len(SHADES) - len(steps)]


def shown(properties: Mapping[str, Any], columns: Mapping[str, str], hidden: str) -> str:
    """What the pointer shows of an area: its name and every figure."""
    lines = [f"{label}: {hidden if properties[name] is None else properties[name]}" for name, label in columns.items()]
    return "\n".join([str(properties["name"]), *lines])


def _ground(feature: Mapping[str, Any]) -> dict[str, Any]:
    if feature["properties"]["kind"] == "water":
        return {"fillColor": "#a9c8dc", "fillOpacity": 0.9, "stroke": False}
    return {"color": "#ffffff", "weight": 1.4, "opacity": 0.75, "fill": False}


def _label(feature: Mapping[str, Any]) -> folium.CircleMarker:
    """The area's name in its middle; no marker, whose picture would be asked for by address."""
    import folium

    lon, lat = feature["properties"]["middle"]
    name = html.escape(str(feature["properties"]["name"]))
    words = folium.Tooltip(name, sticky=False, permanent=True, direction="center", className="area-name")
    return folium.CircleMarker([lat, lon], radius=1, opacity=0, fill=False, tooltip=words)


def _legend(sheet: MapSheet, steps: Sequence[tuple[int, int]]) -> str:
    say = gettext(sheet.locale)
    swatch = '<li><i style="background:{}"></i>{}</li>'
    rows = [swatch.format("#ffffff", 0)]
    rows += [swatch.format(shade(high, steps), f"{low}–{high}" if low < high else high) for low, high in steps]
    hidden = say(_("hidden: under {least}, or could be worked out")).format(least=sheet.least)
    rows.append(f'<li><i class="hidden"></i>{html.escape(hidden)}</li>')
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in sheet.notes)
    title, measure = html.escape(sheet.title), html.escape(sheet.columns[sheet.measure])
    unit = html.escape(say(_("households per community")))
    return (
        f'{_HATCH}<section class="legend"><h1>{title}</h1><h2>{measure} · {unit}</h2>'
        f"<ul>{''.join(rows)}</ul>{notes}</section>"
    )


def _alone(page: str, sheet: MapSheet) -> str:
    """The page with Leaflet inside and no address to ask; folium's other libraries are not used by this map."""
    script = (LEAFLET / "leaflet.js").read_text(encoding="utf-8").replace("</script", "<\\/script")
    style = (LEAFLET / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"url\([^)]*\)", "none", style)
    head = (
        f"<title>{html.escape(sheet.title)}</title><style>{style}{_STYLE}</style>"
        f"<script>{re.sub(r'//# sourceMappingURL=.*', '', script)}</script>"
    )
    lang = "zh-CN" if sheet.locale == "zh" else "en"
    page = LINKS.sub("", page).replace("<html>", f'<html lang="{lang}">', 1)
    return page.replace("<head>", "<head>" + head, 1)


def _bounds(areas: Mapping[str, Any]) -> tuple[float, float, float, float]:
    boxes = [feature["bbox"] for feature in areas["features"]]
    return (
        min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[2] for box in boxes), max(box[3] for box in boxes)
    )  # fmt: skip


_HATCH = (
    '<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs><pattern id="hidden-figure"'
    ' width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="7" height="7" fill="#eceef1"/><rect width="2" height="7" fill="#b3bac4"/></pattern></defs></svg>'
)

_STYLE = """
body { font: 14px/1.45 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #23272e; }
html body { position: relative; overflow: hidden; }
.folium-map { position: absolute !important; inset: 0 0 128px 0 !important; width: auto !important; height: auto !important; }
.leaflet-container { background: #f4f2ee; font: inherit; }
.legend { position: absolute; z-index: 1000; inset: auto 0 0 0; height: 128px; box-sizing: border-box; overflow: auto;
  padding: 10px 16px; background: #fff; border-top: 1px solid #c9ced6; }
.legend h1, .legend h2 { font-size: 15px; margin: 0 8px 0 0; display: inline; } .legend h2 { font-weight: 500; color: #4a4f57; }
.legend ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0; padding: 0; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend i { width: 22px; height: 14px; border: 1px solid #8b95a1; }
.legend i.hidden { background: repeating-linear-gradient(45deg, #b3bac4 0 2px, #eceef1 2px 7px); }
.legend p { font-size: 12px; margin: 0; color: #4a4f57; }
.area-name { background: none; border: 0; box-shadow: none; padding: 0; font-size: 12px; font-weight: 600; color: #23272e;
  text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff; } .area-name::before { display: none; }
"""
