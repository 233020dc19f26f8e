"""A mapping as TOML text, as config/mappings/ has them: what `import layer --mapping FILE` takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from config.errors import InvalidInput

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(mapping: Mapping[str, Any], heading: str = "") -> str:
    """The mapping's text; reading it (tomllib) gives the mapping again. Raises InvalidInput for a value that TOML cannot hold."""
    lines = [f"# {line}".rstrip() for line in heading.splitlines()]
    lines += [""] if lines else []
    lines += [f"{_key(name)} = {_value(value)}" for name, value in mapping.items() if not _is_table(value)]
    for name, value in mapping.items():
        if not _is_table(value):
            continue
        if value and all(isinstance(entry, Mapping) for entry in value.values()) and name == "look_up":
            for part, entry in value.items():
                lines += ["", f"[{_key(name)}.{_key(part)}]", *_lines(entry)]
        else:
            lines += ["", f"[{_key(name)}]", *_lines(value)]
    return "\n".join(lines).strip("\n") + "\n"


def _lines(table: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in table.items()]


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(words: str) -> str:
    """JSON's writing of a text is TOML's too, but for the character 127 and halves of characters."""
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in words):
        raise InvalidInput("The mapping holds a text that cannot be written.", "Remove its damaged characters.")
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and value - value == 0:
        written = repr(value)
        return written if "e" not in written or "." in written else written.replace("e", ".0e")
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }" if value else "{}"
    raise InvalidInput("The mapping holds a value that cannot be written: {value}.", value=value)
