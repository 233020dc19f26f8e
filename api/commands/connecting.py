"""`./citycommand connectors`: other systems that are read on a schedule: add, list, read, pause, resume."""

from __future__ import annotations

import argparse
from pathlib import Path

from sqlalchemy import Engine

from api.commands.database import variables_of
from api.commands.registry import Command
from config.errors import CityCommandError
from config.settings import Settings, from_environment
from gis import clock
from gis.db import make_engine, transaction
from ingest.connectors import definition, register


def _configure(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    add = acts.add_parser("add", help="take a connector's definition (TOML) in, or in place of the one of its code")
    add.add_argument("file", type=Path, metavar="FILE")
    acts.add_parser("list", help="how each connected system stands")
    for name, words in (("read", "read it now"), ("pause", "stop reading it"), ("resume", "go on reading it")):
        acts.add_parser(name, help=words).add_argument("code", metavar="CODE")
    for act in acts.choices.values():
        act.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")


def run_connectors(arguments: argparse.Namespace) -> int:
    """Do one act and say what came of it."""
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=4)
    try:
        return _act(engine, settings, arguments)
    finally:
        engine.dispose()


def _act(engine: Engine, settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.act == "read":
        return _read(engine, settings, arguments.code)
    with transaction(engine) as db:
        if arguments.act == "add":
            said = definition.read(arguments.file)
            register.define(db, said)
            print(f"{said.code}: read every {said.every_s} s, first in a moment.")
        elif arguments.act == "list":
            print("\n".join(_line(each) for each in register.listed(db, clock.now(db))) or "No system is connected.")
        else:
            register.pause(db, arguments.code, active=arguments.act == "resume")
            print(f"{arguments.code}: {arguments.act}d.")
    return 0


def _read(engine: Engine, settings: Settings, code: str) -> int:
    from api.exchange import read_now

    outcome = read_now(engine, settings, code)
    with transaction(engine) as db:
        latest = register.attempts(db, code, 1)[0]
    problem = f": {CityCommandError.from_kept(latest['problem'])}" if latest["problem"] else ""
    print(f"{code}: {outcome}{problem}" + (f" (import run {latest['run_id']})" if latest["run_id"] else ""))
    return int(outcome == "failed")


def _line(each: dict[str, object]) -> str:
    outage, delay = each["outage_s"], each["delay_s"]
    told = [str(each["code"]), str(each["reads"]), str(each["standing"]), str(each["name"])]
    told += [f"away for {outage:.0f} s"] if isinstance(outage, float) else []
    told += [f"newest data {delay:.0f} s old"] if isinstance(delay, float) else []
    return "  ".join(told)


COMMANDS = [Command("connectors", "other systems that are read on a schedule", run_connectors, _configure)]
