"""`import divisions`: official codes and names of administrative divisions (行政区划代码) from CSV tables, province to community."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnmappedForm, UnreadableFile
from gis.copying import copy_rows
from gis.importing import runs
from gis.importing.runs import Outcome, Reject

ABOVE = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
"""Digits of a code → digits of the code above it."""

LEVELS = {2: "province", 4: "city", 6: "district", 9: "subdistrict", 12: "community"}

Line = tuple[str, str, str]
"""File and line, code, name."""

_RENAMED = text("""
    select d.code, d.name as before, n.name as after
    from new_division n join gis.division d using (code) where d.name <> n.name order by d.code
""")
_WRITE = text("""
    with old as (select d.code, d.name from gis.division d join new_division using (code)),
    written as (
        insert into gis.division (code, name, import_run_id) select code, name, :run_id from new_division
        on conflict (code) do update set name = excluded.name, import_run_id = excluded.import_run_id
        where division.name <> excluded.name
        returning code, name
    ), recorded as (
        insert into gis.division_history (code, change, before, after, why, import_run_id)
        select w.code, case when o.code is null then 'added' else 'changed' end,
               case when o.code is not null then jsonb_build_object('name', o.name) end, jsonb_build_object('name', w.name),
               'import divisions', :run_id
        from written w left join old o using (code)
        returning change
    )
    select count(*) filter (where change = 'added') from recorded
""")


def import_divisions(db: Connection, paths: Sequence[Path]) -> Outcome:
    """Bring the codes of all files into the list; levels above may be in any of the files, or stand already.

    The same files again change nothing; a code that they lack stays. Raises what `read` raises; then nothing has been changed.
    """
    run_id = runs.start(db, "divisions", paths, {})
    lines = [line for path in paths for line in read(path)]
    standing = set(db.execute(text("select code from gis.division")).scalars())
    taken, rejects = judge(lines, standing)
    if not taken:
        raise InvalidInput(
            "Not one row of the tables is a division.",
            "Codes have 2, 4, 6, 9 or 12 digits; give the level above in the same import.",
        )
    db.execute(text("create temporary table new_division (code text primary key, name text) on commit drop"))
    copy_rows(db, "new_division", ("code", "name"), taken.items())
    renamed = {row.code: f"{row.before} → {row.after}" for row in db.execute(_RENAMED)}
    added = int(db.execute(_WRITE, {"run_id": run_id}).scalar_one())
    db.execute(text("drop table new_division"))
    levels = Counter(LEVELS[len(code)] for code in taken)
    counts = {
        "rows": len(lines),
        "divisions": {"added": added, "changed": len(renamed), "unchanged": len(taken) - added - len(renamed)},
        "levels": {level: levels[level] for level in LEVELS.values() if levels[level]},
        "renamed": renamed,
    }
    return runs.finish(db, Outcome(run_id, counts, runs.keep_rejects(db, run_id, rejects)))


def read(path: Path) -> Iterator[Line]:
    """Lines of a table with the columns `code` and `name`. Raises UnreadableFile, and UnmappedForm without these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            for name in ("code", "name"):
                if name not in (table.fieldnames or ()):
                    raise UnmappedForm(
                        "The table {file} has no column {missing}.",
                        "Its first line must name the columns code and name; others are left aside.",
                        file=path.name,
                        missing=name,
                    )
            for row in table:
                yield f"{path.name}:{table.line_num}", (row["code"] or "").strip(), (row["name"] or "").strip()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            "The file {file} cannot be read: {problem}.", "Save it as CSV in UTF-8.", file=path.name, problem=str(error)
        ) from error


def judge(lines: Sequence[Line], standing: set[str]) -> tuple[dict[str, str], list[Reject]]:
    """Code → name of the lines that can be used, and why the others cannot. Pure; `standing` are the codes known before."""
    taken: dict[str, str] = {}
    rejects: list[Reject] = []
    for row, code, name in sorted(lines, key=lambda line: len(line[1])):
        above = code[: ABOVE.get(len(code), 0)]
        if len(code) not in ABOVE or not (code.isascii() and code.isdecimal()):
            fault = "no_code", f"'{code}' is no code of 2, 4, 6, 9 or 12 digits"
        elif not name:
            fault = "no_name", f"{code} has no name"
        elif code in taken:
            fault = "twice", f"{code} stands in an earlier row as {taken[code]}"
        elif above and above not in taken and above not in standing:
            fault = "nothing_above", f"{code} belongs to {above}, which is not in the list"
        else:
            taken[code] = name
            continue
        rejects.append(Reject(row, *fault, {"code": code, "name": name}))
    return taken, rejects
