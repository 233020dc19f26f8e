"""The environment of an instance made for tests, as `./citycommand up` writes it for a city."""

from __future__ import annotations

import secrets
from pathlib import Path

from gis import vault
from tests.support.databases import Database


def environment(database: Database, mqtt_url: str, name: str, var: Path) -> dict[str, str]:
    """CITYCOMMAND_* variables to hand to a child process; the secret file is made in `var`."""
    secret_file = var / "secret"
    secret_file.write_bytes(secrets.token_bytes(32))
    secret_file.chmod(0o600)
    vault.ensure(var / "identity.toml")
    return {
        "CITYCOMMAND_INSTANCE": name,
        "CITYCOMMAND_DATABASE_URL": database.app_url,
        "CITYCOMMAND_OWNER_DATABASE_URL": database.owner_url,
        "CITYCOMMAND_MQTT_URL": mqtt_url,
        "CITYCOMMAND_TIME_ZONE": "Asia/Shanghai",
        "CITYCOMMAND_VAR": str(var),
        "CITYCOMMAND_SECRET_FILE": str(secret_file),
    }
