"""Tables of what happens around a case: requests to the dispatcher, assisting units, the centres that had it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gis.db import metadata
from gis.tables import NOW, instant, key

request = Table(
    "request",
    metadata,
    key(),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("share", Double),
    instant("until", nullable=True),
    instant("asked_at"),
    instant("answered_at", nullable=True),
    Column("answered_by", BigInteger, ForeignKey("gis.account.id")),
    Column("granted", Boolean),
    Column("answer", Text, nullable=False, server_default=""),
    CheckConstraint("kind in ('return', 'extension', 'suspension', 'appeal')", name="kind_known"),
    CheckConstraint("(kind = 'extension') = (share is not null)", name="share_of_an_extension"),
    CheckConstraint("(kind = 'suspension') = (until is not null)", name="end_of_a_suspension"),
    CheckConstraint("share > 0 and share <= 1", name="share_at_most_once_more"),
    Index("uq_request_open", "case_id", "kind", unique=True, postgresql_where=text("answered_at is null")),
    schema="dispatch",
    comment="申请: a unit asks to return (回退), for more time (延期: `share` of the original limit), for suspension (挂账: `until`),"
    " or appeals (申诉). Left open when the case leaves the unit; then it is answered by nobody and granted is null.",
)

assist = Table(
    "assist",
    metadata,
    key(),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), nullable=False),
    Column("state", Text, nullable=False, server_default="sent"),
    Column("task", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    instant("sent_at"),
    instant("accepted_at", nullable=True),
    instant("ended_at", nullable=True),
    CheckConstraint("state in ('sent', 'accepted', 'done', 'returned', 'revoked')", name="state_known"),
    CheckConstraint("(ended_at is null) = (state in ('sent', 'accepted'))", name="ended_when_over"),
    Index("uq_assist_open", "case_id", "unit_id", unique=True, postgresql_where=text("ended_at is null")),
    Index("ix_assist_unit_id", "unit_id"),
    schema="dispatch",
    comment="协办: the order of an assisting unit beside the lead (主办), which is the case's own unit.",
)

case_level = Table(
    "case_level",
    metadata,
    key(),
    Column("case_id", BigInteger, ForeignKey("dispatch.cases.id"), nullable=False, index=True),
    Column("centre_id", BigInteger, ForeignKey("gis.centre.id"), index=True),
    instant("entered_at"),
    instant("left_at", nullable=True),
    CheckConstraint("left_at >= entered_at", name="in_order"),
    Index("uq_case_level_now", "case_id", unique=True, postgresql_where=text("left_at is null")),
    schema="dispatch",
    comment="Which centre had a case from when to when (C2); centre_id is null for the city. A case that only ever was the city's"
    " has no row.",
)

unit_duty = Table(
    "unit_duty",
    metadata,
    key(),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), nullable=False, index=True),
    Column("weekdays", ARRAY(SmallInteger), nullable=False),
    Column("begins", Text, nullable=False),
    Column("ends", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("weekdays <@ '{1,2,3,4,5,6,7}' and weekdays <> '{}'", name="weekdays_known"),
    CheckConstraint("begins ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'", name="begins_as_time"),
    CheckConstraint("ends ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' and ends <> begins", name="ends_as_time"),
    schema="dispatch",
    comment="值班时间: when a unit is there to take orders, in the city's time; a span that ends before it begins goes past midnight.",
)
