"""Sealing every person's ID number anew when keys change (W7)."""

from __future__ import annotations

from sqlalchemy import Connection, text

from gis.vault import KeyRing, Sealed


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
