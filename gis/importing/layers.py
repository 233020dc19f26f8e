"""`import layer`: assets from any vector file, row by row, with the raw coordinates kept and a reason for every row left out (C3, C5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from config.errors import InvalidInput
from gis import assets
from gis.importing import corrections, instance, judging, layer_rules, runs, systems, vector_files
from gis.importing.judging import TAKEN, Replay
from gis.importing.layer_rules import Rules
from gis.importing.layer_table import Table
from gis.importing.notes import Note
from gis.importing.runs import Outcome
from gis.importing.systems import System
from gis.importing.taking import Taking


def import_layer(db: Connection, path: Path, mapping: Mapping[str, Any], replays: int | None = None) -> Outcome:
    """Load the assets of a file. The same file again changes nothing.

    With `replays`, the file holds corrected rows that this earlier run refused (gis/importing/corrections.py). Raises
    UnreadableFile for a file that cannot be read, InvalidInput for a mapping that does not fit it or where not one row can be
    used; nothing is changed then.
    """
    rules = layer_rules.read_rules(mapping)
    run_id = runs.start(db, "layer", [path], mapping)
    runs.progress("reading", 0)
    parts = vector_files.parts(path, mapping)
    if replays is not None:
        table = vector_files.read(path, mapping)
        parts = iter([replace(table, rows=corrections.as_typed(db, replays, table.rows))])
    first = next(parts)
    layer_rules.check_columns(rules, first.fields)
    system = system_stated(path, first, mapping)
    notes = system_note(first, system)
    taking = Taking(path, mapping, rules, system, instance.centre(db), _replay(db, rules, replays))
    changes = assets.upsert(db, rules.source, taking.rows(chain([first], parts)), run_id, f"import layer {path.name}")
    srid = instance.widen(db, taking.extent)
    instance.credit(db, rules.attribution)
    counts = {
        "rows": taking.read,
        "chosen": taking.wanted,
        "taken": len(taking.numbers),
        "assets": vars(changes),
        "kinds": assets.count_by_kind(db, rules.source),
        "system": system.name,
        "work_srid": srid,
    }
    if replays:
        counts |= {"replays": replays, "mended": corrections.mended(db, replays, map(str, taking.numbers))}
    notes += _notes(taking, 0 if replays else changes.absent)
    rejected = runs.keep_rejects(db, run_id, taking.rejects)
    return runs.finish(db, Outcome(run_id, counts, rejected, notes, rules.source))


def system_stated(path: Path, table: Table, mapping: Mapping[str, Any]) -> System:
    """The mapping's `system`, else the file's own. It is asked for, never guessed: InvalidInput where neither says it."""
    stated = mapping.get("system") or table.stated
    if not stated:
        raise InvalidInput(
            "The file {file} states no coordinate system.",
            'Ask its owner and state it in the mapping: system = "gcj02", "bd09", "wgs84", "cgcs2000" or "EPSG:…".',
            file=path.name,
        )
    return systems.system_of(str(stated))


def system_note(table: Table, system: System) -> list[str]:
    """What to say where the file's own statement was overruled, and where the way to WGS 84 is rough."""
    own = systems.system_of(table.stated).name if table.stated else system.name
    notes: list[str] = []
    if own != system.name:
        notes.append(
            Note("The file says {own}; it was read as {stated}, as the mapping says.", own=own, stated=system.name)
        )
    if system.accuracy_m:
        notes.append(
            Note(
                "The published way from {system} to WGS 84 is exact to {metres:g} m only."
                " A local frame estimated from control points does better (docs/guide/coordinates.md).",
                system=system.name,
                metres=system.accuracy_m,
            )
        )
    return notes


def _replay(db: Connection, rules: Rules, replays: int | None) -> Replay:
    if replays is None:
        return judging.NO_REPLAY
    standing = frozenset(assets.ids(db, rules.source))
    return Replay(standing, corrections.taken_before(db, replays, TAKEN))


def _notes(taking: Taking, absent: int) -> list[str]:
    taken = Counter(reject.reason for reject in taking.rejects if reject.reason in TAKEN)
    notes: list[str] = [
        Note("{count} rows are listed as '{reason}' and were taken all the same.", count=count, reason=reason)
        for reason, count in taken.items()
    ]
    if absent:
        notes.append(Note("{count} assets of this source are not in the file; they stay as they are.", count=absent))
    return notes
