"""The words of './citycommand import': each kind with what its FILE is, what its mapping says, and an example."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

Parser = argparse.ArgumentParser


class Kind(NamedTuple):
    """What the help says of one kind of import; `mapping` is what --mapping names, "" where there is none."""

    help: str
    file: str
    example: str
    mapping: str = ""
    needs_mapping: bool = False
    several: bool = False


KINDS: dict[str, Kind] = {
    "osm": Kind(
        "a city from OpenStreetMap: PBF or XML",
        "an extract of one city: .osm.pbf, .osm, .osm.gz or .osm.bz2",
        "osm monaco.osm.pbf --name Monaco",
        "which tags become what; default osm, which comes with the system",
    ),
    "areas": Kind(
        "districts, sub-districts and communities: any file GDAL reads",
        "polygons of the lowest level: Shapefile (zipped with its parts), GeoPackage, GeoJSON, …",
        "areas districts.geojson --mapping shijiazhuang-districts-datav",
        "which columns make the four levels: the name of a mapping, or a file (docs/guide/imports.md)",
        needs_mapping=True,
    ),
    "layer": Kind(
        "assets of one layer: any file GDAL reads, CSV and Excel too, or JSON lists",
        "Shapefile (zipped with its parts), GeoPackage, GeoJSON, FileGDB, KML, DXF, CSV, Excel (.xlsx, .xls), WPS (.et), .ods, JSON list",
        "layer lamps.csv --mapping dc-streetlights",
        "what its columns mean: the name of a mapping (one made in the browser under /imports/mapping, or one in config/mappings),"
        " or a file",
    ),
    "gtfs": Kind(
        "stops, bus lines and timetable of an operator: GTFS zip",
        "the operator's zip with stops.txt, routes.txt, trips.txt, stop_times.txt and a calendar",
        "gtfs feed.zip --feed kingston",
    ),
    "epanet": Kind(
        "a water network: EPANET input file (.inp)",
        "input file of EPANET 2 with [COORDINATES]",
        "epanet network.inp --system EPSG:4547",
        "a mapping that states system, source and attribution in place of the options",
    ),
    "swmm": Kind(
        "a sewer network: SWMM input file (.inp)",
        "input file of SWMM 5 with [COORDINATES]",
        "swmm sewers.inp --system EPSG:4547",
        "a mapping that states system, source and attribution in place of the options",
    ),
    "standards": Kind(
        "filing conditions with their limits: CSV or Excel",
        "the city's table, one filing condition a row: CSV in UTF-8 or GB 18030, .xlsx, .xls, .et",
        "standards conditions.xlsx --mapping my-standards.toml",
        "which columns they stand in and what the words of the limits mean; begin with a copy of config/mappings/standards-cn.toml",
        needs_mapping=True,
    ),
    "calendar": Kind(
        "holidays and make-up workdays: CSV with day, working, name",
        "CSV in UTF-8 whose first line is day,working,name",
        "calendar holidays-2027.csv",
    ),
    "divisions": Kind(
        "official codes and names of divisions: CSV with code, name",
        "CSV in UTF-8 with the columns code and name, 2 to 12 digits; levels may be in files of their own",
        "divisions provinces.csv cities.csv areas.csv streets.csv",
        several=True,
    ),
    "reports": Kind(
        "past reports of another system: CSV, as cases",
        "the other system's export as CSV; several years may be several files",
        "reports 2012.csv 2013.csv --mapping boston-311",
        "which columns they stand in, and how its classes and departments are called here",
        needs_mapping=True,
        several=True,
    ),
}

MODELS = ("epanet", "swmm")
PREVIEWED = ("osm", "areas", "layer", "gtfs", *MODELS, "standards", "divisions")


def configure(parser: Parser) -> None:
    """Every kind of import as a subcommand of its own."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    parsers = {name: _parser(kinds, name, kind) for name, kind in KINDS.items()}
    parsers["osm"].add_argument("--name", default="", help="the city's name where the file has no boundary for it")
    parsers["osm"].add_argument(
        "--admin-levels", metavar="TABLE", help="table of the mapping that says what admin_level means: CN or default"
    )
    parsers["gtfs"].add_argument(
        "--feed", default="", metavar="NAME", help="name of the feed, where its agency's does not tell it apart"
    )
    for name in MODELS:
        parsers[name].add_argument(
            "--system", help="coordinate system of the file, which cannot say it: EPSG:4547, cgcs2000, …"
        )
        parsers[name].add_argument(
            "--source", default="", metavar="NAME", help="name of the model; default is the file's"
        )
    for name, usual in (("osm", "streets"), ("areas", "lattice")):
        parsers[name].add_argument(
            "--grids",
            choices=("streets", "lattice"),
            default=usual,
            help=f"how communities without unit grids are divided: along the register's streets, or faster by squares ({usual})",
        )
    for name in ("osm", "areas", "layer"):
        parsers[name].add_argument(
            "--with-demonstration-organisation",
            action="store_true",
            help="lend the demonstration's units, logins, class table and routing rules, to try the city out",
        )
    for name in PREVIEWED:
        parsers[name].add_argument(
            "--preview",
            action="store_true",
            help="show what it would change, and wait for './citycommand imports apply'",
        )


def _parser(kinds: argparse._SubParsersAction[Parser], name: str, kind: Kind) -> Parser:
    parser = kinds.add_parser(
        name,
        help=kind.help,
        description=kind.help,
        epilog=f"example:\n  ./citycommand import {kind.example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", type=Path, nargs="+" if kind.several else 1, metavar="FILE", help=kind.file)
    chosen = parser.add_mutually_exclusive_group(required=True) if name == "layer" else parser
    if kind.mapping:
        usual = "osm" if name == "osm" else None
        chosen.add_argument("--mapping", default=usual, required=kind.needs_mapping, help=kind.mapping)
    if name == "layer":
        chosen.add_argument(
            "--replay",
            type=int,
            metavar="RUN",
            help="the file holds corrected rows that this run refused (imports rejects)",
        )
    parser.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME", help="which city")
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")
    return parser
