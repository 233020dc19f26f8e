"""The order of features: `sortby` as SQL, and the cursor that says where the next page begins. Pure.

A page goes on after the values of its last feature, not after so many features: nothing is missed or doubled while others edit.
Nothing stated comes last in either direction. Features of equal values follow their id.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from config.errors import InvalidInput
from gis.features.collections import BOOLEAN, GEOMETRY, NUMBER_TYPE, TEXT, TIME, Property

MOST_KEYS = 4
CASTS = {TEXT: "text", NUMBER_TYPE: "double precision", BOOLEAN: "boolean", TIME: "timestamptz"}


class Key(NamedTuple):
    """One property to sort by; `sql` over the row `a`."""

    sql: str
    type: str
    down: bool


def sortables(queryables: Mapping[str, Property]) -> dict[str, Property]:
    """What features may be sorted by: every queryable but the geometry."""
    return {name: known for name, known in queryables.items() if known.type != GEOMETRY}


def keys(sortby: str, queryables: Mapping[str, Property]) -> tuple[Key, ...]:
    """`name,-recorded_at` as keys. Raises InvalidInput for what this collection cannot be sorted by."""
    known = sortables(queryables)
    found = []
    for part in filter(None, sortby.split(",")):
        name = part.strip().removeprefix("+").removeprefix("-")  # a plus sign in an address is a space
        if name not in known:
            raise InvalidInput(
                "Features of this collection cannot be sorted by '{name}'.", "Look at its sortables.", name=name[:80]
            )
        found.append(Key(known[name].sql, known[name].type, part.strip().startswith("-")))
    if len(found) > MOST_KEYS:
        raise InvalidInput("Features are sorted by at most {most} properties.", most=MOST_KEYS)
    return tuple(found)


def order(wanted: Sequence[Key]) -> str:
    """What stands after ORDER BY."""
    return ", ".join([*(f"{key.sql} {'desc' if key.down else 'asc'} nulls last" for key in wanted), "a.id"])


def columns(wanted: Sequence[Key]) -> str:
    """The values of the keys as columns key0, key1 …, to begin a select list with."""
    return "".join(f"{key.sql} as key{number}, " for number, key in enumerate(wanted))


def cursor(wanted: Sequence[Key], row: Mapping[Any, Any]) -> str:
    """Where the next page begins, after `row`."""
    if not wanted:
        return str(row["id"])
    values = [_plain(row[f"key{number}"]) for number in range(len(wanted))]
    return base64.urlsafe_b64encode(json.dumps([*values, row["id"]]).encode()).decode().rstrip("=")


def after(wanted: Sequence[Key], written: str) -> tuple[str, dict[str, Any]]:
    """The condition of all that comes after a cursor, with its parameters. Raises InvalidInput for what is no cursor of this order."""
    *values, id = _read(wanted, written)
    stated = {f"after{number}": value for number, value in enumerate(values) if value is not None}
    ways, same = [], []
    for number, (key, value) in enumerate(zip(wanted, values, strict=True)):
        if value is None:
            same.append(f"{key.sql} is null")
            continue
        bound = f"cast(:after{number} as {CASTS[key.type]})"
        beyond = f"({key.sql} {'<' if key.down else '>'} {bound} or {key.sql} is null)"
        ways.append(" and ".join([*same, beyond]))
        same.append(f"{key.sql} = {bound}")
    ways.append(" and ".join([*same, "a.id > :after_id"]))
    return f"({' or '.join(f'({way})' for way in ways)})", {**stated, "after_id": id}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(wanted: Sequence[Key], written: str) -> list[Any]:
    try:
        if not wanted:
            found: Any = [int(written)]
        else:
            found = json.loads(base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True))
        right = isinstance(found, list) and len(found) == len(wanted) + 1 and 0 <= int(found[-1]) < 2**63
        if right and all(_fits(key, value) for key, value in zip(wanted, found, strict=False)):
            return list(found)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        pass
    raise InvalidInput("The cursor does not belong to this list.", "Follow the link `next` of the page before.")


def _fits(key: Key, value: Any) -> bool:
    if value is None:
        return True
    if key.type == TIME:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    if key.type == NUMBER_TYPE:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return isinstance(value, bool) if key.type == BOOLEAN else isinstance(value, str) and "\0" not in value
