"""`grids generate | walks | move | report | show`: unit grids along streets, responsibility grids, and both as of a date."""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from api.commands.database import variables_of
from api.commands.importing import lines
from api.commands.registry import Command
from api.instance.progress import step
from config.errors import InvalidInput, NotFound
from config.settings import from_environment
from gis.db import make_engine, transaction
from gis.gridding import editions, inspectors, standing
from gis.gridding.drawing import TARGET_M2
from gis.gridding.editions import DIGITS, Made
from gis.gridding.inspectors import KILOMETRES


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    generate = actions.add_parser("generate", help="draw unit grids along streets, rivers and community borders")
    generate.add_argument("--target", type=float, default=TARGET_M2, metavar="M2", help="usual area; 10000 unless told")
    generate.add_argument("--digits", type=int, default=DIGITS, help="digits of the number within a community")
    generate.add_argument("--preview", action="store_true", help="only report; nothing is changed")
    generate.add_argument("--geojson", type=Path, metavar="FILE", help="write the drawn unit grids there too")
    walks = actions.add_parser("walks", help="group unit grids into responsibility grids of equal lengths of street")
    walks.add_argument("--kilometres", type=float, default=KILOMETRES, help="street that one inspector walks")
    report = actions.add_parser("report", help="how good the unit grids are that hold now")
    report.add_argument("--html", type=Path, metavar="FILE", help="write it there with a map, as one file")
    for action in (generate, walks, report):
        action.add_argument("--area", default="", metavar="CODE", help="only this area; all unless told")
    move = actions.add_parser("move", help="give a unit grid to another responsibility grid")
    move.add_argument("grid", metavar="GRID")
    move.add_argument("walk", metavar="RESPONSIBILITY-GRID")
    show = actions.add_parser("show", help="the unit grid that has a code, or had it at a moment")
    show.add_argument("grid", metavar="GRID")
    show.add_argument("--at", default="", metavar="TIME", help="moment in ISO 8601; now unless told")
    for action in (generate, walks, move, report, show):
        action.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        action.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run_grids(arguments: argparse.Namespace) -> int:
    """Do it in one transaction and print what came of it."""
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    started = time.monotonic()
    with transaction(engine) as db:
        figures = ACTIONS[arguments.action](db, arguments)
    engine.dispose()
    figures |= {"seconds": round(time.monotonic() - started, 1)} if arguments.action != "show" else {}
    print(json.dumps(figures, ensure_ascii=False, default=str) if arguments.json else "\n".join(lines(_flat(figures))))
    return 0


def _generate(db: Connection, arguments: argparse.Namespace) -> dict[str, Any]:
    if not 500 <= arguments.target <= 1_000_000 or not 1 <= arguments.digits <= 6:
        raise InvalidInput(
            "A unit grid has between 500 and 1,000,000 m², and its number 1 to 6 digits.",
            "Leave --target and --digits out for the standard's values.",
        )
    with step("Drawing unit grids"):
        made = editions.drawn(db, arguments.area, arguments.target, arguments.digits)
    if arguments.geojson:
        arguments.geojson.write_text(json.dumps(_collection(made), ensure_ascii=False), encoding="utf-8")
    if arguments.preview:
        return made.report | {"preview": True}
    with step("Putting them in force"):
        made = editions.replace(db, made, arguments.area)
    return made.report | {"edition": made.edition, "replaced": made.replaced}


def _collection(made: Made) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": code, "properties": {"code": code, "community": area},
             "geometry": shapely.geometry.mapping(shape)}
            for area, (codes, drawn) in made.drawn.items()
            for code, shape in zip(codes, drawn.shapes, strict=True)
        ],
    }  # fmt: skip


def _walks(db: Connection, arguments: argparse.Namespace) -> dict[str, Any]:
    with step("Grouping unit grids"):
        return inspectors.draw(db, arguments.area, arguments.kilometres)


def _move(db: Connection, arguments: argparse.Namespace) -> dict[str, Any]:
    inspectors.move(db, arguments.grid, arguments.walk)
    return {"unit_grid": arguments.grid, "responsibility_grid": arguments.walk}


def _report(db: Connection, arguments: argparse.Namespace) -> dict[str, Any]:
    from dashboards import grid_report

    found = standing.read(db, arguments.area)
    report = standing.report(found)
    if arguments.html:
        title = f"单元网格 · Unit grids {arguments.area}".rstrip()
        arguments.html.write_text(grid_report.draw(grid_report.Sheet(title, report, found, "en")), encoding="utf-8")
    return report


def _show(db: Connection, arguments: argparse.Namespace) -> dict[str, Any]:
    found = editions.at(db, arguments.grid, _moment(arguments.at))
    if found is None:
        raise NotFound("There was no unit grid '{code}' then.", "Look the code up on the map.", code=arguments.grid)
    return found


def _moment(stated: str) -> datetime:
    if not stated:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError as error:
        raise InvalidInput("'{stated}' is no moment.", "Write it as 2026-11-24T08:00+08:00.", stated=stated) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _flat(figures: dict[str, Any]) -> dict[str, Any]:
    """The histogram as lines for people."""
    bins = figures.get("histogram", [])
    named = {f"{each['from_m2']} to {each['to_m2'] or '…'} m²": each["grids"] for each in bins}
    return figures | ({"histogram": named} if bins else {})


ACTIONS = {"generate": _generate, "walks": _walks, "move": _move, "report": _report, "show": _show}

COMMANDS = [Command("grids", "draw unit grids along streets, group them for inspectors", run_grids, _configure)]
"""Subcommands of this group."""
