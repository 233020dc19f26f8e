"""`./citycommand imports`: the runs in steps: list, show, apply, undo, discard, rejects, mappings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from fastapi.encoders import jsonable_encoder
from sqlalchemy import Engine

from api import import_work
from api.commands.database import variables_of
from api.commands.importing import lines
from api.commands.registry import Command
from api.instance.progress import step
from config.errors import CityCommandError
from config.settings import Settings, from_environment
from gis.db import make_engine, transaction
from gis.importing import corrections, difference, notes, run_list, undo

Act = Callable[[Engine, Settings, argparse.Namespace], Any]


def _configure(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    for name, (words, _) in ACTS.items():
        act = acts.add_parser(name, help=words)
        act.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        act.add_argument("--json", action="store_true", help="print one JSON object")
        if name != "list":
            act.add_argument("run", type=int, metavar="RUN")
        if name == "undo":
            act.add_argument("--keep-later", action="store_true", help="leave assets alone that were changed since")
        if name == "show":
            act.add_argument("--limit", type=int, default=100, help="rows of the difference to print")
        if name == "rejects":
            act.add_argument("--geojson", action="store_true", help="GeoJSON in place of CSV")


def run_imports(arguments: argparse.Namespace) -> int:
    """Do one act and print what came of it."""
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=4)
    try:
        found = ACTS[arguments.act][1](engine, settings, arguments)
    finally:
        engine.dispose()
    if isinstance(found, str):
        sys.stdout.write(found)
    elif arguments.json:
        print(json.dumps(jsonable_encoder(found), ensure_ascii=False))
    elif arguments.act == "list":
        print("\n".join(_line(run) for run in found) or "No import has run yet.")
    else:
        print("\n".join(lines(found)))
    return 0


def _line(run: dict[str, Any]) -> str:
    figures = run["counts"].get("assets") or {}
    told = ", ".join(f"{name} {number}" for name, number in figures.items() if number)
    when = f"{run['started_at']:%Y-%m-%d %H:%M}"
    return f"{run['id']:>6}  {when}  {run['kind']:<10} {run['state']:<10} {run['file_name']}  {told}".rstrip()


def _list(engine: Engine, _settings: Settings, _arguments: argparse.Namespace) -> Any:
    with transaction(engine) as db:
        return run_list.runs(db)


def _show(engine: Engine, _settings: Settings, arguments: argparse.Namespace) -> Any:
    with transaction(engine) as db:
        run = run_list.run(db, arguments.run)
        rows = difference.rows(db, arguments.run, limit=arguments.limit)
    run["counts"] = run["counts"] | {"notes": notes.said(run["counts"].get("notes", []))}
    if run["problem"]:
        run["problem"] = str(CityCommandError.from_kept(run["problem"]))
    return run | {"changes": rows if arguments.json else [_change(row) for row in rows]}


def _change(row: dict[str, Any]) -> str:
    told = [
        f"moved {field['moved_m']} m"
        if "moved_m" in field
        else f"{field['field']}: {field['before']} → {field['after']}"
        for field in row["fields"]
    ]
    return f"{row['change']} {row['kind']} {row['ref']} {row['name']}  {'; '.join(told)}".rstrip()


def _apply(engine: Engine, settings: Settings, arguments: argparse.Namespace) -> Any:
    with step(f"Applying run {arguments.run}"):
        outcome = import_work.apply(engine, settings, arguments.run)
    return {"run": arguments.run, "state": "applied", **outcome.counts, "notes": outcome.notes}


def _undo(engine: Engine, _settings: Settings, arguments: argparse.Namespace) -> Any:
    with step(f"Undoing run {arguments.run}"), transaction(engine) as db:
        outcome = undo.undo(db, arguments.run, keep_later=arguments.keep_later)
    return {"run": outcome.run_id, **outcome.counts}


def _discard(engine: Engine, settings: Settings, arguments: argparse.Namespace) -> Any:
    import_work.discard(engine, settings, arguments.run)
    return {"run": arguments.run, "state": "discarded"}


def _rejects(engine: Engine, _settings: Settings, arguments: argparse.Namespace) -> Any:
    with transaction(engine) as db:
        run_list.run(db, arguments.run)
        found = run_list.rejects(db, arguments.run)
    return corrections.as_geojson(found) + "\n" if arguments.geojson else corrections.as_csv(found)


ACTS: dict[str, tuple[str, Act]] = {
    "list": ("the newest runs", _list),
    "show": ("one run: figures, difference, reasons of refused rows", _show),
    "apply": ("do what was previewed, in one transaction", _apply),
    "undo": ("take an applied run back as a whole", _undo),
    "discard": ("leave a previewed run", _discard),
    "rejects": ("refused rows as CSV, to correct and import again with --replay", _rejects),
}

COMMANDS = [Command("imports", "look at import runs; apply, undo or discard them", run_imports, _configure)]
