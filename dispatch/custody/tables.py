"""The log of evidence. The database's owner writes it, by a trigger; the application reads it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, LargeBinary, Table, Text

from gis.db import metadata
from gis.tables import READ_ONLY

custody = Table(
    "custody",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("evidence_id", BigInteger, ForeignKey("dispatch.evidence.id"), nullable=False, unique=True),
    Column("entry", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False, unique=True),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("number > 0", name="number_positive"),
    CheckConstraint("octet_length(previous) = 32 and octet_length(hash) = 32", name="hashes_whole"),
    schema="dispatch",
    info=READ_ONLY,
    comment="存证链: one entry a file, in the order of commits. hash: SHA-256 of entry, which names the hash before.",
)
