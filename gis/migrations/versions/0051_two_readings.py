"""Names with characters that have two readings are spelled again: 朝阳路 is found by chaoyanglu, too."""

from alembic import op

revision = "0051"
down_revision = "0052"


def upgrade() -> None:
    """Note them as changed; the next search spells them (gis/naming/catch_up.py)."""
    op.execute(
        "insert into gis.name_change (kind, name) select distinct kind, name from gis.named_place"
        " where name ~ '[长朝乐厦重行都单六会番堡盛泊藏圩]' or array_to_string(other_names, '') ~ '[长朝乐厦重行都单六会番堡盛泊藏圩]'"
    )
