"""Access tokens: keys that an account makes for its GIS programs. They read the standard doors and do nothing else.

A token travels as the password of HTTP Basic (any user name) or as `Authorization: Bearer`. Only its hash is kept.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, text

from api.auth import PUBLIC, Call, Permit, Session, hash_of
from config.errors import NotFound, NotSignedIn
from gis import actors
from gis.db import transaction

PREFIX = "cc-"
LONGEST_DAYS = 366


@dataclass(frozen=True)
class DoorPermit(Permit):
    """The dependency of the standard doors: a token, else the browser's session, else nobody."""

    def __call__(self, request: Request) -> Iterator[Call]:
        """Like Permit's, but a token serves as well. Raises NotSignedIn for one that is not valid."""
        given = token_of(request.headers.get("authorization", ""))
        if given is None:
            yield from super().__call__(request)
            return
        session = _session(request.app.state.engine, given)
        if self.permission != PUBLIC:
            session.actor.must(self.permission)
        with Call(request, session) as call:
            yield call


def door_permit(permission: str) -> object:
    """State the permission that a route of the standard doors needs."""
    return Depends(DoorPermit(permission), scope="function")


def token_of(header: str) -> str | None:
    """The token in an Authorization header, None where there is no such header. What cannot be read is an empty token."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def make(db: Connection, account_id: int, name: str, days: int) -> str:
    """A new token of the account, shown this once."""
    token = PREFIX + secrets.token_urlsafe(32)
    db.execute(
        text(
            "insert into api.access_token (token_hash, account_id, name, created_at, expires_at)"
            " values (:hash, :account, :name, now(), now() + make_interval(days => :days))"
        ),
        {"hash": hash_of(token), "account": account_id, "name": name, "days": days},
    )
    return token


def listed(db: Connection, account_id: int) -> list[dict[str, object]]:
    """The account's tokens that can still be used, without the tokens themselves."""
    rows = db.execute(
        text(
            "select id, name, created_at, expires_at from api.access_token"
            " where account_id = :account and revoked_at is null and expires_at > now() order by id"
        ),
        {"account": account_id},
    )
    return [dict(row._mapping) for row in rows]


def revoke(db: Connection, account_id: int, token_id: int) -> None:
    """End a token of the account at once. Raises NotFound."""
    done = db.execute(
        text(
            "update api.access_token set revoked_at = now() where id = :id and account_id = :account and revoked_at is null"
        ),
        {"id": token_id, "account": account_id},
    )
    if done.rowcount == 0:
        raise NotFound("There is no token {id} of yours.", id=token_id)


def _session(engine: Engine, token: str) -> Session:
    with transaction(engine) as db:
        row = db.execute(
            text(
                "select acting.* from api.access_token t join gis.acting on acting.account_id = t.account_id"
                " where t.token_hash = :hash and t.revoked_at is null and t.expires_at > now()"
            ),
            {"hash": hash_of(token)},
        ).first()
    if row is None:
        raise NotSignedIn(
            "The access token is not valid.", "Make a new one in City Command and enter it as the password."
        )
    return Session(actors.actor_of(row), "", b"")
