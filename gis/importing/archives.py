"""Zipped layers: unpacked to a folder that goes afterwards, counted while they are unpacked, so that no bomb goes off (C3)."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from config.errors import UnreadableFile
from config.settings import MEGABYTE

MOST_BYTES = 4000 * MEGABYTE
"""Unpacked size beyond which an archive is taken for a bomb, unless the caller says otherwise."""

MOST_FILES = 2000
BLOCK = 1 << 20
OPENED = (
    ".shp",
    ".gpkg",
    ".geojson",
    ".json",
    ".topojson",
    ".fgb",
    ".gml",
    ".kml",
    ".csv",
    ".xlsx",
    ".xls",
    ".et",
    ".tab",
    ".mif",
    ".tsv",
    ".ods",
    ".kmz",
    ".gpx",
    ".dxf",
)
"""Endings of what can be opened as a layer; a folder .gdb can be as well. The parts of a Shapefile come along."""


@contextmanager
def opened(path: Path, most_bytes: int = MOST_BYTES, layer: str | None = None) -> Iterator[Path]:
    """The file to open: `path` itself, or the one data set of the zip, unpacked while this lasts; of several the one called `layer`.

    Raises UnreadableFile for a broken or locked archive, a bomb, and one that holds no layer or several.
    """
    with TemporaryDirectory(prefix="citycommand-unpacked-") as folder:
        yield unpacked(path, Path(folder), most_bytes, layer)


def unpacked(path: Path, folder: Path, most_bytes: int = MOST_BYTES, layer: str | None = None) -> Path:
    """The same, into a folder of the caller's, which must be there; one that holds something already is not unpacked into again."""
    if path.suffix.lower() != ".zip":
        return path
    if not any(folder.iterdir()):
        _unpack(path, folder, most_bytes)
    return _the_one(path, folder, layer)


def _unpack(path: Path, folder: Path, most_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _hidden(entry.filename)]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > most_bytes:
                raise _bomb(path, most_bytes)
            _refuse_same_names(path, [_target(Path(), entry.filename) for entry in entries])
            left = most_bytes
            for entry in entries:
                left = _write(archive, entry, _target(folder, entry.filename), left)
                if left < 0:
                    raise _bomb(path, most_bytes)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableFile(
            "The archive {file} cannot be unpacked: {problem}.",
            "Zip the files again, without a password.",
            file=path.name,
            problem=str(error).rstrip("."),
        ) from error


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, left: int) -> int:
    """Unpack one file; returns how many bytes are left, below 0 where it is larger than its header said."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, target.open("wb") as file:
        while left >= 0 and (block := packed.read(BLOCK)):
            left -= len(block)
            file.write(block)
    return left


def _target(folder: Path, name: str) -> Path:
    """Where an entry goes: by its own name, under its geodatabase's where it belongs to one; never outside the folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    base = next((part for part in parts[:-1] if part.lower().endswith(".gdb")), "")
    return folder / base / parts[-1]


def _hidden(name: str) -> bool:
    """What operating systems put beside the files of a person: __MACOSX, .DS_Store, ._lamps.shp."""
    return any(
        part == "__MACOSX" or part.startswith(".")
        for part in PurePosixPath(name.replace("\\", "/")).parts
        if part != ".."
    )


def _refuse_same_names(path: Path, targets: list[Path]) -> None:
    """Folders are not kept, so two files of one name would become one."""
    twice = [str(name) for name, count in Counter(targets).items() if count > 1]
    if twice:
        raise UnreadableFile(
            "The archive {file} holds several files called {names}.",
            "Zip one data set at a time.",
            file=path.name,
            names=", ".join(twice[:3]),
        )


def _the_one(path: Path, folder: Path, layer: str | None) -> Path:
    found = [entry for entry in sorted(folder.iterdir()) if entry.is_dir() or entry.suffix.lower() in OPENED]
    named = [entry for entry in found if entry.stem == layer]
    if len(found) > 1 and len(named) == 1:
        return named[0]
    nested = [entry.name for entry in sorted(folder.iterdir()) if entry.suffix.lower() == ".zip"]
    if not found and nested:
        raise UnreadableFile(
            "The archive {file} holds archives: {names}.",
            "Unpack it once and hand in the archives one by one.",
            file=path.name,
            names=", ".join(nested[:3]),
        )
    if len(found) != 1:
        raise UnreadableFile(
            "The archive {file} holds {count} layers: {names}.",
            'Name one in the mapping (layer = "…"), or zip one data set at a time; all parts of a Shapefile belong into one archive.',
            file=path.name,
            count=len(found),
            names=", ".join(entry.name for entry in found) or "none",
        )
    return found[0]


def _bomb(path: Path, most_bytes: int) -> UnreadableFile:
    return UnreadableFile(
        "The archive {file} unpacks to more than {limit} MB or {files} files.",
        "Send the layers one by one; a small archive that unpacks to so much is taken for an attack.",
        file=path.name,
        limit=most_bytes // MEGABYTE,
        files=MOST_FILES,
    )
