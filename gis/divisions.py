"""What the official list of administrative divisions says of areas: the code that belongs to a name, the name that belongs to a code."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, text

from gis.area_plan import Planned
from gis.importing.notes import Note

SHOWN = 5
"""So many areas with another name than the list's are named in a note; the rest is counted."""

Official = dict[tuple[str, str], str]
"""(code of the area above, name) → official code; of cities the first part is empty."""


def codes_by_name(db: Connection, names: Collection[str]) -> Official:
    """Official codes of the names, from city to community. Cities of one name (市辖区) are left out: nothing tells them apart."""
    rows = db.execute(
        text("""
            select case length(code) when 4 then '' when 6 then left(code, 4) when 9 then left(code, 6) else left(code, 9) end as above,
                   name, min(code) as code
            from gis.division where name = any(:names) and length(code) > 2
            group by 1, 2 having count(*) = 1
        """),
        {"names": list(names)},
    )
    return {(row.above, row.name): row.code for row in rows}


def named(db: Connection, planned: Sequence[Planned]) -> tuple[list[Planned], list[str]]:
    """The areas, those without a name called as the list calls their code, and notes on those that it calls otherwise.

    Areas made for ground without a boundary (references ending in /rest or /all) are not compared.
    """
    rows = db.execute(
        text("select code, name from gis.division where code = any(:codes)"), {"codes": [area.code for area in planned]}
    )
    official = {row.code: row.name for row in rows}
    filled = [area if area.name else replace(area, name=official.get(area.code, "")) for area in planned]
    compared = [area for area in filled if area.code in official and not area.ref.endswith(("/rest", "/all"))]
    other = [area for area in compared if area.name != official[area.code]]
    if not compared:
        return filled, []
    notes: list[str] = [
        Note(
            "{count} of {all} areas are called as the official list calls their code.",
            count=len(compared) - len(other),
            all=len(compared),
        )
    ]
    notes += [
        Note(
            "{code} is called {name} here and {official} in the official list.",
            code=area.code,
            name=area.name,
            official=official[area.code],
        )
        for area in other[:SHOWN]
    ]
    if (more := len(other) - SHOWN) > 0:
        notes.append(Note("{count} more areas are called otherwise in the official list.", count=more))
    return filled, notes
