"""Who is asking: sessions kept on the server, sign-in with throttling, and the permission that every route states.

A route says `call: Annotated[Call, permit("case.see")]`. The dependency finds the session, checks permission and CSRF
token, opens the request's one transaction and commits it before the answer leaves (rule 6).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, text

from api.problems import trace_of
from config.errors import NotPermitted, NotSignedIn, TooManyAttempts
from config.settings import Settings
from gis import clock
from gis.actors import Actor
from gis.db import prepared_sql, run_prepared, transaction
from gis.organisation import password_fits

COOKIE = "cc_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
PUBLIC = "public"
"""Stated by routes that anyone may use without signing in."""

ATTEMPTS_PER_NAME = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPT_WINDOW_S = 600

_NO_PASSWORD = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2lTBOJ8nFWvNBbYMRo8z+Q8GHrEUv5d8yHTsgL7tzCU"
"""Hash of nothing that can be typed: an unknown name costs the same time as a wrong password."""


@dataclass(frozen=True)
class Call:
    """One authorised request: its transaction, who asks, the instance's time, and the trace id."""

    db: Connection
    settings: Settings
    now: datetime
    trace_id: str
    locale: str
    actor: Actor | None
    csrf: str = ""

    @property
    def caller(self) -> Actor:
        """The signed-in actor. Raises NotSignedIn."""
        if self.actor is None:
            raise NotSignedIn("Nobody is signed in.")
        return self.actor


@dataclass(frozen=True)
class Permit:
    """The dependency behind `permit`; a test reads `permission` from every route."""

    permission: str

    def __call__(self, request: Request) -> Iterator[Call]:
        """Authorise, open the transaction, hand it to the route, commit."""
        state = request.app.state
        with transaction(state.engine) as db:
            session = _session(db, request.cookies.get(COOKIE))
            if self.permission != PUBLIC:
                _authorise(request, session, self.permission)
            actor = session.actor if session else None
            locale = request.state.locale = _locale(request, actor)
            yield Call(
                db=db,
                settings=state.settings,
                now=session.now if session else clock.now(db),
                trace_id=trace_of(request),
                locale=locale,
                actor=actor,
                csrf=session.csrf if session else "",
            )


def permit(permission: str) -> Any:
    """State the permission a route needs. The transaction is committed before the answer is sent."""
    return Depends(Permit(permission), scope="function")


@dataclass(frozen=True)
class Session:
    """A valid session and the instance's time, read together."""

    actor: Actor
    csrf: str
    now: datetime


def sign_in(engine: Engine, settings: Settings, username: str, password: str, address: str) -> str:
    """Check a password and open a session; returns the cookie's value.

    Raises TooManyAttempts while name or address is throttled, NotSignedIn for a wrong name or password.
    Attempts are counted in a transaction of their own, so that a refusal does not undo the count.
    """
    with transaction(engine) as db:
        _throttle(db, username, address)
        row = db.execute(
            text("select id, password_hash from gis.account where username = :name and active"), {"name": username}
        ).first()
    right = password_fits(row.password_hash if row else _NO_PASSWORD, password)
    with transaction(engine) as db:
        if not right or row is None:
            db.execute(
                text("insert into api.login_attempt (username, address, at) values (:name, :address, now())"),
                {"name": username[:200], "address": address},
            )
        else:
            return _open(db, settings, row.id)
    raise NotSignedIn("Name or password is wrong.", "Check both; the administrator can set a new password.")


def sign_out(db: Connection, token: str | None) -> None:
    """End a session."""
    if token:
        db.execute(text("delete from api.session where token_hash = :hash"), {"hash": _hash(token)})


def _open(db: Connection, settings: Settings, account_id: int) -> str:
    token = secrets.token_urlsafe(32)
    db.execute(
        text(
            "insert into api.session (token_hash, account_id, csrf, created_at, expires_at)"
            " values (:hash, :account, :csrf, now(), now() + make_interval(hours => :hours))"
        ),
        {
            "hash": _hash(token),
            "account": account_id,
            "csrf": secrets.token_urlsafe(24),
            "hours": settings.session_hours,
        },
    )
    db.execute(text("delete from api.session where expires_at < now()"))
    db.execute(text("delete from api.login_attempt where at < now() - interval '1 day'"))
    return token


def _throttle(db: Connection, username: str, address: str) -> None:
    row = db.execute(
        text(
            "select count(*) filter (where username = :name) as by_name, count(*) filter (where address = :address) as by_address"
            " from api.login_attempt where at > now() - make_interval(secs => :window)"
            " and (username = :name or address = :address)"
        ),
        {"name": username, "address": address, "window": ATTEMPT_WINDOW_S},
    ).one()
    if row.by_name >= ATTEMPTS_PER_NAME or row.by_address >= ATTEMPTS_PER_ADDRESS:
        raise TooManyAttempts("Too many failed attempts to sign in.", "Wait ten minutes and try again.")


def _session(db: Connection, token: str | None) -> Session | None:
    if not token:
        return None
    row = run_prepared(db, prepared_sql("api", "session"), {"hash": _hash(token)}).first()
    if row is None:
        return None
    actor = Actor(
        account_id=row.account_id,
        username=row.username,
        name=row.name,
        name_en=row.name_en,
        posts=tuple(row.posts),
        unit_id=row.unit_id,
        locale=row.locale,
    )
    return Session(actor, row.csrf, row.now.astimezone(UTC))


def _authorise(request: Request, session: Session | None, permission: str) -> None:
    if session is None:
        raise NotSignedIn("Nobody is signed in, or the session has ended.")
    session.actor.must(permission)
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        request.headers.get(CSRF_HEADER, ""), session.csrf
    ):
        raise NotPermitted(
            "The request does not come from a page of this system.", "Load the page again and repeat it."
        )


def _locale(request: Request, actor: Actor | None) -> str:
    return actor.locale if actor else getattr(request.state, "locale", "zh")


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
