"""`classify train | report | try | repeats`: learn classes from past cases, say how well; try both on others' files."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.commands.database import variables_of
from api.commands.importing import lines
from api.commands.registry import Command
from api.instance.progress import step
from config.errors import NotFound, UnreadableFile
from config.settings import Settings, from_environment
from dispatch.classifying import history, past_files, training
from dispatch.classifying import model as models
from dispatch.importing.past_mapping import PastMapping, read_mapping
from dispatch.repeats import past_files as past_repeats
from gis import clock
from gis.db import make_engine, transaction
from gis.importing import runs


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    train = actions.add_parser("train", help="learn from past cases; pages take the result up by themselves")
    report = actions.add_parser("report", help="how well it does: on held-out cases, and what people chose instead")
    tried = actions.add_parser("try", help="measure on another system's files; nothing is imported or kept")
    repeats = actions.add_parser("repeats", help="how many duplicates of another system's files would be pointed out")
    repeats.add_argument("--mark", default="duplicate", metavar="WORDS", help="what a duplicate's closing note says")
    for action in (tried, repeats):
        action.add_argument("files", nargs="+", type=Path, metavar="FILE")
        action.add_argument("--mapping", required=True, metavar="NAME", help="as for 'import reports'")
    for action in (train, report):
        action.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
    for action in (train, report, tried, repeats):
        action.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run_classify(arguments: argparse.Namespace) -> int:
    """Do it and print the figures."""
    figures = ACTIONS[arguments.action](arguments)
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else "\n".join(lines(_flat(figures))))
    return 0


def _train(arguments: argparse.Namespace) -> dict[str, Any]:
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db, step("Reading past cases"):
        examples, now = history.examples(db), clock.now(db)
    engine.dispose()
    with step(f"Learning from {len(examples)} cases"):
        made = training.learn(examples, now)
    models.save(made, settings.classifier_file)
    return _of_model(settings)


def _report(arguments: argparse.Namespace) -> dict[str, Any]:
    settings = from_environment(variables_of(arguments))
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        chosen = history.choices(db)
    engine.dispose()
    return _of_model(settings) | {"decides_alone_from": settings.classify_alone or "never", "people": chosen}


def _of_model(settings: Settings) -> dict[str, Any]:
    try:
        model = models.load(settings.classifier_file)
    except FileNotFoundError:
        return {"model": "none yet; the words of the case standards serve. Learn one: ./citycommand classify train"}
    except UnreadableFile as error:
        return {"model": str(error)}
    return {"model": dict(model.facts) | {"labels": len(model.labels), "features": len(model.vocabulary)}}


def _try(arguments: argparse.Namespace) -> dict[str, Any]:
    mapping = _mapping(arguments)
    with step("Learning and measuring, twice"):
        return past_files.tried(arguments.files, mapping, datetime.now(UTC))


def _repeats(arguments: argparse.Namespace) -> dict[str, Any]:
    mapping = _mapping(arguments)
    with step("Comparing each request with those open before it"):
        return past_repeats.tried(arguments.files, mapping, arguments.mark, datetime.now(UTC))


def _mapping(arguments: argparse.Namespace) -> PastMapping:
    for file in arguments.files:
        if not file.is_file():
            raise NotFound("There is no file {file}.", "Check the path.", file=str(file))
    return read_mapping(runs.load_mapping(arguments.mapping))


def _flat(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of objects as one line each."""
    return {name: _line(value) for name, value in figures.items()}


def _line(value: Any) -> Any:
    if isinstance(value, Mapping):
        short = all(not isinstance(part, (Mapping, list)) for part in value.values())
        return _one(value) if short else _flat(value)
    return [_one(part) for part in value] if isinstance(value, list) else value


def _one(part: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in part.items())


ACTIONS = {"train": _train, "report": _report, "try": _try, "repeats": _repeats}

COMMANDS = [Command("classify", "learn classes from past cases, and say how well", run_classify, _configure)]
