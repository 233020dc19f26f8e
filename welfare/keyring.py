"""The instance's key ring, checked against the database it belongs to; and sealing everything anew when keys change (W7)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, text

from config.errors import ConfigurationError
from config.settings import Settings
from welfare import vault
from welfare.vault import KeyRing, Sealed

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


def reseal(db: Connection, keys: KeyRing) -> int:
    """Seal every number that an older key sealed with the newest one; returns how many. For the owner of the tables.

    In one transaction: equal numbers have equal indexes under one key version only, so two versions must not stand beside
    one another while people are registered.
    """
    hold_people(db)
    rows = db.execute(
        text(
            "select id, id_index, id_cipher, id_algorithm, id_key_version from welfare.person where id_key_version <> :v"
        ),
        {"v": keys.newest.version},
    ).all()
    for row in rows:
        number = keys.open(Sealed(bytes(row.id_index), bytes(row.id_cipher), row.id_algorithm, row.id_key_version))
        sealed = keys.newest.seal(number)
        db.execute(
            text(
                "update welfare.person set id_index = :index, id_cipher = :cipher, id_algorithm = :algorithm,"
                " id_key_version = :key_version where id = :id"
            ),
            {**vars(sealed), "id": row.id},
        )
    return len(rows)


def hold_people(db: Connection) -> None:
    """Let nobody register or change a person until this transaction ends."""
    db.execute(text("lock table welfare.person in exclusive mode"))


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
