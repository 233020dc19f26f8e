"""What each kind of import does with its files, wired once for the command line and for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row

from config.errors import UnreadableFile
from config.settings import Settings
from gis import frames
from gis.db import transaction
from gis.importing import archives, kept_files, steps
from gis.importing.notes import Note
from gis.importing.runs import Outcome

IN_STEPS = ("osm", "areas", "layer", "gtfs", "standards", "epanet", "swmm", "divisions")
"""Kinds that can be previewed. Past reports go in at once: nothing of them can be taken back."""


@dataclass(frozen=True)
class Task:
    """One import to do: its files, its mapping, and what else was asked for on the command line or the page."""

    kind: str
    files: Sequence[Path]
    mapping: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    replays: int | None = None


Import = Callable[[Connection, Settings, Task], Outcome]


def do(db: Connection, settings: Settings, task: Task) -> Outcome:
    """The import, in the caller's transaction."""
    with frames.using(frames.of(settings.local_frame)):
        outcome = KINDS[task.kind](db, settings, task)
    if task.options.get("with_demonstration_organisation"):
        from data.lending import lend_organisation

        outcome.notes.append(lend_organisation(db, settings))
    return outcome


def preview(engine: Engine, settings: Settings, task: Task, account_id: int | None = None) -> int:
    """Open a run for the task, keep its files and preview it; returns the run's id. Raises what the import raises."""
    run_id = open_run(engine, settings, task, account_id)
    try:
        preview_run(engine, settings, run_id)
    except Exception:
        kept_files.drop(settings.imports_directory, run_id)
        raise
    return run_id


def open_run(engine: Engine, settings: Settings, task: Task, account_id: int | None = None) -> int:
    """Open a run for the task and keep its files, which may go away after this; returns its id."""
    with transaction(engine) as db:
        run_id = steps.open_run(
            db,
            task.kind,
            task.files,
            mapping=task.mapping,
            options=task.options,
            account_id=account_id,
            replays=task.replays,
        )
    kept_files.keep(settings.imports_directory, run_id, task.files)
    return run_id


def preview_run(engine: Engine, settings: Settings, run_id: int) -> Outcome:
    """Preview a run that was opened, from its kept files."""
    task = _task_of(engine, settings, run_id)
    return steps.preview(engine, run_id, lambda db: do(db, settings, task))


def apply(engine: Engine, settings: Settings, run_id: int) -> Outcome:
    """Apply a previewed run from its kept files, which then go. Raises what `steps.apply` raises."""
    task = _task_of(engine, settings, run_id)
    outcome = steps.apply(engine, run_id, task.files, lambda db: do(db, settings, task))
    kept_files.drop(settings.imports_directory, run_id)
    return outcome


def discard(engine: Engine, settings: Settings, run_id: int) -> None:
    """Leave a previewed run."""
    with transaction(engine) as db:
        steps.discard(db, run_id)
    kept_files.drop(settings.imports_directory, run_id)


def _task_of(engine: Engine, settings: Settings, run_id: int) -> Task:
    with transaction(engine) as db:
        run: Row[Any] = steps.get(db, run_id)
    steps.must(run, "applied")
    files = kept_files.of(settings.imports_directory, run_id)
    if not files:
        raise UnreadableFile(
            "The files of run {run} are no longer here.", "Discard the run and import the file anew.", run=run_id
        )
    return Task(run.kind, files, run.mapping, run.options, run.replays)


def _osm(db: Connection, _settings: Settings, task: Task) -> Outcome:
    from gis.importing.city import import_osm

    levels, name = task.options.get("admin_levels"), task.options.get("name", "")
    with _grids_as_asked(db, task) as outcomes:
        outcomes.append(import_osm(db, task.files[0], name=name, mapping=task.mapping, admin_levels=levels))
    return outcomes[0]


@contextmanager
def _grids_as_asked(db: Connection, task: Task) -> Iterator[list[Outcome]]:
    """An import that divides communities, put into the list; where it was asked for, the new ones are drawn along streets after it."""
    from gis.gridding import sources

    before = sources.divided(db)
    outcomes: list[Outcome] = []
    yield outcomes
    new = sources.divided(db) - before
    if new and task.options.get("grids") == "streets":
        _along_streets(db, outcomes[0], new)


def _along_streets(db: Connection, outcome: Outcome, communities: Set[str]) -> None:
    """Draw the unit grids of communities along the register's streets, in the place of the lattice that the import just made."""
    from gis.gridding import editions

    made = editions.replace(db, editions.drawn(db, only=communities))
    outcome.counts["grids"] = {
        name: made.report[name] for name in ("grids", "communities", "share_5000_to_20000", "border_on_streets")
    }
    outcome.notes[:] = [note for note in outcome.notes if "regular lattice" not in note]
    outcome.notes.append(Note("{count} unit grids were drawn along streets and banks.", count=made.report["grids"]))


def _layer_named(task: Task) -> str | None:
    """The layer that the mapping names, for archives of several."""
    return (task.mapping or {}).get("layer")


def _areas(db: Connection, settings: Settings, task: Task) -> Outcome:
    from gis.importing.area_files import import_areas

    opened = archives.opened(task.files[0], settings.import_unpacked_bytes, _layer_named(task))
    with opened as file, _grids_as_asked(db, task) as outcomes:
        outcomes.append(import_areas(db, file, task.mapping or {}))
    return outcomes[0]


def _layer(db: Connection, settings: Settings, task: Task) -> Outcome:
    from gis.importing.layers import import_layer

    with archives.opened(task.files[0], settings.import_unpacked_bytes, _layer_named(task)) as file:
        return import_layer(db, file, task.mapping or {}, task.replays)


def _gtfs(db: Connection, settings: Settings, task: Task) -> Outcome:
    from gis.importing.gtfs import import_gtfs

    return import_gtfs(db, task.files[0], task.options.get("feed", ""), str(settings.time_zone))


def _model(db: Connection, _settings: Settings, task: Task) -> Outcome:
    from gis.networks.models import import_model

    stated = {name: task.options[name] for name in ("system", "source") if task.options.get(name)}
    return import_model(db, task.files[0], task.kind, {**(task.mapping or {}), **stated})


def _standards(db: Connection, settings: Settings, task: Task) -> Outcome:
    from dispatch.importing.standards import import_standards

    return import_standards(db, settings, task.files[0], task.mapping or {})


def _calendar(db: Connection, _settings: Settings, task: Task) -> Outcome:
    from dispatch.importing.calendar_table import import_calendar

    return import_calendar(db, task.files[0])


def _divisions(db: Connection, _settings: Settings, task: Task) -> Outcome:
    from gis.importing.division_lists import import_divisions

    return import_divisions(db, task.files)


def _reports(db: Connection, settings: Settings, task: Task) -> Outcome:
    from dispatch.importing.reports import import_reports

    return import_reports(db, settings, list(task.files), task.mapping or {})


KINDS: dict[str, Import] = {
    "osm": _osm,
    "areas": _areas,
    "layer": _layer,
    "gtfs": _gtfs,
    "epanet": _model,
    "swmm": _model,
    "standards": _standards,
    "calendar": _calendar,
    "divisions": _divisions,
    "reports": _reports,
}
