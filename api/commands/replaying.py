"""The subcommand that lets past requests of a city happen again, in a city of its own."""

from __future__ import annotations

import argparse
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from api import import_work
from api.commands import running
from api.commands.database import variables_of
from api.commands.registry import Command
from api.import_work import Task
from api.instance import choices
from api.instance.progress import say, step
from config.errors import InvalidInput
from config.settings import Settings, from_environment
from data.replay import city, figures, period
from data.replay.capacity import Wishes
from data.replay.city import City
from data.replay.play import Play, Played, Standing, let_others_finish
from dispatch.importing import past_mapping
from gis.db import make_engine, transaction
from gis.importing import mappings, runs

INSTANCE = "replay"
"""Where no instance is named, it is never the one that people work in."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE_OR_FOLDER", help="past requests as CSV; of a folder all .csv"
    )
    parser.add_argument("--mapping", required=True, help="what their columns mean: as for 'import reports'")
    parser.add_argument("--month", metavar="YYYY-MM", help="the month to be replayed")
    parser.add_argument(
        "--from",
        dest="since",
        metavar="MOMENT",
        help="in place of a month: 2015-07-01 or 2015-07-01T08:00, the city's time",
    )
    parser.add_argument("--until", metavar="MOMENT", help="where it ends")
    parser.add_argument("--speed", type=float, default=6000, help="times as fast as real time, at most (6000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same course (1)")
    parser.add_argument("--areas", type=Path, metavar="FILE", help="areas to begin with, for a city that has none")
    parser.add_argument("--areas-mapping", metavar="NAME", help="what their columns mean: as for 'import areas'")
    parser.add_argument(
        "--crews", action="append", default=[], metavar="UNIT=N", help="crews of a unit, in place of what is learnt"
    )
    parser.add_argument(
        "--hours",
        action="append",
        default=[],
        metavar="TYPE=H",
        help="working hours that a type takes, in place of what is learnt",
    )
    parser.add_argument(
        "--people",
        action="append",
        default=[],
        metavar="POST=N",
        help="people at a post of the centre, in place of what is learnt",
    )
    parser.add_argument(
        "--capacity", type=float, default=1.0, metavar="SHARE", help="share of the learnt crews that are there (1)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def replay(arguments: argparse.Namespace) -> int:
    """Start a city of its own, hand in what was handed in then, let simulated people work, and print how both compare."""
    wishes = Wishes(
        _pairs(arguments.crews, int), _pairs(arguments.hours, float), _pairs(arguments.people, int), arguments.capacity
    )
    settings, raw, mapping = _opened(arguments)
    wanted = _period(arguments, settings)
    engine = make_engine(settings.database_url, pool_size=1)
    with step("Reading the requests"):
        past = city.read(arguments.files, mapping, datetime.now(UTC))
    with transaction(engine) as db:
        city.must_be_its_own(db, mapping.source_system)
    with step("Turning the clock, making units and people"), transaction(engine) as db:
        files = city.files_of(arguments.files)
        made = city.prepare(db, settings, mapping, raw, files, past, wanted, wishes)
    _bring_areas(engine, settings, arguments)
    _tell_beginning(made, arguments.speed)
    played = Play(engine, made, arguments.speed, arguments.seed, _tell).run()
    with step("Letting the dispatch process finish what is left, and counting"):
        left = let_others_finish(engine)
        rows = figures.beside(engine, made)
        with transaction(engine) as db:
            city.finish(db, made, played.handed_in, played.refused)
    outcome = _outcome(engine, made, played, rows, settings) | {"left": left}
    engine.dispose()
    print(
        json.dumps(outcome, ensure_ascii=False) if arguments.json else "\n".join(_lines(outcome, made, rows, settings))
    )
    return 0 if played.until == wanted.until else 130


def _opened(arguments: argparse.Namespace) -> tuple[Settings, dict[str, Any], past_mapping.PastMapping]:
    """The instance, started where it does not run, and the mapping."""
    in_place = arguments.instance is None and os.environ.get("CITYCOMMAND_OWNER_DATABASE_URL")
    if not in_place:
        arguments.instance = arguments.instance or INSTANCE
        _start(arguments)
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        raw = mappings.load(db, arguments.mapping)
    engine.dispose()
    mappings.must_fit("reports", raw, arguments.mapping)
    return settings, raw, past_mapping.read_mapping(raw)


def _start(arguments: argparse.Namespace) -> None:
    """Start the instance; one that is not there yet begins empty, in the time zone of the requests."""
    paths = running.paths_of(arguments)
    chosen = choices.load(paths)
    if chosen is not None and chosen.demonstration:
        raise InvalidInput(
            "Instance '{name}' is a demonstration city, where people work.",
            "Leave --instance out, or name one that does not exist yet: it is started by itself.",
            name=paths.name,
        )
    zone = None if chosen else past_mapping.read_mapping(runs.load_mapping(arguments.mapping)).zone.key
    wanted = argparse.Namespace(
        instance=arguments.instance, port=None, new_ports=False, time_zone=zone, scale=None, empty=True
    )
    running.bring_up(wanted)


def _period(arguments: argparse.Namespace, settings: Settings) -> period.Period:
    if arguments.month and not (arguments.since or arguments.until):
        return period.of_month(arguments.month, settings.time_zone)
    if arguments.since and arguments.until and not arguments.month:
        return period.between(arguments.since, arguments.until, settings.time_zone)
    raise InvalidInput("It is not said which time is to be replayed.", "Add --month 2015-07, or --from and --until.")


def _bring_areas(engine: Engine, settings: Settings, arguments: argparse.Namespace) -> None:
    with transaction(engine) as db:
        there = db.execute(text("select exists (select from gis.area)")).scalar_one()
        if arguments.areas is None and not there:
            say(
                "  ! The city has no areas: cases get no district and no unit grid, hot spots stay empty (--areas FILE)."
            )
        if arguments.areas is None or there:
            return
        mapping = mappings.load(db, arguments.areas_mapping) if arguments.areas_mapping else None
    with step(f"Importing areas from {arguments.areas.name}"), transaction(engine) as db:
        import_work.do(db, settings, Task("areas", [arguments.areas], mapping, {}))


def _pairs(given: list[str], kind: type[Any]) -> dict[str, Any]:
    """NAME=NUMBER as a table. Raises InvalidInput."""
    found = {}
    for pair in given:
        name, _, number = pair.rpartition("=")
        try:
            found[name] = kind(number)
        except ValueError:
            found[name] = -1
        if not name or found[name] <= 0:
            raise InvalidInput("'{pair}' does not say how many of what.", "Write it as PWD=12.", pair=pair)
    return found


def _tell_beginning(made: City, speed: float) -> None:
    units = {rule.code for rule in made.mapping.departments.values()} & made.capacity.crews.keys()
    crews = ", ".join(f"{code} {made.capacity.crews[code]}" for code in sorted(units))
    people = ", ".join(f"{post} {number}" for post, number in made.capacity.people.items())
    begins, ends = (f"{moment:%Y-%m-%d %H:%M}" for moment in (made.period.since, made.period.until))
    say(f"  {len(made.reports)} requests from {begins} to {ends} UTC, {speed:,.0f} times as fast")
    say(f"  crews: {crews or '–'}\n  people: {people}")


def _tell(standing: Standing) -> None:
    """One line a day."""
    say(
        f"  {standing.moment:%Y-%m-%d %H:%M} UTC  handed in {standing.handed_in:>6,}  open {standing.open:>6,}"
        f"  overdue {standing.overdue:>5,}  {standing.speed:>7,.0f}×  behind {standing.behind_s:>4.1f} s"
        f"  events waiting {standing.waiting:>4,}"
    )


def _outcome(engine: Engine, made: City, played: Played, rows: figures.Rows, settings: Settings) -> dict[str, Any]:
    zone = settings.time_zone
    first, last = made.period.since.astimezone(zone), (made.period.until - timedelta(seconds=1)).astimezone(zone)
    with transaction(engine) as db:
        kept = db.execute(_REFUSED, {"run": made.run_id}).all()
    return {
        "rows": made.past.rows,
        "requests": len(made.reports),
        "handed_in": played.handed_in,
        "refused": dict(played.refused),
        "unusable": {row.reason: row.number for row in kept if row.reason not in played.refused},
        "moves": played.moves,
        "stuck": dict(played.stuck),
        "seconds": round(played.seconds, 1),
        "speed": round(played.speed),
        "most_behind_s": round(played.most_behind_s, 2),
        "most_waiting": played.most_waiting,
        "crews": dict(made.capacity.crews),
        "people": dict(made.capacity.people),
        "units": {
            unit or "all": {"real": was.figures(), "replayed": here.figures()} for unit, (was, here) in rows.items()
        },
        "run": made.run_id,
        "evaluation": f"http://127.0.0.1:{settings.http_port}/evaluation?from={first:%Y-%m-%d}&to={last:%Y-%m-%d}&by=unit",
    }


_REFUSED = text("select reason, count(*) as number from gis.import_reject where run_id = :run group by reason")


def _lines(outcome: dict[str, Any], made: City, rows: figures.Rows, settings: Settings) -> list[str]:
    names = {rule.code: rule.name_en or rule.name for rule in made.mapping.departments.values()}
    flag = "" if settings.instance == "default" else f"--instance {settings.instance} "
    refused = {**outcome["refused"], **outcome["unusable"]}
    came = f"{outcome['handed_in']:,} of {outcome['requests']:,} requests handed in, {outcome['moves']:,} moves made"
    speed = f"{outcome['speed']:,} times as fast as real time, at most {outcome['most_behind_s']} s behind"
    return [
        f"{came} in {outcome['seconds']:,} s: {speed}.",
        *(f"Refused, kept in run {made.run_id}: {reason} {number}" for reason, number in refused.items()),
        *(f"Not made: {reason} ({number})" for reason, number in outcome["stuck"].items()),
        "",
        *figures.table(rows, names),
        "",
        f"Evaluation: {outcome['evaluation']}",
        f"An account to look at it: ./citycommand {flag}account --post assessor NAME",
    ]


COMMANDS = [Command("replay", "let a month of past requests happen again, in a city of its own", replay, _configure)]
