"""Tables of routing: sets of rules with who drafted and approved them, rules, what was changed in them, proposals answered, studies."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, instant, key

_EMPTY = text("'{}'")

routing_set = Table(
    "routing_set",
    metadata,
    key(),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("why", Text, nullable=False, server_default=""),
    Column("based_on_id", BigInteger, ForeignKey("dispatch.routing_set.id")),
    Column("created_by", BigInteger, ForeignKey("gis.account.id")),
    instant("created_at", server_default=NOW),
    Column("submitted_by", BigInteger, ForeignKey("gis.account.id")),
    instant("submitted_at", nullable=True),
    Column("decided_by", BigInteger, ForeignKey("gis.account.id")),
    instant("decided_at", nullable=True),
    Column("decision_note", Text, nullable=False, server_default=""),
    instant("valid_from", nullable=True),
    Column("fingerprint", Text),
    CheckConstraint("state in ('draft', 'submitted', 'approved', 'withdrawn', 'dropped')", name="state_known"),
    CheckConstraint("decided_by not in (submitted_by, created_by)", name="approved_by_another"),
    CheckConstraint("(state in ('approved', 'withdrawn')) = (valid_from is not null)", name="approved_from_a_moment"),
    CheckConstraint("(state in ('approved', 'withdrawn')) = (fingerprint is not null)", name="approved_as_it_is"),
    Index("ix_routing_set_valid_from", "valid_from", postgresql_where=text("state = 'approved'")),
    schema="dispatch",
    comment="规则版本: a set of routing rules. Of the approved ones the latest whose valid_from has come is in force. Approved by another"
    " person than its authors; approved sets and their rules never change.",
)

routing_rule = Table(
    "routing_rule",
    metadata,
    key(),
    Column("priority", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("matches", JSONB, nullable=False, server_default=_EMPTY),
    Column("target", Text, nullable=False),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id")),
    Column("set_id", BigInteger, ForeignKey("dispatch.routing_set.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("ground", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)),
    CheckConstraint("target in ('unit', 'asset_unit', 'condition_unit')", name="target_known"),
    CheckConstraint("(target = 'unit') = (unit_id is not null)", name="unit_where_target_is_unit"),
    CheckConstraint("(matches ? 'ground') = (ground is not null)", name="ground_where_asked"),
    UniqueConstraint("set_id", "number"),
    schema="dispatch",
    comment="派遣规则: lower priority is asked first, then the more specific, then the older. matches: conditions by name"
    " (dispatch/routing/conditions.py). number stays with a rule through all sets, version counts its changes.",
)

routing_change = Table(
    "routing_change",
    metadata,
    key(),
    Column("set_id", BigInteger, ForeignKey("dispatch.routing_set.id"), nullable=False, index=True),
    Column("number", Integer),
    Column("change", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    Column("before", JSONB, nullable=False, server_default=_EMPTY),
    Column("after", JSONB, nullable=False, server_default=_EMPTY),
    Column("why", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="Who changed what in which set, when and why. number is null where it is about the set itself.",
)

routing_answer = Table(
    "routing_answer",
    metadata,
    key(),
    Column("number", Integer),
    Column("area_code", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("unit_id", BigInteger, ForeignKey("gis.unit.id"), nullable=False),
    Column("accepted", Text, nullable=False),
    Column("facts", JSONB, nullable=False, server_default=_EMPTY),
    Column("why", Text, nullable=False, server_default=""),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("accepted in ('accepted', 'declined')", name="accepted_known"),
    schema="dispatch",
    info=APPEND_ONLY,
    comment="What somebody said to a proposal that corrections by people led to; number null: the fallback desk was corrected.",
)

routing_study = Table(
    "routing_study",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("set_id", BigInteger, ForeignKey("dispatch.routing_set.id"), nullable=False),
    Column("asked", JSONB, nullable=False, server_default=_EMPTY),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("cursor", BigInteger, nullable=False, server_default="0"),
    Column("result", JSONB, nullable=False, server_default=_EMPTY),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    instant("recorded_at", server_default=NOW),
    instant("finished_at", nullable=True),
    CheckConstraint("kind in ('dry_run', 'gaps')", name="kind_known"),
    schema="dispatch",
    comment="What takes long and is worked on in the background: a dry run on history, the finder of gaps and conflicts.",
)

skill = Table(
    "skill",
    metadata,
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), primary_key=True, autoincrement=False),
    Column("class_prefix", Text, primary_key=True),
    schema="dispatch",
    comment="处置人员技能: classes that a handler can do, by the beginning of their codes.",
)
