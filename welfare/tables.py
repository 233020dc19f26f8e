"""Tables of the welfare layer. Every row about people carries the code of the community they live in: row-level security goes by it.

The policies stand in gis/migrations/after_tables.sql: the application sees and writes only rows whose area lies in the
range that the transaction has stated (welfare/access.py); a transaction that states none sees nothing.
"""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from gis.db import metadata
from gis.tables import APPEND_ONLY, NOW, READ_ONLY, instant, key

BY_AREA = {"by_area": True}
"""Mark of tables with row-level security by `area_code`; a test compares the marks with the policies."""

EMPTY = text("'{}'")
PERIOD = text("daterange(since, until)")
"""The days from `since` up to, not including, `until`; open-ended without it. Nothing overlaps an empty one."""


def area_code() -> Column[str]:
    """The community in which the household lives."""
    return Column("area_code", Text, ForeignKey("gis.area.code"), nullable=False, index=True)


household = Table(
    "household",
    metadata,
    key(),
    area_code(),
    Column("registered_area_code", Text),
    Column("address", Text, nullable=False, server_default=""),
    Column("phone", Text, nullable=False, server_default=""),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False)),
    Column("source", Text, nullable=False, server_default=""),
    instant("recorded_at", server_default=NOW),
    Index("ix_household_geom", "geom", postgresql_using="gist"),
    schema="welfare",
    info=BY_AREA,
    comment="家庭: people who live on one purse. area_code: where they live; registered_area_code: where their registration lies.",
)

person = Table(
    "person",
    metadata,
    key(),
    area_code(),
    Column("name", Text, nullable=False),
    Column("sex", Text, nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("id_kind", Text, nullable=False),
    Column("id_index", LargeBinary, nullable=False, unique=True),
    Column("id_cipher", LargeBinary, nullable=False),
    Column("id_algorithm", Text, nullable=False),
    Column("id_key_version", SmallInteger, nullable=False),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("sex in ('male', 'female')", name="sex_known"),
    CheckConstraint("id_kind in ('national', 'temporary')", name="id_kind_known"),
    Index("ix_person_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    schema="welfare",
    info=BY_AREA,
    comment="人员: the ID number is the key (W7), kept encrypted and found by its blind index; foundlings have a temporary one.",
)

member = Table(
    "member",
    metadata,
    key(),
    area_code(),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False, index=True),
    Column("person_id", BigInteger, ForeignKey("welfare.person.id"), nullable=False),
    Column("relation", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    CheckConstraint("relation in ('head', 'spouse', 'child', 'parent', 'grandchild', 'other')", name="relation_known"),
    ExcludeConstraint(("person_id", "="), (PERIOD, "&&"), name="ex_member_one_household", using="gist"),
    schema="welfare",
    info=BY_AREA,
    comment="成员: who lives in a household from when until when; nobody lives in two at once.",
)

fact = Table(
    "fact",
    metadata,
    key(),
    area_code(),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("welfare.person.id")),
    Column("name", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("since", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    Index("ix_fact_household", "household_id", "person_id", "name", "since"),
    schema="welfare",
    info=APPEND_ONLY | BY_AREA,
    comment="情况项: what is stated of a household or one of its members, from a day on, by whom; the newest statement counts.",
)

programme = Table(
    "programme",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("statutory", Boolean, nullable=False),
    Column("department", Text, nullable=False),
    Column("department_en", Text, nullable=False, server_default=""),
    Column("description", JSONB, nullable=False, server_default=EMPTY),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    schema="welfare",
    comment="救助项目. description: target, authority, procedure, resources, as the inquiry found them (W1).",
)

programme_version = Table(
    "programme_version",
    metadata,
    key(),
    Column("programme_code", Text, ForeignKey("welfare.programme.code"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("amount", JSONB, nullable=False),
    Column("basis", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("programme_code", "version"),
    UniqueConstraint("programme_code", "valid_from"),
    schema="welfare",
    info=APPEND_ONLY,
    comment="A programme's rule from a day on; the one with the latest valid_from counts. What was decided keeps its version.",
)

parameter = Table(
    "parameter",
    metadata,
    key(),
    Column("name", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("unit", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    UniqueConstraint("name", "valid_from"),
    schema="welfare",
    info=APPEND_ONLY,
    comment="政策参数: dated, cited numbers that rules use.",
)

exclusion = Table(
    "exclusion",
    metadata,
    Column("one", Text, ForeignKey("welfare.programme.code"), primary_key=True),
    Column("other", Text, ForeignKey("welfare.programme.code"), primary_key=True),
    CheckConstraint("one <> other", name="two_programmes"),
    schema="welfare",
    comment="互斥: pairs of programmes of which a household has at most one.",
)

transition = Table(
    "transition",
    metadata,
    Column("move", Text, primary_key=True),
    Column("from_state", Text, primary_key=True),
    Column("to_state", Text, primary_key=True),
    schema="welfare",
    info=READ_ONLY,
    comment="Copy of welfare/procedure.py: what the history of an application may hold.",
)

assessment = Table(
    "assessment",
    metadata,
    key(),
    area_code(),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False, index=True),
    Column("programme_code", Text, ForeignKey("welfare.programme.code"), nullable=False),
    Column("version_id", BigInteger, ForeignKey("welfare.programme_version.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("amount", Numeric(12, 2)),
    Column("trace", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("account_id", BigInteger, ForeignKey("gis.account.id")),
    instant("recorded_at", server_default=NOW),
    schema="welfare",
    info=APPEND_ONLY | BY_AREA,
    comment="资格比对 that a decision rests on: version, parameter values, facts and the finding of every clause.",
)

application = Table(
    "application",
    metadata,
    key(),
    area_code(),
    Column("number", Text, Computed("'SQ' || lpad(id::text, 8, '0')", persisted=True), unique=True),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False, index=True),
    Column("programme_code", Text, ForeignKey("welfare.programme.code"), nullable=False),
    Column("applicant_id", BigInteger, ForeignKey("welfare.person.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    instant("applied_at"),
    instant("stage_started_at"),
    instant("stage_due_at", nullable=True),
    Column("stage_used", Numeric(8, 6), nullable=False, server_default="0"),
    instant("notice_until", nullable=True),
    instant("decided_at", nullable=True),
    Column("amount", Numeric(12, 2)),
    Column("trace_id", Text, nullable=False),
    Index("ix_application_open", "state", "stage_due_at", postgresql_where=text("decided_at is null")),
    schema="welfare",
    info=BY_AREA,
    comment="申请. stage_used: the share of the stage's limit used up before a pause.",
)

application_event = Table(
    "application_event",
    metadata,
    key(),
    area_code(),
    Column("application_id", BigInteger, ForeignKey("welfare.application.id"), nullable=False, index=True),
    Column("move", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("details", JSONB, nullable=False, server_default=EMPTY),
    Column("assessment_id", BigInteger, ForeignKey("welfare.assessment.id")),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("post", Text, nullable=False),
    Column("in_time", Boolean),
    instant("occurred_at"),
    instant("recorded_at", server_default=NOW),
    Column("trace_id", Text, nullable=False),
    schema="welfare",
    info=APPEND_ONLY | BY_AREA,
)

claim = Table(
    "claim",
    metadata,
    key(),
    area_code(),
    Column("programme_code", Text, ForeignKey("welfare.programme.code"), nullable=False),
    Column("person_id", BigInteger, ForeignKey("welfare.person.id"), nullable=False),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False, index=True),
    Column("application_id", BigInteger, ForeignKey("welfare.application.id"), index=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
    ExcludeConstraint(("person_id", "="), ("programme_code", "="), (PERIOD, "&&"), name="ex_claim_once", using="gist"),
    schema="welfare",
    info=BY_AREA,
    comment="W7: that a person applies for or receives a programme in a period. The database holds one at a time.",
)

grants = Table(
    "grants",
    metadata,
    key(),
    area_code(),
    Column("household_id", BigInteger, ForeignKey("welfare.household.id"), nullable=False),
    Column("programme_code", Text, ForeignKey("welfare.programme.code"), nullable=False),
    Column("application_id", BigInteger, ForeignKey("welfare.application.id")),
    Column("amount", Numeric(12, 2), nullable=False),
    Column("every", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    instant("recorded_at", server_default=NOW),
    CheckConstraint("every in ('month', 'once')", name="every_known"),
    ExcludeConstraint(
        ("household_id", "="), ("programme_code", "="), (PERIOD, "&&"), name="ex_grants_once", using="gist"
    ),
    schema="welfare",
    info=BY_AREA,
    comment="救助待遇: what a household was awarded, from when until when.",
)

access_log = Table(
    "access_log",
    metadata,
    key(),
    area_code(),
    Column("account_id", BigInteger, ForeignKey("gis.account.id"), nullable=False),
    Column("posts", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("household_id", BigInteger),
    Column("person_id", BigInteger, index=True),
    Column("trace_id", Text, nullable=False),
    instant("recorded_at", server_default=NOW),
    Index("ix_access_log_household_id", "household_id"),
    schema="welfare",
    info=APPEND_ONLY | BY_AREA,
    comment="Who opened whose record, when and for what (查询事由). One row a person.",
)
