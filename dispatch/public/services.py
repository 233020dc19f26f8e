"""Services: what the public may report and see. Dated rows in the database, published from a file; questions belong to a service."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound, UnreadableFile

DATATYPES = ("string", "number", "datetime", "text", "singlevaluelist", "multivaluelist")
KINDS = ("realtime", "batch", "blackbox")

Kind = Literal["realtime", "batch", "blackbox"]


@dataclass(frozen=True)
class Value:
    """One answer that a list offers. `condition`: the filing condition of the class that it means, by its place in the class."""

    key: str
    name: str
    name_en: str
    condition: int | None = None


@dataclass(frozen=True)
class Attribute:
    """One question of a service. `variable` ones want an answer, others only tell something."""

    code: str
    datatype: str
    name: str
    name_en: str
    required: bool = False
    variable: bool = True
    values: tuple[Value, ...] = ()

    def label(self, locale: str) -> str:
        """The question in the reader's language."""
        return (locale == "en" and self.name_en) or self.name


@dataclass(frozen=True)
class Service:
    """What may be reported. `rounding_m`: positions are shown to the public no finer than that."""

    code: str
    name: str
    name_en: str
    class_code: str | None = None
    kind: str = "realtime"
    description: str = ""
    description_en: str = ""
    keywords: str = ""
    keywords_en: str = ""
    group_name: str = ""
    group_name_en: str = ""
    icon: str = ""
    rounding_m: float = 0.0
    attributes: tuple[Attribute, ...] = field(default=())
    ordinal: int = 0

    def said(self, column: str, locale: str) -> str:
        """`name`, `description`, `keywords` or `group_name` in the reader's language."""
        english = getattr(self, f"{column}_en") if locale == "en" else ""
        return str(english or getattr(self, column))


_IN_FORCE = text("""
    select code, class_code, kind, name, name_en, description, description_en, keywords, keywords_en, group_name, group_name_en,
           icon, rounding_m, attributes, ordinal
    from dispatch.public_service where valid_from <= :day and (valid_to is null or valid_to > :day) order by ordinal, code
""")


def in_force(db: Connection, day: date) -> list[Service]:
    """All services of a day, in the order of their file."""
    return [_service(dict(row._mapping)) for row in db.execute(_IN_FORCE, {"day": day})]


def get(db: Connection, day: date, code: str) -> Service:
    """One service. Raises NotFound."""
    found = next((each for each in in_force(db, day) if each.code == code), None)
    if found is None:
        raise NotFound(
            "There is no service '{service}' here.", "Look at the list of services; it changes.", service=code[:40]
        )
    return found


def _service(row: Mapping[str, Any]) -> Service:
    attributes = tuple(
        Attribute(**{**each, "values": tuple(Value(**value) for value in each["values"])}) for each in row["attributes"]
    )
    return Service(**{**row, "attributes": attributes})


def read(path: Path) -> list[Service]:
    """The services of a file in the form of config/services/demonstration.toml. Raises UnreadableFile, InvalidInput."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnreadableFile("{file} cannot be read: {problem}.", file=path.name, problem=str(error)) from error
    found = [_from_file(entry, n) for n, entry in enumerate(content.get("service", []))]
    codes = [each.code for each in found]
    twice = {code for code in codes if codes.count(code) > 1}
    if twice or not found:
        raise InvalidInput("A service stands in the file twice, or none at all: {codes}.", codes=sorted(twice))
    return found


_RENAMED = {"class": "class_code", "group": "group_name", "group_en": "group_name_en"}


def _from_file(entry: Mapping[str, Any], ordinal: int) -> Service:
    given = {_RENAMED.get(name, name): value for name, value in entry.items() if name != "attributes"}
    unknown = given.keys() - {each.name for each in fields(Service)}
    if unknown or not {"code", "name", "name_en"} <= given.keys():
        raise InvalidInput(
            "Service '{service}' has unknown or missing entries.",
            service=entry.get("code", "?"),
            entries=sorted(unknown),
        )
    if given.get("kind", "realtime") not in KINDS:
        raise InvalidInput("Service '{service}' has an unknown kind.", service=entry["code"])
    attributes = tuple(_question(entry["code"], each) for each in entry.get("attributes", ()))
    return Service(**given, attributes=attributes, ordinal=ordinal)


def _question(service: str, entry: Mapping[str, Any]) -> Attribute:
    values = tuple(Value(**each) for each in entry.get("values", ()))
    wanted = Attribute(**{**entry, "values": values})
    if wanted.datatype not in DATATYPES or wanted.datatype.endswith("list") != bool(values):
        raise InvalidInput(
            "Question '{attribute}' of service '{service}' has an unknown datatype, or no list of answers where it needs one.",
            service=service,
            attribute=wanted.code,
        )
    return wanted


def publish(db: Connection, wanted: Sequence[Service], day: date) -> list[str]:
    """Let exactly these services be in force from `day` on; returns a line for each that begins, changes or ends.

    Raises InvalidInput for a class that the city does not have.
    """
    standing = {each.code: each for each in in_force(db, day)}
    new = {each.code: each for each in wanted}
    known = set(db.execute(text("select code from dispatch.case_class")).scalars())
    lacking = sorted({each.class_code for each in wanted if each.class_code} - known)
    if lacking:
        raise InvalidInput(
            "The city has no class {codes}.",
            "Import the city's case standards first, or correct the file.",
            codes=lacking,
        )
    lines = []
    for code in [*new, *(code for code in standing if code not in new)]:
        if new.get(code) == standing.get(code):
            continue
        if code in standing:
            _end(db, code, day)
        if code in new:
            _begin(db, new[code], day)
        lines.append(f"{'ends' if code not in new else 'changes' if code in standing else 'begins'}: {code}")
    return lines


def _end(db: Connection, code: str, day: date) -> None:
    """From `day` on it is no more; what began on that very day never was."""
    values = {"code": code, "day": day}
    db.execute(text("delete from dispatch.public_service where code = :code and valid_from = :day"), values)
    db.execute(
        text(
            "update dispatch.public_service set valid_to = :day"
            " where code = :code and valid_from < :day and (valid_to is null or valid_to > :day)"
        ),
        values,
    )


def _begin(db: Connection, service: Service, day: date) -> None:
    values = asdict(service) | {
        "attributes": json.dumps([asdict(each) for each in service.attributes], ensure_ascii=False)
    }
    columns = ", ".join(values)
    places = ", ".join("cast(:attributes as jsonb)" if name == "attributes" else f":{name}" for name in values)
    db.execute(
        text(f"insert into dispatch.public_service ({columns}, valid_from) values ({places}, :day)"),
        {**values, "day": day},
    )
