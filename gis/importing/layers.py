"""`import layer`: assets from any vector file, row by row, with the raw coordinates kept and a reason for every row left out (C3, C5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from config.errors import InvalidInput
from gis import assets
from gis.assets import AssetRow
from gis.importing import (
    choosing,
    corrections,
    elsewhere,
    instance,
    judging,
    layer_rules,
    placing,
    runs,
    systems,
    vector_files,
)
from gis.importing.judging import TAKEN, TELL_EVERY, Judged, Replay
from gis.importing.layer_rules import Rules
from gis.importing.layer_table import Table
from gis.importing.placing import Placed
from gis.importing.runs import Outcome
from gis.importing.systems import System


def import_layer(db: Connection, path: Path, mapping: Mapping[str, Any], replays: int | None = None) -> Outcome:
    """Load the assets of a file. The same file again changes nothing.

    With `replays`, the file holds corrected rows that this earlier run refused (gis/importing/corrections.py). Raises
    UnreadableFile for a file that cannot be read, InvalidInput for a mapping that does not fit it or where not one row can be
    used; nothing is changed then.
    """
    rules = layer_rules.read_rules(mapping)
    run_id = runs.start(db, "layer", [path], mapping)
    runs.progress("reading", 0)
    table = vector_files.read(path, mapping)
    if replays is not None:
        table = replace(table, rows=corrections.as_typed(db, replays, table.rows))
    layer_rules.check_columns(rules, table.fields)
    system = system_stated(path, table, mapping)
    shape = mapping.get("geometry", {}).get("shape")
    near = instance.centre(db)
    placed = placing.place(table.shapes, system, near, shape)
    elsewhere.refuse(placed, table.shapes, system, near)
    judged = judging.judge(rules, table, placed, _replay(db, rules, replays))
    _refuse_if_nothing_is_left(path, rules, table, judged)
    shapes = placed.shapes[list(judged.assets)]
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    srid = instance.widen(db, (west, south, east, north))
    instance.credit(db, rules.attribution)
    rows = _asset_rows(judged, table, placed, system)
    changes = assets.upsert(db, rules.source, rows, run_id, f"import layer {path.name}")
    counts = {
        "rows": len(table.rows),
        "chosen": judged.wanted,
        "taken": len(judged.assets),
        "assets": vars(changes),
        "kinds": assets.count_by_kind(db, rules.source),
        "system": system.name,
        "work_srid": srid,
    }
    if replays:
        numbers = [judging.number_of(table.rows[at], at) for at in judged.assets]
        counts |= {"replays": replays, "mended": corrections.mended(db, replays, map(str, numbers))}
    notes = _notes(table, system, judged, 0 if replays else changes.absent)
    rejected = runs.keep_rejects(db, run_id, judged.rejects)
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
    notes = [f"The file says {own}; it was read as {system.name}, as the mapping says."] if own != system.name else []
    if system.accuracy_m:
        notes.append(
            f"The published way from {system.name} to WGS 84 is exact to {system.accuracy_m:g} m only."
            " A local frame estimated from control points does better (docs/guide/coordinates.md)."
        )
    return notes


def _replay(db: Connection, rules: Rules, replays: int | None) -> Replay:
    if replays is None:
        return judging.NO_REPLAY
    standing = frozenset(assets.ids(db, rules.source))
    return Replay(standing, corrections.taken_before(db, replays, TAKEN))


def _refuse_if_nothing_is_left(path: Path, rules: Rules, table: Table, judged: Judged) -> None:
    if judged.assets:
        return
    if not judged.wanted:
        raise choosing.nothing_chosen(path, rules.select, table.rows)
    raise choosing.nothing_usable(path, judged.rejects, judged.wanted)


def _asset_rows(judged: Judged, table: Table, placed: Placed, system: System) -> Iterator[AssetRow]:
    for done, (number, facts) in enumerate(judged.assets.items()):
        if done % TELL_EVERY == 0:
            runs.progress("comparing", done, len(judged.assets))
        yield AssetRow(
            facts.reference,
            facts.kind,
            facts.class_code,
            facts.name,
            facts.name_en,
            placed.shapes[number].wkb_hex,
            json.dumps(facts.attributes, ensure_ascii=False),
            placing.raw_position(table.shapes[number], system, number in placed.repaired),
        )


def _notes(table: Table, system: System, judged: Judged, absent: int) -> list[str]:
    notes = system_note(table, system)
    taken = Counter(reject.reason for reject in judged.rejects if reject.reason in TAKEN)
    notes += [f"{count} rows are listed as '{reason}' and were taken all the same." for reason, count in taken.items()]
    if absent:
        notes.append(f"{absent} assets of this source are not in the file; they stay as they are.")
    return notes
