"""Backup and restore of one instance: database, evidence and settings in one tar file. Keys are named, never inside.

Layout of the file: database.dump (pg_dump's custom format), evidence/…, settings.json, and last manifest.json with the
SHA-256 of each. The database is dumped before the evidence is read: evidence is only ever added, so every file that
the dump speaks of is there.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from api.instance import clients, secrets
from api.instance.choices import Choices
from api.instance.paths import InstancePaths
from config.errors import UnreadableFile

FORMAT = 1
DUMP, SETTINGS, MANIFEST, EVIDENCE = "database.dump", "settings.json", "manifest.json", "evidence"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds."""

    format: int
    made_at: str
    instance: str
    files: dict[str, str]
    """Path inside the file → SHA-256."""
    keys_not_inside: list[str]
    """Names of the key files that the instance has beside this backup."""


def write(paths: InstancePaths, chosen: Choices, owner_url: str, file: Path) -> Manifest:
    """Write a backup of the running instance to `file`, whole or not at all."""
    partial = file.with_name(file.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:
            manifest = _fill(archive, paths, chosen, owner_url)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(file)
    return manifest


def _fill(archive: tarfile.TarFile, paths: InstancePaths, chosen: Choices, owner_url: str) -> Manifest:
    sums: dict[str, str] = {}
    with tempfile.NamedTemporaryFile(dir=paths.var) as dump:
        # Schema public holds the extensions' own tables; every table of ours has a schema of its own.
        options = ("--format=custom", "--exclude-table-data=public.*")
        clients.run("pg_dump", *options, f"--file={dump.name}", url=owner_url)
        _add(archive, sums, DUMP, Path(dump.name))
    for path in sorted(path for path in paths.evidence.rglob("*") if path.is_file()):
        _add(archive, sums, f"{EVIDENCE}/{path.relative_to(paths.evidence)}", path)
    _add_text(archive, sums, SETTINGS, json.dumps(kept_settings(chosen), indent=2))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(
        FORMAT, now, paths.name, sums, [f"secrets/{name}" for name in (*secrets.NAMES, secrets.IDENTITY_KEYS)]
    )
    _add_text(archive, {}, MANIFEST, json.dumps(manifest.__dict__, indent=2))
    return manifest


def kept_settings(chosen: Choices) -> dict[str, Any]:
    """The settings that belong to the city; ports and addresses of services belong to the machine."""
    return {"time_zone": chosen.time_zone, "demonstration": chosen.demonstration}


def _add(archive: tarfile.TarFile, sums: dict[str, str], name: str, path: Path) -> None:
    entry = archive.gettarinfo(path, name)
    entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = 0o600, 0, 0, "", ""
    with path.open("rb") as content:
        sums[name] = hashlib.file_digest(content, "sha256").hexdigest()
        content.seek(0)
        archive.addfile(entry, content)


def _add_text(archive: tarfile.TarFile, sums: dict[str, str], name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    sums[name] = hashlib.sha256(content).hexdigest()
    archive.addfile(entry, io.BytesIO(content))


def check(file: Path) -> tuple[Manifest, dict[str, Any]]:
    """Read a backup through, compare every checksum, return manifest and settings.

    Raises UnreadableFile naming what is missing or altered.
    """
    try:
        with tarfile.open(file) as archive:
            found = {member.name: _digest(archive, member) for member in archive if member.name != MANIFEST}
            manifest = Manifest(**json.load(_content(archive, MANIFEST)))
            settings = json.load(_content(archive, SETTINGS))
    except FileNotFoundError as error:
        raise UnreadableFile(f"There is no file {file}.", "Name the file that './citycommand backup' wrote.") from error
    except (tarfile.TarError, KeyError, ValueError, TypeError, EOFError) as error:
        raise UnreadableFile(
            f"{file.name} is not a backup of City Command, or it was cut off.", "Take another copy of the backup."
        ) from error
    if manifest.format != FORMAT:
        raise UnreadableFile(f"{file.name} has format {manifest.format}; this version reads {FORMAT}.")
    wrong = sorted(name for name in found.keys() | manifest.files.keys() if found.get(name) != manifest.files.get(name))
    if wrong:
        raise UnreadableFile(
            f"The backup was damaged: {', '.join(wrong[:3])} differ from its manifest.", "Take another copy of it."
        )
    return manifest, settings


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    return hashlib.file_digest(_content(archive, member), "sha256").hexdigest()  # type: ignore[arg-type]


def _content(archive: tarfile.TarFile, member: str | tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise KeyError(str(member))
    return content


def read_into(paths: InstancePaths, owner_url: str, file: Path) -> None:
    """Fill the empty database and the evidence directory from a backup that was checked."""
    with tarfile.open(file) as archive, tempfile.TemporaryDirectory(dir=paths.var) as directory:
        dump = Path(directory) / DUMP
        _extract(archive, archive.getmember(DUMP), dump)
        _restore_database(owner_url, dump)
        for member in archive:
            if member.name.startswith(f"{EVIDENCE}/"):
                _extract(archive, member, _inside(paths.var, member.name))


def _inside(directory: Path, name: str) -> Path:
    """The path that `name` means below `directory`; UnreadableFile when it would lead out of it."""
    path = (directory / name).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise UnreadableFile(f"The backup names a file outside the instance: {name}.", "Use a backup you can trust.")
    return path


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _content(archive, member) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)


def _restore_database(owner_url: str, dump: Path) -> None:
    # Extensions exist already and belong to the superuser: the owner of the tables may not touch them.
    contents = clients.run("pg_restore", "--list", str(dump))
    kept = [line for line in contents.splitlines() if " EXTENSION " not in line]
    chosen = dump.with_suffix(".list")
    chosen.write_text("\n".join(kept), "utf-8")
    options = ("--exit-on-error", "--single-transaction", f"--use-list={chosen}")
    clients.run("pg_restore", *options, str(dump), url=owner_url)
