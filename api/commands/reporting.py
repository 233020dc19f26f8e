"""`report month YYYY-MM | verify FILE`: the signed monthly report, and whether a report is this instance's and unchanged."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, get_args

from api.commands.database import variables_of
from api.commands.importing import lines
from api.commands.registry import Command
from config.errors import UnreadableFile
from config.i18n import LOCALES
from config.settings import Settings, from_environment
from dashboards import month, signing
from dashboards.month import Format
from dispatch.evaluation import keeping
from gis import clock
from gis.db import make_engine, transaction


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    making = actions.add_parser("month", help="write the report of a month as signed PDF and as Excel")
    making.add_argument("month", metavar="YYYY-MM")
    making.add_argument("--language", choices=[*LOCALES, "both"], default="both")
    making.add_argument("--folder", type=Path, default=Path(), help="where the files go; here unless told")
    verify = actions.add_parser("verify", help="whether a PDF is a report of this instance, unchanged")
    verify.add_argument("file", type=Path, metavar="FILE")
    for action in (making, verify):
        action.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        action.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run_report(arguments: argparse.Namespace) -> int:
    """Do it and print what came of it; 1 where a report is not this instance's, or was changed."""
    settings = from_environment(variables_of(arguments))
    status, outcome = ACTIONS[arguments.action](settings, arguments)
    print(json.dumps(outcome, ensure_ascii=False, default=str) if arguments.json else "\n".join(lines(outcome)))
    return status


def _month(settings: Settings, arguments: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    engine = make_engine(settings.database_url, pool_size=1)
    written = {}
    for locale in LOCALES if arguments.language == "both" else [arguments.language]:
        for kind in get_args(Format):
            started = time.monotonic()
            with transaction(engine) as db:
                now = clock.now(db)
                while keeping.refresh(db, now):
                    pass
                content = month.make(db, settings, arguments.month, locale, kind, now)
            file = arguments.folder / f"evaluation-{arguments.month}-{locale}.{kind}"
            file.write_bytes(content)
            written[file.name] = f"{len(content):,} bytes, {time.monotonic() - started:.1f} s"
    engine.dispose()
    return 0, written


def _verify(settings: Settings, arguments: argparse.Namespace) -> tuple[int, dict[str, Any]]:
    try:
        content = arguments.file.read_bytes()
    except OSError as error:
        raise UnreadableFile("The file {file} cannot be read.", file=arguments.file.name) from error
    found = signing.verify(content, settings.report_signature)
    outcome = {"unchanged": found.intact, "of this instance": found.ours, "signed": found.signed_at, "by": found.by}
    return int(not (found.intact and found.ours)), outcome


ACTIONS = {"month": _month, "verify": _verify}

COMMANDS = [Command("report", "the signed monthly report of the evaluation", run_report, _configure)]
