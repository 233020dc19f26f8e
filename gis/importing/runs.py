"""An import run: which files, what came of them, and every row that could not be used, with its reason.

The caller holds the transaction. A run that fails leaves nothing behind, its own row included.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, update

from config.errors import UnreadableFile
from gis import tables
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


def fingerprint(paths: Sequence[Path]) -> str:
    """SHA-256 (hex) over the contents of the files in order; a data set of several files counts whole.

    Raises UnreadableFile for a file that is missing, no file, or may not be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            for part in _parts(path):
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


def _parts(path: Path) -> list[Path]:
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
    """Open a run; returns its id. Raises UnreadableFile for a file that cannot be read."""
    values = {
        "kind": kind,
        "file_name": ", ".join(path.name for path in paths),
        "sha256": fingerprint(paths),
        "mapping": mapping,
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
    """Mark the run as applied and keep its figures."""
    counts = outcome.counts | {"rejected": dict(outcome.rejected), "notes": outcome.notes}
    table = tables.import_run
    catch_up(db)
    values = {"state": "applied", "counts": counts, "finished_at": NOW}
    db.execute(update(table).where(table.c.id == outcome.run_id).values(**values))
    return outcome
