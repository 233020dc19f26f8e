"""The instance's key ring, checked against the database it belongs to (W7, C4)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, text

from config.errors import ConfigurationError
from config.settings import Settings
from gis import vault
from gis.vault import KeyRing

CHECK = "identity_key_check"
"""Setting with what each key version makes of a known word: keys of another instance are noticed before they seal anything."""

WORD = "City Command"


def ring(db: Connection, settings: Settings) -> KeyRing:
    """The keys of this instance. Raises ConfigurationError for a file that is missing, or belongs to another database."""
    path = settings.identity_keys
    try:
        written = path.stat().st_mtime_ns
    except OSError:
        written = 0
    keys = _read(path, written)
    _belongs(db, keys)
    return keys


@lru_cache(maxsize=8)
def _read(path: Path, _written: int) -> KeyRing:
    return vault.read(path)


def _belongs(db: Connection, keys: KeyRing) -> None:
    marks = {str(version): key.index(WORD).hex() for version, key in keys.keys.items()}
    known = db.execute(text("select value from gis.setting where name = :name"), {"name": CHECK}).scalar() or {}
    if any(known[version] != mark for version, mark in marks.items() if version in known):
        raise ConfigurationError(
            "The key file for ID numbers belongs to another database.",
            "Put the key file of the instance that wrote this database in place (docs/guide/welfare.md).",
        )
    if marks.keys() - known.keys():
        db.execute(
            text(
                "insert into gis.setting (name, value) values (:name, cast(:value as jsonb))"
                " on conflict (name) do update set value = gis.setting.value || excluded.value"
            ),
            {"name": CHECK, "value": json.dumps(marks)},
        )
