"""Alembic migrations, each a plain SQL file beside its revision: what ran is what stands there."""

from __future__ import annotations

from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory

from gis.db import url_of

HERE = Path(__file__).parent


def _config(owner_url: str = "") -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url_of(owner_url) if owner_url else None
    return config


def upgrade(owner_url: str, revision: str = "head") -> None:
    """Bring the database at `owner_url` to `revision`. The login must own the tables; roles exist already."""
    command.upgrade(_config(owner_url), revision)


def head() -> str:
    """The newest revision in this checkout."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def run_file(name: str) -> None:
    """Run `versions/<name>.sql` inside the current migration."""
    script = (HERE / "versions" / f"{name}.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))
