"""Who qualifies and does not receive, by community: coverage, gap, and what is not known (W16). Figures only, small ones hidden.

Coverage is receiving and eligible ÷ eligible; the gap is the rest. Undetermined households stand apart: they are neither.
`no_longer` receive without qualifying any more (应退尽退), `unassessed` receive while a fact is missing: with `covered` they
are all who receive. Households are counted, not persons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from welfare import households, programmes
from welfare.assessment import Assessment, assess
from welfare.suppression import suppress

COLUMNS = ("eligible", "covered", "gap", "undetermined", "receiving", "no_longer", "unassessed")

SUMS = (("eligible", ("covered", "gap")), ("receiving", ("covered", "no_longer", "unassessed")))
"""What readers of one row can add up."""


@dataclass(frozen=True)
class Figures:
    """One area's published figures; None where a figure is hidden. Rates follow only from published ones."""

    area_code: str
    name: str
    name_en: str
    level: str
    values: Mapping[str, int | None]

    @property
    def coverage(self) -> float | None:
        """Share of eligible households that receive; None where it is hidden or nobody is eligible."""
        eligible, covered = self.values["eligible"], self.values["covered"]
        return None if eligible is None or covered is None or not eligible else covered / eligible


def table(db: Connection, programme: str, day: date) -> list[Figures]:
    """Communities, then their sub-districts, then the whole: published figures of one programme on `day`.

    The transaction works in the planner's area (welfare/access.py). The figures of one day and area are the same for everybody.
    """
    areas = list(db.execute(_AREAS))
    cells = _cells(count(db, programme, day), areas)
    published = suppress(cells, sums(areas), worth=_worth(areas))
    return [
        Figures(
            area.code,
            area.name,
            area.name_en,
            area.level,
            {column: published[(area.code, column)] for column in COLUMNS},
        )
        for area in areas
    ]


def place_of(found: Assessment) -> list[str]:
    """The columns in which a household counts."""
    receiving = found.outcome == "receiving"
    if found.qualifies is None:
        return ["receiving", "unassessed"] if receiving else ["undetermined"]
    if not found.qualifies:
        return ["receiving", "no_longer"] if receiving else []
    if found.outcome == "blocked":
        return []  # provided for by the programme that excludes this one
    return ["eligible", "covered", "receiving"] if receiving else ["eligible", "gap"]


def count(db: Connection, programme: str, day: date) -> Counter[tuple[str, str]]:
    """(community, column) → households of the area that this transaction works in, nothing hidden: not for publication."""
    policy = programmes.policy(db, day)
    home = {row.id: row.area_code for row in db.execute(text("select id, area_code from welfare.household"))}
    counted: Counter[tuple[str, str]] = Counter()
    for household, view in households.views(db, list(home), day).items():
        if not view.members:
            continue  # nobody lives there on that day
        found = assess(policy.versions, view, policy.parameters, policy.exclusions)[programme]
        counted.update((home[household], column) for column in place_of(found))
    return counted


def _cells(counted: Mapping[tuple[str, str], int], areas: Iterable[Any]) -> dict[Any, int]:
    """Every area with every column; an area's figure is the sum of the communities whose codes begin with its own."""
    return {
        (area.code, column): sum(
            number for (code, name), number in counted.items() if name == column and code.startswith(area.code)
        )
        for area in areas
        for column in COLUMNS
    }


def sums(areas: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    """What readers of the table can add up: parts of an area, and columns of a row."""
    areas = list(areas)
    found: list[tuple[Any, list[Any]]] = [
        ((area.code, total), [(area.code, part) for part in parts]) for area in areas for total, parts in SUMS
    ]
    for area in areas:
        parts = [part.code for part in areas if part.parent == area.code]
        if parts:
            found += [((area.code, column), [(part, column) for part in parts]) for column in COLUMNS]
    return found


def _worth(areas: Iterable[Any]) -> Callable[[Any], int]:
    """What a planner would miss least comes first: sums of sub-districts before communities, and in a row those who receive
    without need before those who qualify, the gap last of all.
    """
    columns = {"eligible": 1, "covered": 1, "gap": 2}
    levels = {area.code: area.level for area in areas}

    def worth(cell: Any) -> int:
        code, column = cell
        if levels[code] in ("district", "city"):
            return 6
        return columns.get(column, 0) + (3 if levels[code] == "community" else 0)

    return worth


_AREAS = text("""
    select a.code, a.name, a.name_en, a.level, p.code as parent
    from gis.area a left join gis.area p on p.id = a.parent_id
    where a.code >= current_setting('welfare.area_from') and a.code <= current_setting('welfare.area_to')
    order by array_position(array['community', 'subdistrict', 'district', 'city'], a.level), a.code
""")
