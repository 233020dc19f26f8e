"""A connector as its operator writes it, in TOML. Only who may sit at the machine may say where the system connects to."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import InvalidInput, UnreadableFile
from ingest.connectors import api, folder, topic, view
from ingest.connectors.reader import Reader

READERS: dict[str, Reader] = {"api": api.read, "view": view.read, "folder": folder.read, "topic": topic.read}
KEYS = {"code", "name", "name_en", "reads", "import", "mapping", "every_s", "hold_share", "settings"}
IMPORTS = ("layer", "areas", "gtfs")


@dataclass(frozen=True)
class Definition:
    """One connector. `settings` are the reader's, with `secret`, the name of its table in the protected file."""

    code: str
    name: str
    name_en: str
    reads: str
    settings: Mapping[str, Any]
    import_kind: str
    mapping: str
    every_s: int
    hold_share: float


def read(path: Path) -> Definition:
    """The definition in a file. Raises UnreadableFile for what is no TOML, InvalidInput naming what is missing or unknown."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            "The file {file} cannot be read: {problem}.", file=path.name, problem=str(error)
        ) from error
    unknown = sorted(said.keys() - KEYS)
    if unknown:
        raise InvalidInput("A connector has no '{name}'.", "It may have: {known}.", name=unknown[0], known=sorted(KEYS))
    for name in ("code", "name", "reads", "every_s"):
        if not said.get(name):
            raise InvalidInput(
                "The connector lacks '{name}'.", "docs/guide/connectors.md shows one of each kind.", name=name
            )
    if said["reads"] not in READERS:
        raise InvalidInput(
            "There is no reader '{name}'.", "Choose one of: {known}.", name=said["reads"], known=sorted(READERS)
        )
    kind = str(said.get("import", "layer"))
    if kind not in IMPORTS:
        raise InvalidInput(
            "A connector cannot import '{name}'.", "Choose one of: {known}.", name=kind, known=list(IMPORTS)
        )
    if kind != "gtfs" and not said.get("mapping"):
        raise InvalidInput(
            "The connector lacks '{name}'.", "docs/guide/connectors.md shows one of each kind.", name="mapping"
        )
    return Definition(
        code=str(said["code"]),
        name=str(said["name"]),
        name_en=str(said.get("name_en", "")),
        reads=str(said["reads"]),
        settings=dict(said.get("settings", {})),
        import_kind=kind,
        mapping=str(said.get("mapping", "")),
        every_s=int(said["every_s"]),
        hold_share=float(said.get("hold_share", 0.2)),
    )
