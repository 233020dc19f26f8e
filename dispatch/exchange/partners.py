"""Other hotlines that tickets are exchanged with: made by an administrator; key and signing secret are shown once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, text

from config.errors import CodeTaken, InvalidInput, NotFound, NotSignedIn
from dispatch.exchange.tables import partner
from gis.vault import KeyRing, Sealed

PREFIX = "cc12345-"


@dataclass(frozen=True)
class Partner:
    """A hotline that may send and read its tickets."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Credentials:
    """What the partner needs: its key to come in, and the secret by which it tells our pushes from others'."""

    id: int
    api_key: str
    signing_secret: str


def make(db: Connection, keys: KeyRing, account_id: int, code: str, name: str, push_url: str) -> Credentials:
    """A new partner. `push_url` empty: it polls. Raises InvalidInput, CodeTaken."""
    if push_url and (urlsplit(push_url).scheme not in ("http", "https") or not urlsplit(push_url).hostname):
        raise InvalidInput("'{url}' is no web address.", "It begins with https://.", url=push_url, field="push_url")
    known = text("select exists (select from dispatch.partner where code = :code)")
    if db.execute(known, {"code": code}).scalar():
        raise CodeTaken("There is a partner {code} already.", "Choose another code.", code=code, field="code")
    api_key, secret = PREFIX + secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    seal = keys.newest.seal(secret)
    row = partner.insert().values(
        code=code,
        name=name,
        key_hash=hash_of(api_key),
        push_url=push_url,
        secret_index=seal.index,
        secret_cipher=seal.cipher,
        secret_algorithm=seal.algorithm,
        secret_key_version=seal.key_version,
        made_by=account_id,
    )
    return Credentials(int(db.execute(row.returning(partner.c.id)).scalar_one()), api_key, secret)


def find(db: Connection, api_key: str) -> Partner:
    """The partner whose key this is. Raises NotSignedIn."""
    row = db.execute(
        text("select id, code, name from dispatch.partner where key_hash = :hash and ended_at is null"),
        {"hash": hash_of(api_key)},
    ).first()
    if row is None:
        raise NotSignedIn("The key of the exchange is missing or not valid.", "Send it as: Authorization: Bearer KEY")
    return Partner(**row._mapping)


def by_code(db: Connection, code: str) -> Partner:
    """The partner of this code. Raises NotFound."""
    row = db.execute(
        text("select id, code, name from dispatch.partner where code = :code and ended_at is null"), {"code": code}
    ).first()
    if row is None:
        raise NotFound("There is no partner {code}.", code=code)
    return Partner(**row._mapping)


def signing_secret(db: Connection, keys: KeyRing, partner_id: int) -> str:
    """The secret that signs what is pushed to a partner."""
    row = db.execute(
        text(
            "select secret_index, secret_cipher, secret_algorithm, secret_key_version from dispatch.partner where id = :id"
        ),
        {"id": partner_id},
    ).one()
    return keys.open(
        Sealed(bytes(row.secret_index), bytes(row.secret_cipher), row.secret_algorithm, row.secret_key_version)
    )


PUSHED_WITHIN, FETCHED_WITHIN = timedelta(minutes=15), timedelta(hours=24)
"""A message that is still open after so long, where it is sent and where the partner asks for it, is an outage."""


def listed(db: Connection, now: datetime) -> list[dict[str, object]]:
    """All partners with how their exchange stands (`standing`: ok, idle, outage); without keys and secrets."""
    rows = db.execute(
        text(
            "select p.id, p.code, p.name, p.push_url, p.recorded_at,"
            " (select count(*) from dispatch.ticket t where t.partner_id = p.id) as tickets,"
            " (select count(*) from dispatch.ticket_refusal r where r.partner_id = p.id and r.settled_at is null) as refused,"
            " (select max(t.recorded_at) from dispatch.ticket t where t.partner_id = p.id) as last_in,"
            " (select max(m.acknowledged_at) from dispatch.ticket_message m where m.partner_id = p.id) as last_out,"
            " (select count(*) from dispatch.ticket_message m where m.partner_id = p.id and m.acknowledged_at is null) as open_messages,"
            " (select min(m.recorded_at) from dispatch.ticket_message m"
            "  where m.partner_id = p.id and m.acknowledged_at is null) as waiting_since"
            " from dispatch.partner p where p.ended_at is null order by p.id"
        )
    )
    return [{**row._mapping, "standing": standing(dict(row._mapping), now)} for row in rows]


def standing(partner: Mapping[str, Any], now: datetime) -> str:
    """How an exchange stands: `outage` while something waits too long, `idle` before anything was exchanged, else `ok`. Pure."""
    within = PUSHED_WITHIN if partner["push_url"] else FETCHED_WITHIN
    if partner["waiting_since"] is not None and now - partner["waiting_since"] > within:
        return "outage"
    return "ok" if partner["last_in"] or partner["last_out"] else "idle"


def end(db: Connection, partner_id: int) -> None:
    """End a partner's access at once; its tickets stay. Raises NotFound."""
    done = db.execute(
        text("update dispatch.partner set ended_at = gis.now() where id = :id and ended_at is null"), {"id": partner_id}
    )
    if done.rowcount == 0:
        raise NotFound("There is no partner {code}.", code=partner_id)


def hash_of(api_key: str) -> bytes:
    """What the database keeps of a key."""
    return hashlib.sha256(api_key.encode()).digest()
