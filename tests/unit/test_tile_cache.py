"""Where tiles lie, what a change drops from the cache and what it leaves, and tiles that an edit overtakes while they are made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import InvalidInput
from gis.tiles import LAYERS, Address
from gis.tiles.address import Box, tiles_of
from gis.tiles.cache import Cache, Change, Tile
from gis.tiles.layers import POINTS_BY_ZOOM, statement

TILE = Tile(b"x" * 10, b'W/"1"')


def keep(cache: Cache, layer: str, *address: int) -> None:
    cache.keep(cache.begun(layer, Address(*address)), TILE)


@given(
    lon=st.floats(-179.9, 179.9),
    lat=st.floats(-84, 84),
    z=st.integers(0, 20),
    width=st.floats(0, 0.5),
    height=st.floats(0, 0.5),
)
def test_a_box_lies_in_the_tiles_that_are_named(lon: float, lat: float, z: int, width: float, height: float) -> None:
    box = Box(lon, lat, min(lon + width, 180), min(lat + height, 85))
    columns, rows = tiles_of(box, z)
    for corner_lon, corner_lat in ((box.west, box.south), (box.east, box.north)):
        inside = [
            (x, y)
            for x in (columns[0], columns[-1])
            for y in (rows[0], rows[-1])
            if _covers(Address(z, x, y).degrees(64 / 4096), corner_lon, corner_lat)
        ]
        assert inside
    for x, y in (
        (columns[0] - 1, rows[0]),
        (columns[-1] + 1, rows[0]),
        (columns[0], rows[0] - 1),
        (columns[0], rows[-1] + 1),
    ):
        if 0 <= x < 2**z and 0 <= y < 2**z:
            reach = Address(z, x, y).degrees(64 / 4096)
            assert reach.east < box.west or reach.west > box.east or reach.north < box.south or reach.south > box.north


def _covers(box: Box, lon: float, lat: float) -> bool:
    slack = 1e-6
    return box.west - slack <= lon <= box.east + slack and box.south - slack <= lat <= box.north + slack


def test_an_address_off_the_world_is_refused() -> None:
    for address in ((1, 2, 0), (1, 0, 2), (21, 0, 0), (-1, 0, 0)):
        with pytest.raises(InvalidInput):
            Address.of(*address)


def test_a_change_drops_its_tiles_at_every_zoom_and_nothing_else() -> None:
    cache = Cache()
    for z in range(8, 18):
        shift = 17 - z
        keep(cache, "road", z, 107_000 >> shift, 50_000 >> shift)
        keep(cache, "asset", z, 107_000 >> shift, 50_000 >> shift)
        keep(cache, "road", z, 1, 1)
    inside = Address(17, 107_000, 50_000).degrees(-0.4)
    cache.changed([Change("asset", "road", inside)])
    for z in range(8, 18):
        shift = 17 - z
        assert cache.get("road", Address(z, 107_000 >> shift, 50_000 >> shift)) is None
        assert cache.get("asset", Address(z, 107_000 >> shift, 50_000 >> shift)) is TILE
        assert cache.get("road", Address(z, 1, 1)) is TILE


def test_a_change_in_a_neighbours_buffer_drops_the_neighbour() -> None:
    cache = Cache()
    here = Address(17, 107_000, 50_000)
    for x in range(here.x - 1, here.x + 2):
        keep(cache, "road", 17, x, here.y)
    box = here.degrees()
    near = box.west + (box.east - box.west) * 0.01
    cache.changed([Change("asset", "road", Box(near, box.south, near, box.north))])
    assert [cache.get("road", Address(17, x, here.y)) for x in range(here.x - 1, here.x + 2)] == [None, None, TILE]


def test_an_area_changes_its_outline_and_its_name() -> None:
    cache = Cache()
    for layer in ("area", "label", "grid", "road"):
        keep(cache, layer, 10, 800, 400)
    cache.changed([Change("area", None, Address(10, 800, 400).degrees())])
    assert [bool(cache.get(layer, Address(10, 800, 400))) for layer in ("area", "label", "grid", "road")] == [
        0,
        0,
        1,
        1,
    ]


def test_a_tile_that_an_edit_overtook_while_it_was_made_is_not_kept() -> None:
    cache = Cache()
    address = Address(17, 107_000, 50_000)
    early, elsewhere = cache.begun("road", address), cache.begun("road", Address(17, 1, 1))
    cache.changed([Change("asset", "road", address.degrees())])
    late = cache.begun("road", address)
    assert not cache.keep(early, TILE)
    assert cache.get("road", address) is None
    assert cache.keep(elsewhere, TILE)
    assert cache.keep(late, TILE)
    lost = cache.begun("road", address)
    cache.forget()
    assert not cache.keep(lost, TILE)
    assert len(cache) == 0


def test_the_cache_stays_within_its_size_and_drops_the_longest_unasked() -> None:
    cache = Cache(most_bytes=35)
    for x in range(3):
        keep(cache, "road", 17, x, 0)
    assert cache.get("road", Address(17, 0, 0)) is TILE
    keep(cache, "road", 17, 3, 0)
    assert [bool(cache.get("road", Address(17, x, 0))) for x in range(4)] == [True, False, True, True]


def test_a_flood_of_changes_forgets_everything() -> None:
    cache = Cache()
    keep(cache, "road", 17, 0, 0)
    cache.changed([Change("asset", "valve", Box(10, 10, 10, 10))] * 5001)
    assert len(cache) == 0


def test_every_layer_has_a_statement_at_every_zoom_it_is_shown() -> None:
    for layer in LAYERS.values():
        for z in range(layer.first_zoom, 21):
            assert f"'{layer.name}'" in statement(layer, z)
    assert not LAYERS["pipe"].public
    kinds = [kind for kinds in POINTS_BY_ZOOM.values() for kind in kinds]
    assert len(kinds) == len(set(kinds))
