"""The whole demonstration city as plain tables, made from a seed and a scale and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import LineString, MultiPolygon, Polygon, get_parts

from data.generator import names as naming
from data.generator.areas import CITY_CODE, COUNTY_CODE, SubDistrict, sub_districts
from data.generator.assets import UNIT_OF, Asset, give_codes
from data.generator.blocks import Building, Face, buildings, faces
from data.generator.drainage import drainage, rain_gauges
from data.generator.drawing import Plan
from data.generator.figures import Figures, figures
from data.generator.frame import geo_frame, random
from data.generator.furniture import furniture
from data.generator.house_numbers import house_numbers
from data.generator.lighting import lamps
from data.generator.network import Network, network
from data.generator.organisation import ACCOUNTS, CENTRES, INSPECTORS, UNITS
from data.generator.places import places
from data.generator.sites import Sites
from data.generator.skeleton import axes
from data.generator.street_names import street_names
from data.generator.streets import plan
from data.generator.terrain import Terrain, terrain
from data.generator.transit import transit
from data.generator.water import water
from data.generator.waters import watered

DEFAULT_SCALE = 0.02
DEFAULT_SEED = 1
PROFILE_OF = {
    "street_lamp": "lamp_controller",
    "flow_meter": "flow_meter",
    "sewer_level_meter": "sewer_level_meter",
    "bus": "bus_terminal",
    "lamp_cabinet": "cabinet_gateway",
    "rain_gauge": "rain_gauge",
}
OSM_CLASS = {
    "expressway": "trunk",
    "arterial": "primary",
    "collector": "tertiary",
    "branch": "residential",
    "lane": "living_street",
}
"""The words that imported streets use, so that one map style draws both."""

NAMED_GREEN_M2 = 8_000.0
"""Smaller strips along the water have no name of their own."""

ASSET_COLUMNS = ["kind", "ref", "code", "class_code", "name", "name_en", "unit", "status", "attributes"]


@dataclass(frozen=True)
class City:
    """GeoDataFrames in EPSG:4326 and plain tables. Equal seed and scale give equal tables.

    `assets`: kind → frame with ASSET_COLUMNS (attributes as JSON text) and geometry. `areas` holds city, district,
    sub-districts and communities, parents first. `devices`: device id, profile, kind and ref of the asset.
    """

    seed: int
    scale: float
    areas: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    responsibility_grids: pd.DataFrame
    assets: dict[str, gpd.GeoDataFrame]
    devices: pd.DataFrame
    centres: pd.DataFrame
    units: pd.DataFrame
    accounts: pd.DataFrame


def generate(
    seed: int = DEFAULT_SEED, scale: float = DEFAULT_SCALE, say: Callable[[str], None] = lambda _: None
) -> City:
    """Make the city; `say` hears what was made. Raises ValueError for a scale outside (0, 1]."""
    targets = figures(scale)
    land, drawn, net = streets(seed, targets)
    say(f"{len(net.edges)} pieces of street, {sum(edge.bridge for edge in net.edges)} bridges")
    tiles = faces(seed, drawn, net, land)
    divided = sub_districts(seed, tiles, targets)
    say(f"{len(tiles)} blocks in {len(divided)} sub-districts")
    assets = _assets(seed, targets, land, drawn, net, tiles, divided)
    give_codes(assets, COUNTY_CODE)
    say(f"{len(assets)} things along the streets")
    return City(
        seed, scale, _areas(divided, land), _grids(divided), _responsibility(divided), _frames(assets), _devices(assets),
        pd.DataFrame([asdict(centre) for centre in CENTRES]),
        pd.DataFrame([asdict(unit) for unit in UNITS]),
        pd.DataFrame([asdict(account) for account in ACCOUNTS]),
    )  # fmt: skip


def streets(seed: int, targets: Figures) -> tuple[Terrain, Plan, Network]:
    """The ground, the plan drawn on it and the street network, without anything beside the streets."""
    bare = terrain(seed, targets)
    main = axes(seed, targets, bare)
    land = watered(seed, targets, bare, main)
    drawn = plan(seed, targets, land, main)
    return land, drawn, network(drawn, land, targets)


def street_lines(seed: int = DEFAULT_SEED, scale: float = DEFAULT_SCALE) -> list[LineString]:
    """Only the streets, in city metres, cut at every junction: enough to measure what kind of network it is."""
    return [edge.line for edge in streets(seed, figures(scale))[2].edges]


def _assets(
    seed: int, targets: Figures, land: Terrain, drawn: Plan, net: Network, tiles: list[Face], divided: list[SubDistrict]
) -> list[Asset]:
    communities = [community for part in divided for community in part.communities]
    names = street_names(seed, drawn)
    sites = Sites(net, tiles)
    supply = water(seed, net, sites, land, targets, communities).assets
    buses = transit(seed, net, sites, land, targets, names)
    taken = [asset.shape for asset in (*supply, *buses) if asset.kind in ("water_plant", "bus_depot")]
    return [
        *_roads(net, names),
        *_bridges(net, names, seed),
        *_waters(land),
        *_parks(tiles, seed),
        *_buildings(buildings(seed, tiles, net), taken),
        *places(seed, tiles),
        *lamps(seed, drawn, net, targets),
        *supply,
        *drainage(net, land, targets).assets,
        *furniture(net, names),
        *buses,
        *rain_gauges(divided),
    ]


def _roads(net: Network, streets: dict[int, tuple[str, str]]) -> list[Asset]:
    numbers = house_numbers(net, streets)
    return [
        Asset("road", f"R-{edge.number:05d}", edge.line, *streets[edge.street],
              {"class": OSM_CLASS[edge.kind], "grade": edge.kind, "bridge": edge.bridge, "width_m": edge.width, "municipal": edge.municipal,
               "from": edge.start, "to": edge.end, "length_m": round(edge.line.length, 1), **numbers.get(edge.number, {})})
        for edge in net.edges
    ]  # fmt: skip


def _bridges(net: Network, streets: dict[int, tuple[str, str]], seed: int) -> list[Asset]:
    """Named after their street, from west to east; a street's later ones are its second, third and so on."""
    rng = random(seed, "bridges")
    found: list[Asset] = []
    used: dict[str, int] = {}
    over = sorted((edge for edge in net.edges if edge.bridge), key=lambda edge: edge.line.centroid.x)
    for number, edge in enumerate(over, 1):
        stem = naming.stem(streets[edge.street][0])
        used[stem] = used.get(stem, 0) + 1
        name = f"{stem}{naming.numeral(used[stem]) if used[stem] > 1 else ''}桥"
        facts = {
            "length_m": round(edge.line.length, 1),
            "width_m": edge.width,
            "maintenance_class": "II" if edge.kind in ("expressway", "arterial") else "III",
            "year": int(rng.integers(1958, 2024)),
        }
        found.append(Asset("bridge", f"BR-{number:03d}", edge.line, name, naming.english(name), facts))
    return found


def _waters(land: Terrain) -> list[Asset]:
    parts = [
        (water, part)
        for water in land.waters
        for part in sorted(get_parts(water.shape), key=lambda part: part.bounds)
        if part.area > 50
    ]
    return [
        Asset("water", f"W-{number:03d}", part, *water.name, {"class": water.kind})
        for number, (water, part) in enumerate(parts, 1)
    ]


def _parks(tiles: list[Face], seed: int) -> list[Asset]:
    stems = naming.stems(random(seed, "park names"), ["人民", "澜湖", "望云", "植物园", "滨江", "朝晖"])
    found: list[Asset] = []
    for tile in tiles:
        if tile.use in ("park", "riverside"):
            name = f"{next(stems)}公园" if tile.use == "park" else "滨河绿地"
            name_en = naming.english(name) if tile.use == "park" else "Riverside Green"
            if tile.use == "riverside" and tile.shape.area < NAMED_GREEN_M2:
                name = name_en = ""
            found.append(
                Asset("green", f"P-{len(found) + 1:03d}", tile.shape.buffer(-6), name, name_en, {"class": "park"})
            )
    return [park for park in found if not park.shape.is_empty]


def _buildings(built: list[Building], taken: list[Polygon]) -> list[Asset]:
    left = [building for building in built if not any(site.intersects(building.shape) for site in taken)]
    return [
        Asset(
            "building", f"H-{number:06d}", building.shape, attributes={"use": building.use, "levels": building.levels}
        )
        for number, building in enumerate(left, 1)
    ]


def _areas(divided: list[SubDistrict], land: Terrain) -> gpd.GeoDataFrame:
    whole = MultiPolygon([land.limit])
    rows: list[dict[str, Any]] = [
        _area(CITY_CODE, "city", *naming.CITY, None, whole),
        _area(COUNTY_CODE, "district", *naming.DISTRICT, CITY_CODE, whole),
    ]
    for part in divided:
        rows.append(_area(part.code, "subdistrict", part.name, naming.english(part.name), COUNTY_CODE, part.shape))
        for place in part.communities:
            rows.append(_area(place.code, "community", place.name, naming.english(place.name), part.code, place.shape))
    return geo_frame(rows, ["code", "level", "name", "name_en", "parent"])


def _area(code: str, level: str, name: str, name_en: str, parent: str | None, shape: Any) -> dict[str, Any]:
    return {"code": code, "level": level, "name": name, "name_en": name_en, "parent": parent, "geometry": shape}


def _grids(divided: list[SubDistrict]) -> gpd.GeoDataFrame:
    rows = [
        {"code": cell.code, "community": place.code, "responsibility": cell.responsibility, "geometry": cell.shape}
        for part in divided
        for place in part.communities
        for cell in place.cells
    ]
    return geo_frame(rows, ["code", "community", "responsibility"])


def _responsibility(divided: list[SubDistrict]) -> pd.DataFrame:
    """Each responsibility grid with the inspector who walks it, neighbours going to the same one."""
    found: dict[str, str] = {}
    for part in divided:
        for place in part.communities:
            for cell in place.cells:
                found.setdefault(cell.responsibility, f"{place.name}第{int(cell.responsibility[-2:])}责任网格")
    codes = sorted(found)
    inspector = [INSPECTORS[number * len(INSPECTORS) // len(codes)] for number in range(len(codes))]
    return pd.DataFrame({"code": codes, "name": [found[code] for code in codes], "inspector": inspector})


def _frames(assets: list[Asset]) -> dict[str, gpd.GeoDataFrame]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for asset in assets:
        rows.setdefault(asset.kind, []).append(
            {"kind": asset.kind, "ref": asset.ref, "code": asset.code, "class_code": asset.class_code,
             "name": asset.name, "name_en": asset.name_en, "unit": UNIT_OF.get(asset.kind), "status": asset.status,
             "attributes": json.dumps(asset.attributes, ensure_ascii=False), "geometry": asset.shape}
        )  # fmt: skip
    return {kind: geo_frame(found, ASSET_COLUMNS) for kind, found in rows.items()}


def _devices(assets: list[Asset]) -> pd.DataFrame:
    rows = [
        {"id": f"{asset.ref}-T", "profile": PROFILE_OF[asset.kind], "kind": asset.kind, "ref": asset.ref}
        for asset in assets
        if asset.kind in PROFILE_OF
    ]
    return pd.DataFrame(rows)
