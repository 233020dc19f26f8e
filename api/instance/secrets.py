"""Generated passwords and keys of an instance. They lie beside database and backup, never inside, mode 0600."""

from __future__ import annotations

import secrets

from api.instance.paths import InstancePaths, make_private, write_private
from gis import vault

NAMES = ("owner_password", "app_password", "mqtt_password", "signing_key")
IDENTITY_KEYS = "identity.toml"
"""Keys of ID numbers; without this file nobody reads them again, from a backup neither."""


def ensure(paths: InstancePaths) -> dict[str, str]:
    """Read every secret, making those that are missing. Hex text of 32 random bytes each: safe in addresses and files."""
    make_private(paths.secrets)
    vault.ensure(paths.secrets / IDENTITY_KEYS)
    return {name: _ensure(paths, name) for name in NAMES}


def _ensure(paths: InstancePaths, name: str) -> str:
    path = paths.secrets / name
    if not path.exists():
        write_private(path, secrets.token_hex(32))
    return path.read_text("ascii")
