"""Read a running city in QGIS without a screen (run by qgis.sh under the Python that QGIS brings).

    qgis_reads.py URL TOKEN PICTURE.png

Prints a line for each thing tried; ends with status 1 where one does not hold.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDataSourceUri,
    QgsExpression,
    QgsFeatureRequest,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize

FIRST_PAGE = 10_000
failed: list[str] = []


def tried(what: str, holds: Callable[[], Any]) -> Any:
    """Try one thing and say what came of it and how long it took."""
    started = time.monotonic()
    try:
        found = holds()
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        failed.append(what)
    print(f"{'FAILED' if what in failed else 'ok':7}{what}: {found} ({time.monotonic() - started:.1f} s)", flush=True)
    return found


def must(holds: bool, told: Any) -> Any:
    """`told`, where it holds."""
    if not holds:
        raise AssertionError(told)
    return told


class City:
    """One running city as QGIS sees it."""

    def __init__(self, url: str, token: str) -> None:
        self.door = f"{url}/ogc"
        self.token = token
        self.login = self._keep_login()

    def _keep_login(self) -> str:
        manager = QgsApplication.authManager()
        manager.setMasterPassword("only for this run", True)
        config = QgsAuthMethodConfig("Basic")
        config.setName("city")
        config.setConfigMap({"username": "qgis", "password": self.token, "realm": ""})
        manager.storeAuthenticationConfig(config)
        return str(config.id())

    def json(self, path: str, token: bool = True) -> Any:
        """What the door itself answers, to compare with."""
        request = urllib.request.Request(f"{self.door}{path}")
        if token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def matched(self, path: str) -> int:
        """How many features the door says there are."""
        return int(self.json(f"{path}{'&' if '?' in path else '?'}limit=1")["numberMatched"])

    def layer(self, name: str, page: int = 1000, **more: str) -> QgsVectorLayer:
        """A collection, opened as the dialogue of QGIS does."""
        uri = QgsDataSourceUri()
        values = {"url": self.door, "typename": name, "pagingEnabled": "true", "pageSize": str(page), **more}
        for key, value in values.items():
            uri.setParam(key, value)
        uri.setAuthConfigId(self.login)
        found = QgsVectorLayer(uri.uri(False), name, "OAPIF")
        must(found.isValid(), found.error().message())
        return found


def count(layer: QgsVectorLayer, request: QgsFeatureRequest | None = None) -> int:
    """Features that QGIS gets by asking for them."""
    return sum(1 for _ in layer.getFeatures(request or QgsFeatureRequest()))


def reads(city: City, picture: str) -> None:
    """Everything that a user of QGIS does with a city."""
    everything = {one["id"] for one in city.json("/collections")["collections"]}
    strangers = {one["id"] for one in city.json("/collections", token=False)["collections"]}
    tried(
        "collections with a token and without",
        lambda: must(strangers < everything, (sorted(everything), sorted(strangers))),
    )
    roads = tried("roads as a layer", lambda: city.layer("roads"))
    if isinstance(roads, str):
        return
    tried(
        "its fields",
        lambda: must(
            "class" in [f.name() for f in roads.fields()], [f"{f.name()} {f.typeName()}" for f in roads.fields()]
        ),
    )
    tried("roads counted", lambda: must(count(roads) == city.matched("/collections/roads/items"), count(roads)))

    tried("the city's own assets, by token", lambda: city.layer("assets"))
    largest, many = max(
        ((name, city.matched(f"/collections/{name}/items")) for name in everything), key=lambda each: each[1]
    )
    note = "" if many > FIRST_PAGE else f"; a city with more than {FIRST_PAGE} would try more"
    layer = city.layer(largest)
    tried(f"all {largest}, page by page", lambda: must(count(layer) == many, f"{many}{note}"))
    ids = [feature.id() for feature in layer.getFeatures()]
    tried("each of them once", lambda: must(len(set(ids)) == many, len(ids)))
    lamps = QgsFeatureRequest(QgsExpression("\"kind\" = 'street_lamp' and \"status\" = 'intact'"))
    wanted = city.matched("/collections/assets/items?filter=kind%3D%27street_lamp%27%20AND%20status%3D%27intact%27")
    tried("chosen by an expression", lambda: must(count(city.layer("assets"), lamps) == wanted, wanted))

    box = roads.extent()
    box.scale(0.2)
    near = city.matched(
        f"/collections/roads/items?bbox={box.xMinimum()},{box.yMinimum()},{box.xMaximum()},{box.yMaximum()}"
    )
    tried("chosen by the window", lambda: must(count(city.layer("roads"), QgsFeatureRequest(box)) == near > 0, near))
    limited = city.layer("roads", restrictToRequestBBOX="1")
    tried("only what the window shows", lambda: must(count(limited, QgsFeatureRequest(box)) == near, near))

    for code in (4490, 3857, 4549):
        tried(f"in EPSG:{code}", partial(_in_system, city, roads, code))
    tried("vector tiles and roads drawn", lambda: _drawn(city, roads, picture))


def _in_system(city: City, roads: QgsVectorLayer, code: int) -> str:
    """The door's coordinates in a system against those that QGIS computes itself, in units of the system."""
    system = QgsCoordinateReferenceSystem(f"EPSG:{code}")
    answer = city.json(f"/collections/roads/items?limit=20&crs=http://www.opengis.net/def/crs/EPSG/0/{code}")
    degrees = city.json("/collections/roads/items?limit=20")
    project = QgsCoordinateTransform(roads.crs(), system, QgsProject.instance())
    worst = 0.0
    for here, there in zip(degrees["features"], answer["features"], strict=True):
        lon, lat = _first(here["geometry"]["coordinates"])
        point = project.transform(lon, lat)
        given = _first(there["geometry"]["coordinates"])
        if system.hasAxisInverted():
            given = given[::-1]
        worst = max(worst, abs(point.x() - given[0]), abs(point.y() - given[1]))
    return str(must(worst < (1e-6 if system.isGeographic() else 0.05), f"largest difference {worst:.2g}"))


def _first(coordinates: Any) -> list[float]:
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    return list(coordinates[:2])


def _drawn(city: City, roads: QgsVectorLayer, picture: str) -> str:
    tiles = f"{city.door}/collections/roads/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    layer = QgsVectorTileLayer(f"type=xyz&url={tiles}&zmin=0&zmax=16&authcfg={city.login}", "tiles")
    must(layer.isValid(), layer.error().message())
    seen = []
    for name, layers in (("tiles", [layer]), ("features", [roads])):
        settings = QgsMapSettings()
        settings.setLayers(layers)
        settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
        extent = QgsCoordinateTransform(
            roads.crs(), settings.destinationCrs(), QgsProject.instance()
        ).transformBoundingBox(roads.extent())
        settings.setExtent(extent)
        settings.setOutputSize(QSize(1000, 800))
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        image = job.renderedImage()
        image.save(picture.replace(".png", f"-{name}.png"))
        ground = image.pixel(0, 0)
        seen.append(sum(image.pixel(x, y) != ground for x in range(0, 1000, 2) for y in range(0, 800, 2)))
    return str(must(min(seen) > 500, f"pixels drawn of 200000: {seen[0]} by tiles, {seen[1]} by features"))


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    reads(City(sys.argv[1].rstrip("/"), sys.argv[2]), sys.argv[3])
    application.exitQgis()
    sys.exit(1 if failed else 0)
