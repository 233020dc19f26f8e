"""Subcommands that bring real data in: import osm | areas | layer | gtfs | epanet | swmm | standards | calendar | divisions | reports."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from api import import_work
from api.commands.database import variables_of
from api.commands.registry import Command
from api.import_work import Task
from api.instance.progress import step
from config.settings import from_environment
from gis.db import make_engine, transaction
from gis.importing import corrections, difference, mappings, steps
from gis.importing.runs import Outcome


def _configure(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    osm = kinds.add_parser("osm", help="a city from OpenStreetMap: PBF or XML")
    osm.add_argument("--name", default="", help="the city's name where the file has no boundary for it")
    osm.add_argument("--admin-levels", metavar="TABLE", help="table of the mapping that says what admin_level means")
    osm.add_argument("--mapping", default="osm")
    areas = kinds.add_parser("areas", help="districts, sub-districts and communities: any file GDAL reads")
    areas.add_argument("--mapping", required=True)
    layer = kinds.add_parser("layer", help="assets of one layer: any file GDAL reads, CSV and Excel too, or JSON lists")
    chosen = layer.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--mapping", help="a file, or the name of a mapping")
    chosen.add_argument(
        "--replay",
        type=int,
        metavar="RUN",
        help="the file holds corrected rows that this run refused (imports rejects)",
    )
    gtfs = kinds.add_parser("gtfs", help="stops, bus lines and timetable of an operator: GTFS zip")
    gtfs.add_argument(
        "--feed", default="", metavar="NAME", help="name of the feed, where its agency's does not tell it apart"
    )
    models = [
        kinds.add_parser("epanet", help="a water network: EPANET input file (.inp)"),
        kinds.add_parser("swmm", help="a sewer network: SWMM input file (.inp)"),
    ]
    for kind in models:
        kind.add_argument("--system", help="coordinate system of the file, which cannot say it: EPSG:4547, cgcs2000, …")
        kind.add_argument("--source", default="", metavar="NAME", help="name of the model; default is the file's")
        kind.add_argument("--mapping", help="a file, or the name of a mapping, that states system, source, attribution")
    standards = kinds.add_parser("standards", help="filing conditions with their limits: CSV")
    standards.add_argument("--mapping", required=True)
    calendar = kinds.add_parser("calendar", help="holidays and make-up workdays: CSV with day, working, name")
    divisions = kinds.add_parser("divisions", help="official codes and names of divisions: CSV with code, name")
    reports = kinds.add_parser("reports", help="past reports of another system: CSV, as cases")
    reports.add_argument("--mapping", required=True)
    for kind, usual in ((osm, "streets"), (areas, "lattice")):
        kind.add_argument(
            "--grids",
            choices=("streets", "lattice"),
            default=usual,
            help="how communities without unit grids are divided: along the register's streets, or faster by squares",
        )
    for kind in (osm, areas, layer):
        kind.add_argument(
            "--with-demonstration-organisation",
            action="store_true",
            help="lend the demonstration's units, logins, class table and routing rules, to try the city out",
        )
    for kind in (osm, areas, layer, gtfs, *models, standards):
        kind.add_argument(
            "--preview",
            action="store_true",
            help="show what it would change, and wait for './citycommand imports apply'",
        )
    for kind in (osm, areas, layer, gtfs, *models, standards, calendar):
        kind.add_argument("files", type=Path, nargs=1, metavar="FILE")
    for kind in (divisions, reports):
        kind.add_argument("files", type=Path, nargs="+", metavar="FILE")
    for kind in (osm, areas, layer, gtfs, *models, standards, calendar, divisions, reports):
        kind.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        kind.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


NOBODY = (
    "Nobody can sign in to this city yet: './citycommand account --post administrator NAME' makes the first account."
)


def run_import(arguments: argparse.Namespace) -> int:
    """Read files into the instance, all or nothing, or preview what that would change; print what came of them."""
    settings = from_environment(variables_of(arguments))
    preview = getattr(arguments, "preview", False)
    engine = make_engine(settings.database_url, pool_size=4 if preview else 1)
    started = time.monotonic()
    first, *others = (file.name for file in arguments.files)
    more = f" and {len(others)} more" if others else ""
    if preview:
        with step(f"Previewing {first}{more}"):
            with transaction(engine) as db:
                task = _task(db, arguments)
            run_id = import_work.preview(engine, settings, task)
        with transaction(engine) as db:
            figures = previewed(db, run_id)
    else:
        with step(f"Importing {first}{more}"), transaction(engine) as db:
            outcome = import_work.do(db, settings, _task(db, arguments))
        figures = summary(outcome, time.monotonic() - started)
    with transaction(engine) as db:
        deserted = not db.execute(text("select exists (select from gis.account)")).scalar_one()
    engine.dispose()
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else "\n".join(lines(figures)))
    if deserted and not arguments.json:
        print(NOBODY)
    return 0


def _task(db: Connection, arguments: argparse.Namespace) -> Task:
    named = {"name", "admin_levels", "feed", "grids", "system", "source", "with_demonstration_organisation"}
    options = {name: value for name, value in vars(arguments).items() if name in named and value}
    replays, name = getattr(arguments, "replay", None), getattr(arguments, "mapping", None)
    if replays:
        mapping: Mapping[str, Any] | None = corrections.replay_mapping(db, replays)
    else:
        mapping = mappings.load(db, name) if name else None
    return Task(arguments.kind, arguments.files, mapping, options, replays)


def previewed(db: Connection, run_id: int) -> dict[str, Any]:
    """A previewed run for the terminal: its figures, the first changes, and how to go on."""
    run = steps.get(db, run_id)
    shown = [
        f"{row['change']} {row['kind']} {row['ref']} {row['name']}".rstrip()
        for row in difference.rows(db, run_id, limit=10)
    ]
    going_on = (
        f"'./citycommand imports show {run_id}' shows it whole; imports apply {run_id} or discard {run_id} decides."
    )
    return {"run": run_id, "state": run.state, **run.counts, "first_changes": shown, "next": going_on}


def summary(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """Counts, refusals with reasons, remarks, seconds and this process's peak memory in MB."""
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        **outcome.counts,
        "rejected": dict(outcome.rejected),
        "notes": outcome.notes,
        "seconds": round(seconds, 1),
        "peak_mb": round(peak_mb),
    }


def lines(figures: Mapping[str, Any], indent: str = "") -> list[str]:
    """The figures for people: one line each, tables indented below their name."""
    printed: list[str] = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            printed += [f"{indent}{name}:", *lines(value, indent + "  ")] if value else []
        elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
            printed += [f"{indent}{name}: {entry}" for entry in value]
        else:
            printed.append(f"{indent}{name}: {value}")
    return printed


COMMANDS = [Command("import", "read a city, standards or past reports into the instance", run_import, _configure)]
