"""The form of a layer's mapping as it comes from outside: every part of the right type, or a sentence naming the part. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from config.errors import InvalidInput
from gis.importing import layer_rules

Words = Annotated[str, msgspec.Meta(max_length=2000)]
Scalar = Words | int | float | bool


class Geometry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """[geometry]: where the coordinates stand (gis/importing/vector_files.py)."""

    x: Words | None = None
    y: Words | None = None
    wkt: Words | None = None
    coordinates: Words | None = None
    fields: Words | None = None
    pairs: Words | None = None
    leading: list[Words] | None = None
    shape: Literal["point", "line", "polygon"] | None = None
    swapped: bool | None = None


class Attribute(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One attribute with more than a column (gis/importing/attribute_rules.py)."""

    column: Words | None = None
    type: Literal["as_is", "text", "integer", "number", "boolean", "date"] | None = None
    values: dict[Words, Scalar] | None = None
    default: Scalar | None = None
    factor: float | None = None


class LookUp(msgspec.Struct, forbid_unknown_fields=True):
    """A table of values."""

    column: Words
    values: dict[Words, Scalar]


class LayerMapping(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The whole mapping of a layer; what is missing may still come."""

    source: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    attribution: Words | None = None
    system: Words | None = None
    layer: Words | None = None
    encoding: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    decimal: Literal[".", ","] | None = None
    reference: Words | list[Words] | None = None
    kind: Words | None = None
    class_code: Words | None = None
    name: Words | None = None
    name_en: Words | None = None
    geometry: Geometry | None = None
    look_up: dict[Words, LookUp] | None = None
    select: dict[Words, list[Scalar]] | None = None
    unknown: dict[Words, list[Scalar]] | None = None
    attributes: dict[Words, Words | Attribute] | None = None


def layer_mapping(given: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping, in the order of its form and without what is empty. Raises InvalidInput naming the part that is not understood."""
    try:
        read = msgspec.convert(given, LayerMapping)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            "The mapping is not understood: {problem}.",
            "It may have {known}.",
            problem=error,
            known=", ".join(sorted(layer_rules.KEYS)),
        ) from error
    made: dict[str, Any] = msgspec.to_builtins(read)
    return {name: value for name, value in made.items() if value not in ("", {}, [])}


def is_of_a_layer(mapping: Mapping[str, Any]) -> bool:
    """Whether `import layer` can work by it: mappings of areas, standards and reports have other parts."""
    try:
        layer_mapping(mapping)
    except InvalidInput:
        return False
    return bool(mapping.get("kind") and mapping.get("reference"))
