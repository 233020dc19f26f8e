"""Tables derived from the register for finding things by what people call them. All of them can be made anew at any time."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from gis.db import metadata
from gis.tables import key

name_change = Table(
    "name_change",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    schema="gis",
    comment="Names whose things have changed since gis/naming/catch_up.py last looked; filled by triggers, emptied there.",
)

named_place = Table(
    "named_place",
    metadata,
    key(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_en", Text, nullable=False, server_default=""),
    Column("other_names", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("subject_id", BigInteger, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("size_m", Double, nullable=False),
    Column("extent", ARRAY(Double), nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Index("ix_named_place_kind_name", "kind", "name"),
    Index("ix_named_place_geom", "geom", postgresql_using="gist"),
    schema="gis",
    comment="地名: one row for each thing that bears a name; pieces of one road or the two sides of one stop are one.",
)

spelling = Table(
    "spelling",
    metadata,
    Column("place_id", BigInteger, ForeignKey("gis.named_place.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("sort", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("keys", ARRAY(Integer), nullable=False),
    Index("ix_spelling_form", "form", postgresql_ops={"form": "text_pattern_ops"}),
    Index("ix_spelling_keys", "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    schema="gis",
    comment="How a name may be typed, folded: name, English, other name, pinyin, initials; keys find it in spite of a slip.",
)

crossing = Table(
    "crossing",
    metadata,
    Column("road", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    Index("ix_crossing_road", "road", "other"),
    Index("ix_crossing_other", "other"),
    Index("ix_crossing_geom", "geom", postgresql_using="gist"),
    schema="gis",
    comment="交叉口: where two named roads meet, once for each of the two; carriageways of one road count as one.",
)

house_number = Table(
    "house_number",
    metadata,
    Column("street", Text, nullable=False),
    Column("low", Integer, nullable=False),
    Column("high", Integer, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("side", Text, nullable=False, server_default=""),
    Column("asset_id", BigInteger, nullable=False),
    Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
    Index("ix_house_number_street", "street", "low"),
    Index("ix_house_number_geom", "geom", postgresql_using="gist"),
    schema="gis",
    comment="门牌号: a door (low = high, a point), or the numbers along one side of a piece of road, from its first point to its last.",
)
