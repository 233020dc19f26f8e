"""Api keys of programs that report over Open311: made by an administrator, shown once, kept as a hash, ended at any time."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, text

from config.errors import NotFound, NotPermitted

PREFIX = "cc311-"


@dataclass(frozen=True)
class Key:
    """A key that may be used: reports that come with it have its source and carry its name."""

    id: int
    name: str
    source: str
    per_minute: int


def make(db: Connection, account_id: int, name: str, contact: str, source: str, per_minute: int) -> str:
    """A new key, shown this once."""
    secret = PREFIX + secrets.token_urlsafe(32)
    db.execute(
        text(
            "insert into dispatch.reporting_key (key_hash, name, contact, source, per_minute, account_id, created_at)"
            " values (:hash, :name, :contact, :source, :per_minute, :account, now())"
        ),
        {
            "hash": hash_of(secret),
            "name": name,
            "contact": contact,
            "source": source,
            "per_minute": per_minute,
            "account": account_id,
        },
    )
    return secret


def listed(db: Connection) -> list[dict[str, object]]:
    """All keys that can be used, without the keys themselves, with how many reports came by them."""
    rows = db.execute(
        text(
            "select k.id, k.name, k.contact, k.source, k.per_minute, k.created_at, a.name as made_by, count(b.id) as reports,"
            " max(b.recorded_at) as last_at"
            " from dispatch.reporting_key k join gis.account a on a.id = k.account_id"
            " left join dispatch.submission b on b.reporting_key_id = k.id"
            " where k.revoked_at is null group by k.id, a.name order by k.id"
        )
    )
    return [dict(row._mapping) for row in rows]


def revoke(db: Connection, key_id: int) -> None:
    """End a key at once. Raises NotFound."""
    done = db.execute(
        text("update dispatch.reporting_key set revoked_at = now() where id = :id and revoked_at is null"),
        {"id": key_id},
    )
    if done.rowcount == 0:
        raise NotFound("There is no key {id}.", id=key_id)


def find(db: Connection, secret: str) -> Key:
    """The key that was sent. Raises NotPermitted for none, or one that is not valid."""
    if not secret:
        raise NotPermitted("The api_key is missing.", "Ask the city for one; the discovery document says where.")
    row = db.execute(
        text(
            "select id, name, source, per_minute from dispatch.reporting_key where key_hash = :hash and revoked_at is null"
        ),
        {"hash": hash_of(secret)},
    ).first()
    if row is None:
        raise NotPermitted(
            "The api_key is not valid.", "Ask the city for a new one; the discovery document says where."
        )
    return Key(**row._mapping)


def hash_of(secret: str) -> bytes:
    """What the database keeps of a key."""
    return hashlib.sha256(secret.encode()).digest()
