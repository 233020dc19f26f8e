"""A policy file (TOML with [[parameter]], [[programme]], [[exclusion]]) before it is published: its form, and what it would change.

The form is that of config/welfare/parameters.toml and programmes.toml; `welfare.programmes.publish` writes it.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, UnreadableFile

NEEDED: dict[str, tuple[str, ...]] = {
    "parameter": ("name", "unit", "valid_from", "value", "basis"),
    "programme": (
        "code", "name", "name_en", "statutory", "department", "department_en", "valid_from", "basis", "rule", "amount",
    ),
    "exclusion": ("one", "other"),
}  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """The content of a policy file. Raises UnreadableFile, or InvalidInput naming the entry that is not complete."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile(
            "The file {file} cannot be read: {problem}.", "Check that it is TOML in UTF-8.", file=path.name, problem=str(error)
        ) from error  # fmt: skip
    strange = sorted(content.keys() - NEEDED.keys())
    if strange:
        raise InvalidInput(
            "A policy file has no [[{table}]].", "It has: {known}.", table=strange[0], known=list(NEEDED)
        )
    for table, names in NEEDED.items():
        for number, entry in enumerate(content.get(table, []), 1):
            _complete(table, number, entry, names)
    return content


def _complete(table: str, number: int, entry: Any, names: tuple[str, ...]) -> None:
    lacking = [name for name in names if not isinstance(entry, Mapping) or name not in entry]
    if lacking:
        raise InvalidInput(
            "[[{table}]] number {number} lacks {missing}.", "config/welfare/ shows complete ones.",
            table=table, number=number, missing=lacking,
        )  # fmt: skip
    if "valid_from" in names and type(entry["valid_from"]) is not date:
        raise InvalidInput(
            "[[{table}]] number {number} has no date in valid_from.", "Write it as 2027-01-01, without quotes.",
            table=table, number=number,
        )  # fmt: skip


def changes(db: Connection, content: Mapping[str, Any]) -> list[str]:
    """What publishing would change of what stands, line by line, for people to look at first; empty where nothing would."""
    return [
        *(line for entry in content.get("parameter", []) for line in _parameter(db, entry)),
        *(line for entry in content.get("programme", []) for line in _programme(db, entry)),
        *(line for entry in content.get("exclusion", []) for line in _exclusion(db, entry)),
    ]


def _parameter(db: Connection, entry: Mapping[str, Any]) -> Iterator[str]:
    standing = db.execute(_PARAMETER, {"name": entry["name"], "day": entry["valid_from"]}).first()
    if standing is None:
        yield f"parameter {entry['name']} is new: {_plain(entry['value'])} {entry['unit']} from {entry['valid_from']}"
    elif (standing.valid_from, standing.value) != (entry["valid_from"], entry["value"]):
        yield (
            f"parameter {entry['name']} from {entry['valid_from']}: {_plain(standing.value)} → {_plain(entry['value'])}"
            f" {entry['unit']}"
        )


def _programme(db: Connection, entry: Mapping[str, Any]) -> Iterator[str]:
    last = db.execute(_VERSION, {"code": entry["code"]}).first()
    if last is None:
        yield f"programme {entry['code']} is new: {entry['name']} ({entry['name_en']}) from {entry['valid_from']}"
        yield from (f"  + {line}" for line in _tree(entry))
        return
    before = {"rule": last.rule, "amount": last.amount, "basis": last.basis}
    if _tree(before) == _tree(entry) and last.valid_from == entry["valid_from"]:
        return
    yield f"programme {entry['code']}: version {last.version} of {last.valid_from} → version {last.version + 1} from {entry['valid_from']}"
    compared = difflib.unified_diff(_tree(before), _tree(entry), n=1, lineterm="")
    yield from (f"  {line}" for line in compared if not line.startswith(("---", "+++")))


def _exclusion(db: Connection, entry: Mapping[str, Any]) -> Iterator[str]:
    if not db.execute(_EXCLUSION, {"one": entry["one"], "other": entry["other"]}).scalar_one():
        yield f"{entry['one']} and {entry['other']} exclude one another from now on"


def _tree(entry: Mapping[str, Any]) -> list[str]:
    shown = {name: entry[name] for name in ("rule", "amount", "basis")}
    return json.dumps(shown, ensure_ascii=False, indent=2, sort_keys=True, default=str).splitlines()


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


_PARAMETER = text(
    "select value, valid_from from welfare.parameter where name = :name and valid_from <= :day"
    " order by valid_from desc limit 1"
)
_VERSION = text(
    "select version, rule, amount, basis, valid_from from welfare.programme_version where programme_code = :code"
    " order by version desc limit 1"
)
_EXCLUSION = text("select exists (select from welfare.exclusion where one = :one and other = :other)")
