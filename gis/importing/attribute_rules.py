"""What a mapping's [attributes] keep of a row: which column, read as what, its words translated, a value where it is empty. Pure.

power_w = "功率"                                      the column as the file has it
power_w = { column = "功率", type = "integer" }       read as a type
height_m = { column = "杆高cm", type = "number", factor = 0.01 }   multiplied into the register's unit
lamp_type = { column = "灯型", values = { "LED灯" = "LED", "*" = "other" }, default = "LED" }
municipal = { default = true }                        the same for every row
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from config.errors import InvalidInput
from config.i18n import _
from gis.importing import written_numbers
from gis.importing.placing import Fault

Row = Mapping[str, Any]
OTHERWISE = "*"
"""In a table of values: any value that the table does not name."""

KEYS = {"column", "type", "values", "default", "factor"}


class Attribute(NamedTuple):
    """One attribute to keep: the column it comes from ("" for none) and what it is read as.

    `values` translates the column's words before they are read (into "": nothing is kept); `default` stands where the column is
    empty; numbers are written with `decimal` and multiplied by `factor`.
    """

    column: str
    type: str
    values: Mapping[str, Any] | None = None
    default: Any = None
    factor: float = 1.0
    decimal: str = "."


def read(name: str, entry: Any, decimal: str = ".") -> Attribute:
    """One line of [attributes]. Raises InvalidInput for what is not understood."""
    if isinstance(entry, str):
        return Attribute(entry, "as_is", decimal=decimal)
    strange = sorted(entry.keys() - KEYS) if isinstance(entry, Mapping) else [str(entry)]
    if strange:
        raise InvalidInput(
            "The mapping's attribute '{name}' is not understood: {strange}.",
            "It is a column's name, or a table with some of: {known}.",
            name=name,
            strange=", ".join(strange),
            known=", ".join(sorted(KEYS)),
        )
    column = entry.get("column", "" if "default" in entry else name)
    values = {str(word): value for word, value in entry["values"].items()} if "values" in entry else None
    factor = float(entry.get("factor", 1.0))
    attribute = Attribute(column, entry.get("type", "as_is"), values, entry.get("default"), factor, decimal)
    if attribute.type not in READERS or (factor != 1.0 and attribute.type not in ("number", "integer")):
        raise InvalidInput(
            "The attribute '{name}' cannot be read as '{type}'.",
            "Types are: {types}. Only numbers have a factor.",
            name=name,
            type=attribute.type,
            types=", ".join(READERS),
        )
    return attribute


def kept(attributes: Mapping[str, Attribute], values: Row) -> tuple[dict[str, Any], list[Fault]]:
    """The attributes of a row, and remarks on values that could not be read and were left out."""
    found: dict[str, Any] = {}
    remarks = []
    for name, attribute in attributes.items():
        value = values.get(attribute.column) if attribute.column else None
        if text(value) == "":
            if attribute.default is not None:
                found[name] = attribute.default
            continue
        try:
            read = _read(attribute, value)
            if read != "":
                found[name] = read
        except (ValueError, OverflowError):
            remarks.append(Fault("unreadable_value", _unread(attribute, value)))
    return found, remarks


def text(value: Any) -> str:
    """A value as text: nothing is empty, a whole number has no '.0'."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _read(attribute: Attribute, value: Any) -> Any:
    if attribute.values is not None:
        value = attribute.values.get(text(value), attribute.values.get(OTHERWISE))
        if value is None:
            raise ValueError
        if value == "":
            return ""
    if attribute.type in ("integer", "number"):
        value = written_numbers.number(value, attribute.decimal)
    read = READERS[attribute.type](value)
    if attribute.factor == 1.0:
        return read
    scaled = round(read * attribute.factor, 6)
    return round(scaled) if attribute.type == "integer" else scaled


def _unread(attribute: Attribute, value: Any) -> str:
    named = attribute.values is None or text(value) in attribute.values or OTHERWISE in attribute.values
    if named:
        words = _("{column} = '{value}' is no {type}; the row was taken without it")
    else:
        words = _(
            "{column} = '{value}' is not among the values that the mapping translates; the row was taken without it"
        )
    return words.format(column=attribute.column, value=value, type=attribute.type)


def _integer(value: Any) -> int:
    number = float(value)
    if not number.is_integer():
        raise ValueError(value)
    return int(number)


def _number(value: Any) -> float:
    number = float(value)
    if number - number != 0:  # infinite, or no number
        raise ValueError(value)
    return number


YES_NO = {"true": True, "yes": True, "1": True, "y": True, "是": True, "有": True,
          "false": False, "no": False, "0": False, "n": False, "否": False, "无": False}  # fmt: skip


def _boolean(value: Any) -> bool:
    try:
        return YES_NO[text(value).lower()]
    except KeyError as error:
        raise ValueError(value) from error


def _date(value: Any) -> str:
    digits = text(value).replace("/", "-")[:10]
    return date.fromisoformat(digits if "-" in digits else digits[:8]).isoformat()


READERS: dict[str, Callable[[Any], Any]] = {
    "as_is": lambda value: value.strip() if isinstance(value, str) else value,
    "text": text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
"""What an attribute may be read as. `as_is` keeps the file's own type."""
