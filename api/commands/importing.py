"""Subcommands that bring real data in: import osm | areas | layer | gtfs | epanet | swmm | standards | calendar | divisions | reports."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from api import import_work
from api.commands import import_arguments
from api.commands.database import variables_of
from api.commands.registry import Command
from api.import_work import Task
from api.instance.progress import step
from config.settings import from_environment
from gis.db import make_engine, transaction
from gis.importing import corrections, difference, mappings, notes, steps
from gis.importing.runs import Outcome

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
        if name and mapping is not None:
            mappings.must_fit(arguments.kind, mapping, name)
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
    counts = run.counts | {"notes": notes.said(run.counts.get("notes", []))}
    return {"run": run_id, "state": run.state, **counts, "first_changes": shown, "next": going_on}


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


COMMANDS = [
    Command(
        "import", "read a city, standards or past reports into the instance", run_import, import_arguments.configure
    )
]
