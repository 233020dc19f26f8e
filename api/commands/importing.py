"""Subcommands that bring real data in: import osm | areas | layer | gtfs | standards | calendar | reports."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.commands.database import variables_of
from api.commands.registry import Command
from api.instance.progress import step
from config.settings import Settings, from_environment
from gis.db import make_engine, transaction
from gis.importing import runs
from gis.importing.runs import Outcome

Import = Callable[[Connection, Settings, argparse.Namespace], Outcome]


def _configure(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    osm = kinds.add_parser("osm", help="a city from OpenStreetMap: PBF or XML")
    osm.add_argument("--name", default="", help="the city's name where the file has no boundary for it")
    osm.add_argument("--admin-levels", metavar="TABLE", help="table of the mapping that says what admin_level means")
    osm.add_argument("--mapping", default="osm")
    areas = kinds.add_parser("areas", help="districts, sub-districts and communities: any file GDAL reads")
    areas.add_argument("--mapping", required=True)
    layer = kinds.add_parser("layer", help="assets of one layer: any file GDAL reads, CSV and Excel too, or JSON lists")
    layer.add_argument("--mapping", required=True)
    gtfs = kinds.add_parser("gtfs", help="stops, bus lines and timetable of an operator: GTFS zip")
    gtfs.add_argument(
        "--feed", default="", metavar="NAME", help="name of the feed, where its agency's does not tell it apart"
    )
    standards = kinds.add_parser("standards", help="filing conditions with their limits: CSV")
    standards.add_argument("--mapping", required=True)
    calendar = kinds.add_parser("calendar", help="holidays and make-up workdays: CSV with day, working, name")
    reports = kinds.add_parser("reports", help="past reports of another system: CSV, as cases")
    reports.add_argument("--mapping", required=True)
    for kind in (osm, areas, layer):
        kind.add_argument(
            "--with-demonstration-organisation",
            action="store_true",
            help="lend the demonstration's units, logins, class table and routing rules, to try the city out",
        )
    for kind in (osm, areas, layer, gtfs, standards, calendar):
        kind.add_argument("files", type=Path, nargs=1, metavar="FILE")
    reports.add_argument("files", type=Path, nargs="+", metavar="FILE")
    for kind in (osm, areas, layer, gtfs, standards, calendar, reports):
        kind.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        kind.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def _osm(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from gis.importing.city import import_osm

    mapping, levels = runs.load_mapping(arguments.mapping), arguments.admin_levels
    outcome = import_osm(db, arguments.files[0], name=arguments.name, mapping=mapping, admin_levels=levels)
    return _with_people(db, settings, arguments, outcome)


def _areas(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from gis.importing.area_files import import_areas

    outcome = import_areas(db, arguments.files[0], runs.load_mapping(arguments.mapping))
    return _with_people(db, settings, arguments, outcome)


def _layer(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from gis.importing.layers import import_layer

    outcome = import_layer(db, arguments.files[0], runs.load_mapping(arguments.mapping))
    return _with_people(db, settings, arguments, outcome)


def _gtfs(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from gis.importing.gtfs import import_gtfs

    return import_gtfs(db, arguments.files[0], arguments.feed, str(settings.time_zone))


def _with_people(db: Connection, settings: Settings, arguments: argparse.Namespace, outcome: Outcome) -> Outcome:
    """Where asked for, lend the demonstration's people and rules, so that an imported city can work at once."""
    if arguments.with_demonstration_organisation:
        from data.lending import lend_organisation

        outcome.notes.append(lend_organisation(db, settings))
    return outcome


def _standards(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from dispatch.importing.standards import import_standards

    return import_standards(db, settings, arguments.files[0], runs.load_mapping(arguments.mapping))


def _calendar(db: Connection, _settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from dispatch.importing.calendar_table import import_calendar

    return import_calendar(db, arguments.files[0])


def _reports(db: Connection, settings: Settings, arguments: argparse.Namespace) -> Outcome:
    from dispatch.importing.reports import import_reports

    return import_reports(db, settings, arguments.files, runs.load_mapping(arguments.mapping))


KINDS: dict[str, Import] = {
    "osm": _osm,
    "areas": _areas,
    "layer": _layer,
    "gtfs": _gtfs,
    "standards": _standards,
    "calendar": _calendar,
    "reports": _reports,
}


def run_import(arguments: argparse.Namespace) -> int:
    """Read files into the instance, all or nothing, and print what came of them."""
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    started = time.monotonic()
    first, *others = (file.name for file in arguments.files)
    more = f" and {len(others)} more" if others else ""
    with step(f"Importing {first}{more}"), transaction(engine) as db:
        outcome = KINDS[arguments.kind](db, settings, arguments)
    engine.dispose()
    figures = summary(outcome, time.monotonic() - started)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else "\n".join(lines(figures)))
    return 0


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
