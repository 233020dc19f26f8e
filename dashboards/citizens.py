"""The citizens' pages: what each shows, drawn from its template. They know no viewer, no session and no names of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.assets import SERVICE_ICONS
from dashboards.pages import City, draw_public
from dispatch.public import stages
from dispatch.public.records import Record
from dispatch.public.services import Service
from dispatch.public.stages import Note

LAYERS = ("area", "water", "green", "building", "road", "label", "street_label")
"""What the public's map shows of the ground: never pipes, components, unit grids."""

PLAIN_ICON = "help-circle"


@dataclass(frozen=True)
class Frame:
    """What every page says. `path` is the page's address without its language."""

    locale: str
    path: str
    city: City
    hotline: str
    emergency: str
    map_approval: str = ""


def draw_report(
    frame: Frame,
    services: Sequence[Service],
    key: str,
    *,
    photo_limit: int,
    photos_most: int,
    joined: Mapping[str, Any] | None = None,
    entered: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
) -> str:
    """The form. `entered` and `problems` where it came back; `joined` is the open case that it will be added to."""
    grouped = [
        (name, [_service(each, frame.locale) for each in group])
        for name, group in groupby(services, key=lambda each: each.said("group_name", frame.locale))
    ]
    return _draw(
        "citizen_report.html",
        frame,
        "page-citizen-report.js",
        groups=grouped,
        key=key,
        joined=joined,
        entered=entered or {},
        problems=problems,
        photo_limit=photo_limit,
        photos_most=photos_most,
    )


def draw_thanks(frame: Frame, number: str, code: str, notice: str, *, joined: bool) -> str:
    """What is said once a report has been taken: its number, and the code, this once."""
    return _draw("citizen_thanks.html", frame, None, number=number, code=code, notice=notice, joined=joined)


def draw_status(frame: Frame, shown: Mapping[str, Any] | None, problem: str = "") -> str:
    """Where a report stands, by its code; without one the field for it."""
    return _draw("citizen_status.html", frame, "page-citizen-status.js", shown=shown, problem=problem)


def draw_map(
    frame: Frame,
    newest: Sequence[Mapping[str, Any]],
    areas: Sequence[tuple[str, str, str]],
    services: Sequence[tuple[str, str]],
) -> str:
    """What was reported and mended; `areas` (code, name, level) have a feed, `services` (code, name) are to choose from."""
    return _draw("citizen_map.html", frame, "page-citizen-map.js", newest=newest, areas=areas, services=services)


def draw_case(frame: Frame, case: Mapping[str, Any], steps: Sequence[Mapping[str, Any]]) -> str:
    """One case as everybody sees it."""
    return _draw("citizen_case.html", frame, "page-citizen-case.js", case=case, steps=steps)


def draw_problem(locale: str, message: str, next_step: str, trace_id: str) -> str:
    """What went wrong, for somebody without an account."""
    frame = Frame(locale, "/report", City("", "", "", "", ()), "", "")
    return _draw("citizen_problem.html", frame, None, message=message, next_step=next_step, trace_id=trace_id)


def timeline(notes: Sequence[Note], locale: str, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Public stages in words, oldest first."""
    return [{"stage": each.stage, "name": stages.name(each.stage, locale), "at": said(each.at, zone)} for each in notes]


def record(one: Record, locale: str, zone: ZoneInfo) -> dict[str, Any]:
    """One case as pages and maps show it."""
    return {
        "number": one.number,
        "service": one.service_name,
        "service_code": one.service_code,
        "icon": icon_of(one.icon),
        "stage": one.stage,
        "stage_name": stages.name(one.stage, locale),
        "open": one.is_open,
        "words": one.words,
        "address": one.address,
        "area": one.area,
        "agency": one.agency,
        "reported": said(one.occurred_at, zone),
        "changed": said(one.updated_at, zone),
        "due": said(one.due_at, zone) if one.due_at else "",
        "voices": one.voices,
        "joined": one.joined_number,
        "photos": [f"/report/photos/{each}.jpg" for each in one.photos],
        "rounded": one.rounded,
        "lon": one.lon,
        "lat": one.lat,
    }


def said(at: datetime, zone: ZoneInfo) -> str:
    """A moment in the city's time, to the minute."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def icon_of(name: str) -> str:
    """The icon where the sprite has it."""
    return name if name in SERVICE_ICONS else PLAIN_ICON


def _service(one: Service, locale: str) -> dict[str, Any]:
    words = [one.name, one.name_en, one.keywords, one.keywords_en, one.said("description", locale)]
    return {
        "code": one.code,
        "name": one.said("name", locale),
        "description": one.said("description", locale),
        "hidden": one.kind == "blackbox",
        "icon": icon_of(one.icon),
        "search": " ".join(words).lower(),
        "questions": [
            {
                "field": f"attribute[{one.code}.{each.code}]",
                "datatype": each.datatype,
                "required": each.required,
                "label": each.label(locale),
                "values": [(value.key, (locale == "en" and value.name_en) or value.name) for value in each.values],
            }
            for each in one.attributes
        ],
    }


def _draw(template: str, frame: Frame, script: str | None, **facts: Any) -> str:
    return draw_public(template, frame.locale, frame.city, script, frame=frame, layers=LAYERS, **facts)
