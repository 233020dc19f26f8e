"""The layers of the map as one literal: whose rows, which attributes, from which zoom. The SQL of a tile is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.tiles.address import BUFFER, EXTENT

ENGLISH = "coalesce(nullif(a.name_en, ''), a.name) as name_en"
BRIDGE = "coalesce(a.attributes ->> 'bridge', 'no') not in ('no', 'false') as bridge"
NUMBER = "coalesce(a.attributes ->> 'number', a.attributes ->> 'ref', a.name) as number"
CLASS = "a.attributes ->> 'class'"

MAIN_ROADS = "'motorway', 'trunk', 'primary', 'secondary', 'expressway', 'arterial'"
MIDDLE_ROADS = "'tertiary', 'collector'"

EVERY_OBJECT = 13
"""From this zoom no object of a layer's kinds is left out for being small; below, the city is generalised."""

POINTS_BY_ZOOM: dict[int, tuple[str, ...]] = {
    13: ("lamp_cabinet", "flow_meter", "pressure_meter", "water_plant", "outfall", "sewer_level_meter", "traffic_signal",
         "bus_stop", "place", "camera", "bridge", "metro_station", "bus_station", "car_park", "service_point",
         "public_facility"),
    15: ("street_lamp",),
    16: ("manhole", "rainwater_grate", "litter_bin", "traffic_sign", "street_sign", "valve", "hydrant"),
}  # fmt: skip
"""Kinds drawn as points, by the zoom from which they can be told apart."""


@dataclass(frozen=True)
class Layer:
    """One layer. `columns` is SQL over the row `a`; `rules` are conditions that hold below a zoom, the lowest that fits counts.

    `kinds_from` names kinds of gis.asset with the zoom of each; empty where all rows of the table belong to the layer.
    `pixels` is how far a line may be moved when it is simplified, in pixels of a tile drawn 512 wide; None: not at all.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    first_zoom: int
    shape: str
    kinds_from: Mapping[str, int] = field(default_factory=dict)
    rules: tuple[tuple[int, str], ...] = ()
    pixels: float | None = 0.5
    clip: bool = False
    """Cut to the tile before anything else: pays where one object has hundreds of vertices and crosses many tiles."""
    public: bool = True
    """False: where it lies is nobody's business outside the city's own staff."""

    def kinds(self, z: int) -> tuple[str, ...]:
        """Kinds of assets shown at zoom `z`."""
        return tuple(kind for kind, first in self.kinds_from.items() if first <= z)

    def shows(self, table: str, kind: str | None) -> bool:
        """Whether a row of `table`, of that kind, may be in this layer."""
        if table == "asset" and self.name == "label":
            return kind in NAMED
        return table == self.table and (not self.kinds_from or kind in self.kinds_from)


def _all(first: int, *kinds: str) -> dict[str, int]:
    return dict.fromkeys(kinds, first)


NAMED = ("water", "green")
"""Kinds of assets whose polygons carry one name each, like areas do."""

LAYERS: dict[str, Layer] = {
    layer.name: layer
    for layer in (
        Layer("area", "area", ("a.id", "a.level", "a.code", "a.name", ENGLISH), 0, "polygon", clip=True,
              rules=((11, "a.level in ('city', 'district')"), (12, "a.level <> 'community'"))),
        Layer("grid", "unit_grid", ("a.id", "a.code"), 13, "polygon", pixels=None),
        Layer("water", "asset", ("a.id", "a.name", ENGLISH), 0, "polygon", _all(0, "water"), clip=True),
        Layer("green", "asset", ("a.id", "a.name", ENGLISH), 8, "polygon", _all(8, "green"), clip=True),
        Layer("building", "asset", ("a.id",), 13, "polygon", _all(13, "building"), pixels=None),
        Layer("road", "asset", ("a.id", f"{CLASS} as class", "a.name", ENGLISH, BRIDGE), 0, "line", _all(0, "road"),
              # A source without classes: named streets stand out.
              rules=((11, f"{CLASS} in ({MAIN_ROADS})"),
                     (12, f"({CLASS} in ({MAIN_ROADS}) or {CLASS} is null and a.name <> '')"),
                     (13, f"({CLASS} in ({MAIN_ROADS}, {MIDDLE_ROADS}) or {CLASS} is null and a.name <> '')"))),
        Layer("street_label", "asset", (), 13, "line", _all(13, "road")),
        Layer("pipe", "asset", ("a.id", "a.kind", "a.code", "a.status"), 13, "line", _all(13, "water_main", "sewer"),
              public=False),
        Layer("bus_line", "asset", ("a.id", "a.kind", NUMBER, "a.name", ENGLISH), 9, "line",
              _all(9, "bus_line", "transit_line"), clip=True),
        Layer("asset", "asset", ("a.id", "a.kind", "a.class_code", "a.code", "a.name", ENGLISH, "a.status"), 13, "point",
              {kind: zoom for zoom, kinds in POINTS_BY_ZOOM.items() for kind in kinds}),
        Layer("label", "area", (), 0, "point"),
    )
}  # fmt: skip
"""Every layer by its name. `label` names areas, waters and greens once each, `street_label` streets joined over their pieces."""

PARAMETERS = ("west", "south", "east", "north", "left_m", "bottom_m", "right_m", "top_m", "tolerance_m")
"""What every statement takes: the reach of the tile in degrees, its box in Web Mercator metres, the simplification."""

_REACH = "(select st_makeenvelope(:west, :south, :east, :north, 4326))"
_OPEN, _SEEN = "open_asset", "seen_asset"
"""Assets of a tile that is shared, and of one for its reader alone (gis/catalogue/seeing.py)."""
_TILE = "(select box2d(st_makeenvelope(:left_m, :bottom_m, :right_m, :top_m, 3857)))"


def statement(layer: Layer, z: int, seen: bool = False) -> str:
    """The SQL of one tile of `layer` at zoom `z`, with PARAMETERS; one column, the tile as bytes.

    Such a tile holds what everybody may see and can be shared. `seen`: what the reader of the transaction may see; never to be shared.

    Envelopes stand in sub-selects so that they are computed once a tile, not once a row.
    """
    assets = _SEEN if seen else _OPEN
    if layer.name == "label":
        rows = _labels(z, assets)
    elif layer.name == "street_label":
        rows = _street_labels(assets)
    else:
        table = assets if layer.table == "asset" else layer.table
        rows = (
            f"select {', '.join(layer.columns)}, {_in_tile(_geometry(layer, z))} as geom"
            f" from gis.{table} a where {' and '.join(_conditions(layer, z))}"
        )
    return f"select st_asmvt(mvt, '{layer.name}', {EXTENT}, 'geom', 'id') from ({rows}) mvt where geom is not null"


def _conditions(layer: Layer, z: int) -> list[str]:
    found = [f"a.geom && {_REACH}"]
    if layer.table == "asset":
        kinds = layer.kinds(z)
        found.append(f"a.kind = '{kinds[0]}'" if len(kinds) == 1 else f"a.kind in ({', '.join(map(repr, kinds))})")
        found.append("a.status <> 'removed'")
    found += [rule for below, rule in sorted(layer.rules) if z < below][:1]
    return found


def _geometry(layer: Layer, z: int) -> str:
    """Web Mercator geometry of a row, no finer than the tile can show."""
    if layer.shape == "point":
        return "st_transform(case when geometrytype(a.geom) = 'POINT' then a.geom else st_pointonsurface(a.geom) end, 3857)"
    found = f"st_clipbybox2d(a.geom, {_REACH})" if layer.clip else "a.geom"
    found = f"st_transform({found}, 3857)"
    if layer.pixels is None or (layer.shape == "polygon" and z >= EVERY_OBJECT):  # a narrow strip would fall together
        return found
    return f"st_simplify({found}, :tolerance_m, true)"


def _in_tile(geometry: str, buffer: int = BUFFER) -> str:
    return f"st_asmvtgeom({geometry}, {_TILE}, {EXTENT}, {buffer}, true)"


def _labels(z: int, assets: str) -> str:
    """One point a name, in the one tile it lies in: a name that crosses tiles is not said in each of them."""
    levels = "('city', 'district')" if z < 11 else "('subdistrict')" if z < 13 else "('subdistrict', 'community')"
    areas = (
        f"select a.id * 2 as id, a.level as kind, a.name, {ENGLISH}, st_pointonsurface(a.geom) as point"
        f" from gis.area a where a.geom && {_REACH} and a.level in {levels}"
    )
    shown = [areas]
    if z >= 12:
        kinds = ", ".join(map(repr, NAMED if z >= 13 else NAMED[:1]))
        shown.append(
            f"select a.id * 2 + 1, a.kind, a.name, {ENGLISH}, st_pointonsurface(a.geom) from gis.{assets} a"
            f" where a.geom && {_REACH} and a.kind in ({kinds}) and a.status <> 'removed' and a.name <> ''"
            " and st_dimension(a.geom) = 2"
        )
    return (
        f"select id, kind, name, name_en, {_in_tile('st_transform(point, 3857)', 0)} as geom"
        f" from ({' union all '.join(shown)}) named"
    )


def _street_labels(assets: str) -> str:
    """Pieces of one street joined, so that its name follows the whole of it instead of standing on every block."""
    return (
        f"select min(a.id) as id, {CLASS} as class, a.name, {ENGLISH},"
        f" {_in_tile('st_simplify(st_transform(st_linemerge(st_collect(a.geom)), 3857), :tolerance_m, true)')} as geom"
        f" from gis.{assets} a where a.geom && {_REACH} and a.kind = 'road' and a.status <> 'removed' and a.name <> ''"
        " and st_dimension(a.geom) = 1 group by 2, 3, 4"
    )
