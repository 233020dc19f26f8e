"""Cases as anybody may see them: published services only, nothing of who reported, positions no finer than the service allows (S5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, Row, text

from dispatch.public import masking, stages
from dispatch.public.stages import Note
from dispatch.repeats import voices

VISIBLE = files("dispatch.public").joinpath("visible.sql").read_text(encoding="utf-8")
"""Which cases the public may see: joins and conditions that follow `from dispatch.cases c`."""

_SELECT = files("dispatch.public").joinpath("records.sql").read_text(encoding="utf-8").replace("/* visible */", VISIBLE)
_CHANGED = "(select max(e.recorded_at) from dispatch.case_event e where e.case_id = c.id)"

_CONDITIONS = {
    "numbers": "c.number = any(:numbers)",
    "services": "s.code = any(:services)",
    "since": "c.occurred_at >= :since",
    "until": "c.occurred_at <= :until",
    "updated_since": "c.id in (select e.case_id from dispatch.case_event e where e.recorded_at >= :updated_since)",
    "updated_until": f"{_CHANGED} <= :updated_until",
    "area": "c.area_code >= :area and c.area_code < :area || '~'",
    "lately": "c.id in (select e.case_id from (select case_id from dispatch.case_event order by recorded_at desc limit :lately) e)",
}


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `bbox` is west, south, east, north in WGS 84 degrees; `open` None: both open and closed;
    `lately` looks at the cases of so many latest moves of the city only, which costs the same however long its history is.
    """

    numbers: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    open: bool | None = None
    bbox: tuple[float, float, float, float] | None = None
    area: str | None = None
    lately: int | None = None


@dataclass(frozen=True)
class Record:
    """One case as the public sees it. Position in WGS 84 degrees, rounded where the service is sensitive; None where unknown."""

    case_id: int
    number: str
    service_code: str
    service_name: str
    group: str
    icon: str
    stage: str
    is_open: bool
    words: str
    agency: str
    occurred_at: datetime
    updated_at: datetime
    due_at: datetime | None
    address: str
    area: str
    area_code: str
    lon: float | None
    lat: float | None
    rounded: bool
    voices: int
    joined_number: str = ""
    photos: tuple[int, ...] = ()


def find(
    db: Connection, wanted: Wanted, day: date, locale: str, *, limit: int, offset: int = 0, by: str = "occurred_at"
) -> list[Record]:
    """The newest records that fit; `by` is occurred_at or updated_at. `day` decides which services are public."""
    where, values = _where(wanted)
    order = (
        f"order by {_CHANGED if by == 'updated_at' else 'c.occurred_at'} desc, c.id desc limit :limit offset :offset"
    )
    last = "order by updated_at desc, c.id desc" if by == "updated_at" else "order by c.occurred_at desc, c.id desc"
    statement = _SELECT.replace("/* conditions */", where).replace("/* order */", order) + last
    rows = db.execute(text(statement), {**values, "day": day, "limit": limit, "offset": offset})
    found = [_record(row, locale) for row in rows]
    # What is shown rounded is looked for by what is shown: else a window could be narrowed around the true place.
    return [each for each in found if wanted.bbox is None or _within(each, wanted.bbox)]


def _within(record: Record, bbox: tuple[float, float, float, float]) -> bool:
    if not record.rounded:
        return True
    west, south, east, north = bbox
    return (
        record.lon is not None
        and record.lat is not None
        and west <= record.lon <= east
        and south <= record.lat <= north
    )


def history(db: Connection, case_ids: Sequence[int]) -> dict[int, list[Note]]:
    """When each of these cases reached which public stage, oldest first."""
    rows = db.execute(
        text(
            "select case_id, to_state, occurred_at from dispatch.case_event where case_id = any(:ids) order by case_id, seq"
        ),
        {"ids": list(case_ids)},
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(dict(row._mapping))
    return {case_id: stages.notes(events) for case_id, events in found.items()}


@dataclass(frozen=True)
class Standing:
    """What whoever holds its code is told of a case, be it public or not: of the one that it was joined with, where it was."""

    number: str
    own_number: str
    name: str
    is_open: bool
    agency: str
    due_at: datetime | None
    notes: Sequence[Note]


def standing(db: Connection, case_id: int, locale: str) -> Standing:
    """Where one case stands, in the public's stages."""
    row = db.execute(_STANDING, {"id": voices.followed(db, case_id), "own": case_id}).one()
    notes = history(db, [row.id]).get(row.id, [])
    name = _said(row, "class_name", locale)
    return Standing(
        row.number, row.own_number, name, row.closed_at is None, _said(row, "unit_name", locale), row.due_at, notes
    )


_STANDING = text("""
    select c.id, c.number, (select o.number from dispatch.cases o where o.id = :own) as own_number, c.closed_at, c.due_at,
           k.name as class_name, k.name_en as class_name_en, u.name as unit_name, u.name_en as unit_name_en
    from dispatch.cases c left join dispatch.case_class k on k.code = c.class_code left join gis.unit u on u.id = c.unit_id
    where c.id = :id
""")


def _where(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """Only the constant fragments above are ever joined; every value is bound."""
    given: dict[str, Any] = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    parts = [_CONDITIONS[name] for name in given]
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    if wanted.open is not None:
        parts.append("c.closed_at is null" if wanted.open else "c.closed_at is not null")
    if wanted.bbox:
        parts.append(
            "c.geom && st_expand(st_makeenvelope(:west, :south, :east, :north, 4326), 0.05)"
            " and (s.rounding_m > 0 or c.geom && st_makeenvelope(:west, :south, :east, :north, 4326))"
        )
        values |= dict(zip(("west", "south", "east", "north"), wanted.bbox, strict=True))
    return "".join(f" and {part}" for part in parts), values


def _record(row: Row[Any], locale: str) -> Record:
    own = [str(value) for value in row.reporter.values() if value]
    place = None if row.lon is None else masking.rounded(row.lon, row.lat, row.rounding_m)
    address = (locale == "en" and row.address_en) or row.address
    area = _said(row, "area_name", locale)
    closed = row.closed_at is not None
    return Record(
        case_id=row.id,
        number=row.number,
        service_code=row.service_code,
        service_name=_said(row, "service_name", locale),
        group=_said(row, "group_name", locale),
        icon=row.icon,
        stage=stages.stage_of(row.state, closed=closed),
        is_open=not closed,
        words=masking.masked(row.words, own),
        agency=_said(row, "unit_name", locale),
        occurred_at=row.occurred_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        address=area if row.rounding_m > 0 else masking.masked(address, own),
        area=area,
        area_code=row.area_code or "",
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        rounded=row.rounding_m > 0,
        voices=row.voices,
        joined_number=row.joined_number or "",
        photos=tuple(row.photos or ()),
    )


def _said(row: Row[Any], column: str, locale: str) -> str:
    return (locale == "en" and getattr(row, f"{column}_en")) or getattr(row, column) or ""
