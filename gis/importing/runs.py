"""An import run: which files, what came of them, and every row that could not be used, with its reason.

The caller holds the transaction. A run that fails leaves nothing behind, its own row included; one that goes in steps
(gis/importing/steps.py) was opened before the work began, and `start` goes on in it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, update

from config.errors import IllegalStep, UnreadableFile
from gis import tables
from gis.importing.notes import Note
from gis.naming.catch_up import catch_up
from gis.tables import NOW

MAPPINGS = Path(__file__).resolve().parents[2] / "config" / "mappings"
"""The mapping files that come with the system; `--mapping NAME` finds them there by name."""


@dataclass(frozen=True)
class Reject:
    """One row or object that could not be used. `reason` is a short key to count by, `detail` says it in words."""

    row: str
    reason: str
    detail: str
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Outcome:
    """What an import did, for people and for the run's row. Every figure has a name in `counts`."""

    run_id: int
    counts: dict[str, Any]
    rejected: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    source: str = ""
    """Name under which the register knows the assets of this import; empty where it brings none."""


Report = Callable[[str, int, int | None], None]
"""Told how far the work is: the phase, how many rows or objects are done, of how many where that is known."""


@dataclass
class Going:
    """A run that somebody opened before the work began. Its row is left alone until the end: the report writes there meanwhile."""

    run_id: int
    report: Report
    settings: dict[str, Any] = field(default_factory=dict)


_GOING: ContextVar[Going | None] = ContextVar("going", default=None)

SETTINGS = ("extent", "work_srid", "attributions")
"""Rows of gis.setting that an import may change; an undo puts them back."""


@contextmanager
def going_on(run_id: int, report: Report) -> Iterator[None]:
    """Within this, the next `start` opens no run of its own but goes on in `run_id`."""
    token = _GOING.set(Going(run_id, report))
    try:
        yield
    finally:
        _GOING.reset(token)


def progress(phase: str, done: int, total: int | None = None) -> None:
    """Say how far the work is, where anybody listens. Cheap enough for every hundredth row."""
    going = _GOING.get()
    if going is not None:
        going.report(phase, done, total)


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 (hex) over the contents of the files in order; a data set of several files counts whole.

    Raises UnreadableFile for a file that is missing, no file, or may not be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            for part in parts(path):
                with part.open("rb") as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
        except OSError as error:
            raise UnreadableFile(
                "The file {file} cannot be read: {problem}.",
                "Check its path and that you may read it.",
                file=path.name,
                problem=error.strerror,
            ) from error
    return digest.hexdigest()


def parts(path: Path) -> list[Path]:
    """The files that one data set consists of: a folder's (FileGDB), or those beside a Shapefile."""
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    if path.suffix.lower() == ".shp" and path.exists():
        return sorted(part for part in path.parent.glob(f"{path.stem}.*") if part.is_file())
    return [path]


def load_mapping(name_or_path: str | Path) -> dict[str, Any]:
    """A mapping file (TOML), by path or by the name of one in config/mappings.

    Raises UnreadableFile where there is none, or where it is not TOML.
    """
    path = Path(name_or_path)
    if not path.exists() and (MAPPINGS / f"{path.stem}.toml").exists():
        path = MAPPINGS / f"{path.stem}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        shipped = ", ".join(sorted(entry.stem for entry in MAPPINGS.glob("*.toml")))
        raise UnreadableFile(
            "There is no mapping file {file}.",
            "Name a file of your own, or one of: {shipped}.",
            file=path.name,
            shipped=shipped,
        ) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(
            "The mapping file {file} is not valid TOML: {problem}.",
            "Correct the named line and try again.",
            file=path.name,
            problem=error,
        ) from error


def start(db: Connection, kind: str, paths: Sequence[Path], mapping: Mapping[str, Any] | None = None) -> int:
    """Open a run, or go on in the one that was opened; returns its id. Raises UnreadableFile for a file that cannot be read."""
    before = _settings(db)
    going = _GOING.get()
    if going is not None:
        going.settings = before
        return going.run_id
    values = {
        "kind": kind,
        "file_name": ", ".join(path.name for path in paths),
        "sha256": fingerprint(paths),
        "mapping": mapping,
        "effects": {"settings": before},
    }
    run = insert(tables.import_run).values(**values).returning(tables.import_run.c.id)
    return int(db.execute(run).scalar_one())


def keep_rejects(db: Connection, run_id: int, rejects: Iterable[Reject]) -> Counter[str]:
    """Store what could not be used; returns how many for each reason."""
    rows = [
        {"run_id": run_id, "row": r.row, "reason": r.reason, "detail": r.detail, "raw": dict(r.raw)} for r in rejects
    ]
    if rows:
        db.execute(insert(tables.import_reject), rows)
    return Counter(str(row["reason"]) for row in rows)


def finish(db: Connection, outcome: Outcome) -> Outcome:
    """Mark the run as applied and keep its figures, and which settings of the instance it changed, before and after.

    Raises IllegalStep where the run was discarded meanwhile.
    """
    table = tables.import_run
    catch_up(db)
    this = (table.c.id == outcome.run_id) & table.c.state.in_(("running", "previewed"))
    going = _GOING.get()
    before: dict[str, Any] = (
        going.settings if going else db.execute(select(table.c.effects).where(this)).scalar_one().get("settings", {})
    )
    after = _settings(db)
    settings = {name: [before.get(name), value] for name, value in after.items() if value != before.get(name)}
    effects = {"settings": settings, "source": outcome.source}
    values = {"state": "applied", "counts": figures(outcome), "effects": effects, "progress": {}, "problem": None}
    if db.execute(update(table).where(this).values(**values, finished_at=NOW)).rowcount == 0:
        raise IllegalStep("Run {run} was discarded meanwhile.", run=outcome.run_id)
    return outcome


def figures(outcome: Outcome) -> dict[str, Any]:
    """What the run's row keeps of an outcome."""
    notes = [note.kept() if isinstance(note, Note) else note for note in outcome.notes]
    return outcome.counts | {"rejected": dict(outcome.rejected), "notes": notes}


def _settings(db: Connection) -> dict[str, Any]:
    table = tables.setting
    rows = db.execute(select(table.c.name, table.c.value).where(table.c.name.in_(SETTINGS)))
    return {row.name: row.value for row in rows}
