"""Tables of the edge: sessions, login attempts, answers kept for repeated requests."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import NOW, instant, key

session = Table(
    "session",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    schema="api",
    comment="Signed-in browsers. Only the hash of the token is kept. Times are real time: a session never runs on virtual time.",
)

login_attempt = Table(
    "login_attempt",
    metadata,
    key(),
    Column("username", Text, nullable=False),
    Column("address", Text, nullable=False),
    instant("at"),
    Index("ix_login_attempt_username_at", "username", "at"),
    Index("ix_login_attempt_address_at", "address", "at"),
    schema="api",
    comment="Failed sign-ins, for throttling.",
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("answer", JSONB, nullable=False),
    instant("recorded_at", server_default=NOW),
    schema="api",
    comment="The answer given to a request with an Idempotency-Key, so that a repeated request has one effect.",
)

access_token = Table(
    "access_token",
    metadata,
    key(),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("revoked_at", nullable=True),
    schema="api",
    comment="Keys to the standard doors (/ogc) for GIS programs; read only, of one account. Only the hash is kept. Times are real time.",
)
