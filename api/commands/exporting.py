"""Subcommands that take data out: export assets | gtfs | epanet | swmm."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from api.commands.database import variables_of
from api.commands.registry import Command
from api.instance.progress import step
from config.settings import from_environment
from gis.db import make_engine, transaction
from gis.exporting.selection import Selection


def _configure(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    assets = kinds.add_parser("assets", help="any selection of assets as GeoPackage, GeoJSON, Shapefile or CSV")
    assets.add_argument(
        "file", type=Path, metavar="FILE", help="its ending chooses the format: .gpkg .geojson .shp.zip .csv.zip"
    )
    assets.add_argument(
        "--kind", action="append", default=[], help="only assets of this kind; may be given several times"
    )
    assets.add_argument(
        "--source", action="append", default=[], help="only what came from this source; several times too"
    )
    assets.add_argument("--area", default="", metavar="CODE", help="only what touches this area")
    assets.add_argument("--shape", default="", metavar="WKT", help="only what touches this polygon (WGS 84)")
    assets.add_argument("--system", default="wgs84", help="wgs84, cgcs2000, gcj02, bd09, or a code such as EPSG:4547")
    assets.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
    gtfs = kinds.add_parser("gtfs", help="a timetable in force, as a GTFS zip")
    gtfs.add_argument("file", type=Path, metavar="FILE")
    gtfs.add_argument("--feed", required=True, metavar="NAME", help="name of the feed, as the import printed it")
    gtfs.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
    for name, words in (("epanet", "a water network"), ("swmm", "a sewer network")):
        model = kinds.add_parser(
            name, help=f"{words} that was imported, as its input file with what the register holds now"
        )
        model.add_argument("file", type=Path, metavar="FILE")
        model.add_argument(
            "--source", required=True, metavar="NAME", help="name of the model, as the import printed it"
        )
        model.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")


def run_export(arguments: argparse.Namespace) -> int:
    """Write the file and say what is in it."""
    if arguments.what == "gtfs":
        return _export_gtfs(arguments)
    if arguments.what != "assets":
        return _export_model(arguments)
    from gis.exporting.assets import export_assets, format_of

    settings = from_environment(variables_of(arguments))
    chosen = Selection(tuple(arguments.kind), tuple(arguments.source), arguments.area, arguments.shape)
    engine = make_engine(settings.database_url, pool_size=1)
    with step(f"Writing {arguments.file.name}"), transaction(engine) as db:
        made = export_assets(db, chosen, format_of(arguments.file.name), arguments.system, settings.var / "exports")
    engine.dispose()
    shutil.move(made.path, arguments.file)
    made.path.parent.rmdir()
    for kind, number in made.counts.items():
        print(f"{kind}: {number}")
    print(f"{arguments.file}: {sum(made.counts.values())} assets in {made.system}, SHA-256 {made.sha256}")
    return 0


def _export_gtfs(arguments: argparse.Namespace) -> int:
    from gis.exporting.gtfs import export_gtfs

    engine = make_engine(from_environment(variables_of(arguments)).database_url, pool_size=1)
    with step(f"Writing {arguments.file.name}"), transaction(engine) as db:
        written = export_gtfs(db, arguments.feed, arguments.file)
    engine.dispose()
    for name, number in written.items():
        print(f"{name}: {number}")
    return 0


def _export_model(arguments: argparse.Namespace) -> int:
    from gis.networks.models import export_model

    engine = make_engine(from_environment(variables_of(arguments)).database_url, pool_size=1)
    with step(f"Writing {arguments.file.name}"), transaction(engine) as db:
        arguments.file.write_text(export_model(db, arguments.source, arguments.what), encoding="utf-8")
    engine.dispose()
    print(f"{arguments.file}: {arguments.source}")
    return 0


COMMANDS = [Command("export", "write assets of the instance to a file", run_export, _configure)]
