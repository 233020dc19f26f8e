"""Who is asking: sessions kept on the server, sign-in with throttling, and the permission that every route states.

A route says `call: Annotated[Call, permit("case.see")]`. The dependency finds the session, checks permission and CSRF
token; the request's one transaction begins when the route first asks for it and is committed before the answer
leaves (rule 6).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine, Row, text
from sqlalchemy.exc import DBAPIError

from api import refusals
from api.problems import trace_of
from config.errors import NotPermitted, NotSignedIn, TooManyAttempts
from config.settings import Settings
from dispatch import reach
from gis import actors, clock
from gis.actors import Actor
from gis.catalogue import seeing
from gis.db import connected, prepared_sql, run_prepared, transaction
from gis.organisation import password_fits

COOKIE = "cc_session"
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
PUBLIC = "public"
"""Stated by routes that anyone may use without signing in."""

ATTEMPTS_PER_NAME = 5
ATTEMPTS_PER_ADDRESS = 30
ATTEMPT_WINDOW_S = 600

_HASHING = BoundedSemaphore(4)
"""Each check of a password takes 19 MiB; more than these at once wait."""

_NO_PASSWORD = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2lTBOJ8nFWvNBbYMRo8z+Q8GHrEUv5d8yHTsgL7tzCU"
"""Hash of nothing that can be typed: an unknown name costs the same time as a wrong password."""


@dataclass(frozen=True)
class Session:
    """A valid session."""

    actor: Actor
    csrf: str
    token_hash: bytes


class Call:
    """One authorised request: who asks, in which language, and its one transaction, opened when it is first needed.

    Until then no connection is held: a slow upload or a flood of sign-ins costs memory, not the database.
    """

    def __init__(self, request: Request, session: Session | None) -> None:
        self.settings: Settings = request.app.state.settings
        self.trace_id = trace_of(request)
        self.actor = session.actor if session else None
        self.csrf = session.csrf if session else ""
        self.session_hash = session.token_hash if session else b""
        self.locale: str = self.actor.locale if self.actor else request.state.locale
        self._engine: Engine = request.app.state.engine
        self._work = ExitStack()
        self._db: Connection | None = None

    @property
    def db(self) -> Connection:
        """The request's transaction, limited to what the caller may see; committed before the answer leaves."""
        if self._db is None:
            self._db = self._work.enter_context(transaction(self._engine))
            seeing.limit(self._db, self.actor)
            reach.limit(self._db, self.actor)
        return self._db

    @cached_property
    def now(self) -> datetime:
        """The instance's time when the work of this request began."""
        return clock.now(self.db)

    @property
    def caller(self) -> Actor:
        """The signed-in actor. Raises NotSignedIn."""
        if self.actor is None:
            raise NotSignedIn("Nobody is signed in.")
        return self.actor

    def __enter__(self) -> Call:
        self._work.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._work.__exit__(*error)


@dataclass(frozen=True)
class Permit:
    """The dependency behind `permit`; a test reads `permission` from every route."""

    permission: str

    def __call__(self, request: Request) -> Iterator[Call]:
        """Find the session and check what it allows, then hand the request its work; commit when that has gone well."""
        session = _session(request.app.state.engine, request.cookies.get(COOKIE))
        try:
            if self.permission != PUBLIC:
                _authorise(request, session, self.permission)
            with Call(request, session) as call:
                request.state.locale = call.locale
                yield call
        except NotPermitted as refused:
            if session is not None:
                refusals.keep(request, refused, session.actor.account_id)
            raise


def permit(permission: str) -> Any:
    """State the permission a route needs. The transaction is committed before the answer is sent."""
    return Depends(Permit(permission), scope="function")


def sign_in(engine: Engine, settings: Settings, username: str, password: str, address: str) -> str:
    """Check a password and open a session; returns the cookie's value.

    Raises TooManyAttempts while name or address is throttled, NotSignedIn for a wrong name or password. An attempt is
    counted before the password is looked at, so that guesses sent all at once are counted as well; a right one is
    forgotten again.
    """
    with transaction(engine) as db:
        attempt = _count_attempt(db, username, address)
        account = db.execute(
            text("select id, password_hash from gis.account where username = :name and active"), {"name": username}
        ).first()
    with _HASHING:
        right = password_fits(account.password_hash if account else _NO_PASSWORD, password)
    if account is None or not right:
        raise NotSignedIn("Name or password is wrong.", "Check both; the administrator can set a new password.")
    with transaction(engine) as db:
        db.execute(text("delete from api.login_attempt where id = :id"), {"id": attempt})
        return _open(db, settings, account.id)


def sign_out(db: Connection, token: str | None) -> None:
    """End a session."""
    if token:
        db.execute(text("delete from api.session where token_hash = :hash"), {"hash": hash_of(token)})


def _open(db: Connection, settings: Settings, account_id: int) -> str:
    token = secrets.token_urlsafe(32)
    db.execute(
        text(
            "insert into api.session (token_hash, account_id, csrf, created_at, expires_at)"
            " values (:hash, :account, :csrf, now(), now() + make_interval(hours => :hours))"
        ),
        {
            "hash": hash_of(token),
            "account": account_id,
            "csrf": secrets.token_urlsafe(24),
            "hours": settings.session_hours,
        },
    )
    db.execute(text("delete from api.session where expires_at < now()"))
    db.execute(text("delete from api.login_attempt where at < now() - interval '1 day'"))
    db.execute(text("delete from api.idempotency where recorded_at < gis.now() - interval '7 days'"))
    return token


def _count_attempt(db: Connection, username: str, address: str) -> int:
    """Enter an attempt and return its id. Raises TooManyAttempts; attempts on the same name or address wait for each other."""
    for name in sorted({f"name {username}", f"address {address}"}):
        db.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"sign-in {name}"})
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
    entered = text("insert into api.login_attempt (username, address, at) values (:name, :address, now()) returning id")
    return int(db.execute(entered, {"name": username, "address": address}).scalar_one())


def _session(engine: Engine, token: str | None) -> Session | None:
    """The session of this token, read in a moment of its own; once more when the database was away and is back."""
    if not token:
        return None
    token_hash = hash_of(token)
    try:
        row = _read_session(engine, token_hash)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        row = _read_session(engine, token_hash)
    return Session(actors.actor_of(row), row.csrf, token_hash) if row else None


def _read_session(engine: Engine, token_hash: bytes) -> Row[Any] | None:
    with connected(engine) as connection:
        db = connection.execution_options(isolation_level="AUTOCOMMIT")
        return run_prepared(db, prepared_sql("api", "session"), {"hash": token_hash}).first()


def sessions(db: Connection, hashes: Sequence[bytes]) -> dict[bytes, Actor]:
    """Those of the given sessions that are still valid, with their actors as they are now."""
    found = {}
    for token_hash in set(hashes):
        row = run_prepared(db, prepared_sql("api", "session"), {"hash": token_hash}).first()
        if row is not None:
            found[token_hash] = actors.actor_of(row)
    return found


def _authorise(request: Request, session: Session | None, permission: str) -> None:
    if session is None:
        raise NotSignedIn("Nobody is signed in, or the session has ended.")
    session.actor.must(permission)
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        request.headers.get(CSRF_HEADER, "").encode(), session.csrf.encode()
    ):
        raise NotPermitted(
            "The request does not come from a page of this system.", "Load the page again and repeat it."
        )


def hash_of(token: str) -> bytes:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).digest()
