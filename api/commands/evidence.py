"""`evidence verify [PACKAGE] | heads`: whether every original, or a package that was handed out, is as it came; heads for an auditor."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from api import package_check
from api.commands.database import variables_of
from api.commands.registry import Command
from api.instance.progress import say
from config.errors import UnreadableFile
from config.settings import Settings, from_environment
from dispatch.custody import heads
from dispatch.custody.walk import Verdict, verify
from gis import clock
from gis.db import make_engine, transaction

DAMAGED = 3
"""Exit status where something serious was found."""

PROGRESS_EVERY_S = 5.0


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    walk = actions.add_parser("verify", help="compare log, rows and files; exit status 3 when something was touched")
    walk.add_argument("package", nargs="?", type=Path, metavar="PACKAGE", help="a package that was handed out, instead")
    walk.add_argument(
        "--certificate", type=Path, metavar="FILE", help="of the instance that made the package; ours unless told"
    )
    walk.add_argument("--heads", type=Path, metavar="DIRECTORY", help="compare with the heads kept there, too")
    listed = actions.add_parser("heads", help="the last hash of each day, signed; into files for an auditor")
    listed.add_argument("directory", nargs="?", type=Path, metavar="DIRECTORY", help="write a file a day there")
    for action in (walk, listed):
        action.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        action.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run_evidence(arguments: argparse.Namespace) -> int:
    """Verify, or write the heads."""
    settings = from_environment(variables_of(arguments))
    return {"verify": _verify, "heads": _heads}[arguments.action](settings, arguments)


def _verify(settings: Settings, arguments: argparse.Namespace) -> int:
    if arguments.package is not None:
        return _verify_package(settings, arguments)
    kept = _kept(settings, arguments.heads) if arguments.heads else {}
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        verdict = verify(db, settings.evidence_directory, kept, _progress())
    engine.dispose()
    print(json.dumps(verdict.told(), ensure_ascii=False) if arguments.json else "\n".join(_lines(verdict)))
    return 0 if verdict.intact else DAMAGED


def _verify_package(settings: Settings, arguments: argparse.Namespace) -> int:
    found = package_check.check(settings, arguments.package, arguments.certificate)
    told = found.lines()
    print(json.dumps(found.told(), ensure_ascii=False) if arguments.json else "\n".join(told))
    return 0 if found.intact else DAMAGED


def _progress() -> Callable[[Verdict, int], None]:
    """One line on standard error every few seconds, with the time that is left at this speed."""
    started = shown = time.monotonic()

    def tell(verdict: Verdict, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown < PROGRESS_EVERY_S:
            return
        shown = now
        left = (now - started) / max(verdict.entries, 1) * max(total - verdict.entries, 0)
        say(f"  … {verdict.entries} of {total} entries, {verdict.size / 1e9:.1f} GB, about {left / 60:.0f} min left")

    return tell


def _lines(verdict: Verdict) -> list[str]:
    lines = []
    for finding in verdict.findings:
        lines += [f"{'✗' if finding.serious else '·'} {finding.what}", f"    {finding.next_step}"]
    number, digest = verdict.head
    lines.append(f"{verdict.entries} entries and {verdict.files} files ({verdict.size / 1e6:.1f} MB) were read.")
    lines.append(f"Head: entry {number}, {digest.hex()}")
    serious = sum(finding.serious for finding in verdict.findings)
    lines.append("All evidence is as it came." if verdict.intact else f"{serious} findings: evidence was touched.")
    return lines


def _heads(settings: Settings, arguments: argparse.Namespace) -> int:
    engine = make_engine(settings.database_url, pool_size=1)
    with transaction(engine) as db:
        found = heads.of_days(db, settings.instance, settings.time_zone)
        today = clock.now(db).astimezone(settings.time_zone).date()
        written = _written(settings, arguments.directory, found, today)
        kept = heads.read(arguments.directory, settings.secret) if arguments.directory else {}
        lost = heads.disagreeing(db, kept.values())
    engine.dispose()
    if arguments.json:
        told = [head.told(settings.secret) for head in found]
        print(json.dumps({"heads": told, "written": written, "lost": [head.day.isoformat() for head in lost]}))
    else:
        print("\n".join(f"{head.day}  entry {head.number}  {head.hash.hex()}" for head in found))
    for head in lost:
        say(f"✗ The log no longer has the kept head of {head.day} (entry {head.number}): it was rewritten or cut.")
        say("    Find out what else: ./citycommand evidence verify --heads DIRECTORY")
    return DAMAGED if lost else 0


def _written(settings: Settings, directory: Path | None, found: list[heads.Head], today: date) -> list[str]:
    if directory is None:
        return []
    written = heads.write(directory, found, today, settings.secret)
    print(f"{len(written)} new files in {directory}; give them to whoever audits.", file=sys.stderr)
    return [path.name for path in written]


def _kept(settings: Settings, directory: Path) -> dict[int, heads.Head]:
    """The heads that were kept outside; a directory without one is a mistake of whoever names it."""
    if kept := heads.read(directory, settings.secret):
        return kept
    raise UnreadableFile(
        f"There is no head in {directory}.",
        "Name the directory that './citycommand evidence heads DIRECTORY' filled.",
    )


COMMANDS = [
    Command("evidence", "verify that all evidence is as it came; heads of its log", run_evidence, _configure),
]
