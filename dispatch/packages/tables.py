"""Evidence that was handed out: one row a package, appended."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

evidence_package = Table(
    "evidence_package",
    metadata,
    key(),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    UniqueConstraint("case_id", "ordinal"),
    CheckConstraint("recipient <> '' and reason <> ''", name="for_somebody_and_something"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="证据包: evidence of a case handed out (D10): by whom, to whom, why, what was in it, and the hash of the whole file.",
)
