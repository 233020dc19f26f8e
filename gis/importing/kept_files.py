"""Files of runs that wait for a decision: a folder for each, which goes when the run is applied or discarded."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from gis.importing import runs


def keep(directory: Path, run_id: int, files: Sequence[Path]) -> list[Path]:
    """Copy the files of a run, with those that belong to them; returns the copies to open, in order."""
    folder = directory / str(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    for path in files:
        if path.is_dir():
            shutil.copytree(path, folder / path.name, dirs_exist_ok=True)
        else:
            for part in runs.parts(path):
                shutil.copy2(part, folder / part.name)
    kept = [folder / path.name for path in files]
    (folder / "order").write_text("\n".join(path.name for path in kept), encoding="utf-8")
    return kept


def of(directory: Path, run_id: int) -> list[Path]:
    """The kept files of a run, in order; empty where there are none."""
    folder = directory / str(run_id)
    order = folder / "order"
    return [folder / name for name in order.read_text(encoding="utf-8").splitlines()] if order.exists() else []


def drop(directory: Path, run_id: int) -> None:
    """Forget the files of a run."""
    shutil.rmtree(directory / str(run_id), ignore_errors=True)
