"""What every reader of another system has in common: what it is asked for, what it brings, and its secrets."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.errors import ConfigurationError, InvalidInput

MOST_BYTES = 500_000_000
"""What one reading may bring at most; a system that sends without end must not fill the disk."""


@dataclass(frozen=True)
class Request:
    """One reading: the connector's settings, its secrets, a folder to write into, and when the newest data known are from."""

    code: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    folder: Path
    since: datetime | None = None


@dataclass(frozen=True)
class Brought:
    """What came: files for the importer (none: nothing new), and the time of the newest data."""

    files: Sequence[Path]
    data_at: datetime | None = None
    settle: Callable[[], None] = lambda: None
    """Called once what came is safe, such as to acknowledge messages; until then the other side keeps them."""
    close: Callable[[], None] = lambda: None
    """Called in every case, last."""


Reader = Callable[[Request], Brought]


def secrets_of(path: Path, name: str) -> dict[str, str]:
    """The table `name` of the protected file; none named, none needed. Raises ConfigurationError, never naming a value."""
    if not name:
        return {}
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigurationError("The file {file} may be read by others.", "Run: chmod 600 {file}", file=path.name)
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigurationError(
            "The file {file} with the connectors' secrets cannot be read.",
            "Make it, in TOML, mode 0600.",
            file=path.name,
        ) from None  # a parser's message may quote the line
    if not isinstance(tables.get(name), dict):
        raise ConfigurationError("The file {file} has no table [{name}].", "Add it.", file=path.name, name=name)
    return {key: str(value) for key, value in tables[name].items()}


def need(settings: Mapping[str, Any], name: str) -> Any:
    """A setting that the reader cannot do without. Raises InvalidInput."""
    if not settings.get(name):
        raise InvalidInput("The connector does not state '{name}'.", "Add it under [settings].", name=name)
    return settings[name]
