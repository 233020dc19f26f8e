"""Mappings made in the browser: a handed-in layer looked at, its systems drawn, its rows tried out, the mapping kept and taken out (C3)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import uploads
from api.auth import Call, permit
from config import i18n
from config.errors import InvalidInput, NotFound
from config.i18n import _
from gis import frames
from gis.importing import layer_rules, mappings
from gis.mapping import candidates, form, looking, suggesting, trying, writing

router = APIRouter(prefix="/api/mappings")

Token = Annotated[str, Field(max_length=60)]
Name = Annotated[str, InPath(min_length=1, max_length=80, pattern=r"^[^/\\]*$")]
Short = Annotated[str, Field(max_length=200)]
Run = Annotated[Call, permit("import.run")]


class LookIn(BaseModel):
    """Which handed-in file to look at; layer, encoding and kind where they are chosen already."""

    model_config = ConfigDict(extra="forbid")
    file: Token
    layer: Short = ""
    encoding: Annotated[str, Field(max_length=40)] = ""
    kind: Annotated[str, Field(max_length=64)] = ""


class TryIn(BaseModel):
    """A handed-in file and the mapping to read it by. `also` is a system that the steward names."""

    model_config = ConfigDict(extra="forbid")
    file: Token
    mapping: dict[str, Any]
    also: Short = ""


class MappingIn(BaseModel):
    """A mapping as its page holds it: the parts that config/mappings/ has."""

    model_config = ConfigDict(extra="forbid")
    mapping: dict[str, Any]


@router.get("")
def all_mappings(call: Run) -> JSONResponse:
    """Every mapping with its kind of import, who saved it and when; those of layers can be changed on the page."""
    return JSONResponse(jsonable_encoder([_told(entry) for entry in mappings.described(call.db)]))


@router.post("/look")
def look(call: Run, wanted: LookIn) -> JSONResponse:
    """What a handed-in layer holds by its first 1,000 rows: layers, columns, shapes, encoding; the kind it seems to be, and a mapping."""
    path = uploads.opened(call.settings, wanted.file)
    found = looking.look(path, wanted.layer, wanted.encoding)
    name = Path(uploads.find(call.settings, wanted.file).name).stem
    called = f"{found.layer} {name}" if len(found.layers) > 1 else name
    kind = wanted.kind or suggesting.kind(called, found.columns)
    return JSONResponse(found.told() | {"kind": kind, "mapping": found.mapping(kind, name)})


@router.post("/candidates")
def systems(call: Run, wanted: TryIn) -> JSONResponse:
    """Coordinate systems that the numbers may be in, the likeliest first, each with shapes for the map. None of them is chosen."""
    mapping = form.layer_mapping(wanted.mapping)
    as_it_stands = {name: value for name, value in mapping.items() if name != "system"}
    as_it_stands["geometry"] = {name: value for name, value in mapping.get("geometry", {}).items() if name != "swapped"}
    with i18n.use(call.locale), frames.using(frames.of(call.settings.local_frame)):
        table = looking.rows_by(uploads.opened(call.settings, wanted.file), as_it_stands)
        also = [wanted.also] if wanted.also else []
        found, problem = candidates.find(call.db, table.shapes, table.stated, also)
        told = [
            {
                "system": each.system,
                "name": each.name,
                "swapped": each.swapped,
                "stated": each.stated,
                "inside": each.inside,
                "street_m": each.street_m,
                "features": trying.collection(each.shapes),
            }
            for each in found
        ]
    return JSONResponse({"candidates": told, "problem": problem})


@router.post("/try")
def try_out(call: Run, wanted: TryIn) -> JSONResponse:
    """The first rows as the register would hold them, each refused one with its reason; nothing is stored."""
    mapping = form.layer_mapping(wanted.mapping)
    with i18n.use(call.locale), frames.using(frames.of(call.settings.local_frame)):
        tried = trying.rows(call.db, uploads.opened(call.settings, wanted.file), mapping)
    return JSONResponse(jsonable_encoder(tried))


@router.post("/file")
def as_file(_call: Run, wanted: MappingIn, name: Annotated[str, Query(max_length=80)] = "mapping") -> Response:
    """The mapping of the page as the TOML file that `import layer --mapping FILE` takes."""
    return _file(writing.toml_of(form.layer_mapping(wanted.mapping)), name)


@router.get("/{name}")
def one_mapping(call: Run, name: Name) -> JSONResponse:
    """One mapping: its text, and its parts where it is a layer's. Raises NotFound."""
    return JSONResponse(jsonable_encoder(_told(_entry(call, name), with_parts=True)))


@router.get("/{name}/file")
def one_file(call: Run, name: Name) -> Response:
    """One mapping as a TOML file."""
    return _file(str(_entry(call, name)["content"]), name)


@router.put("/{name}")
def save(call: Run, name: Name, wanted: MappingIn) -> JSONResponse:
    """Keep the mapping under a name, in place of the one made here that had it. Raises InvalidInput for one that no import can use."""
    mapping = form.layer_mapping(wanted.mapping)
    layer_rules.read_rules(mapping)
    if not mapping.get("system"):
        raise InvalidInput(
            "The mapping states no coordinate system.", "Choose the one in which its shapes lie on their streets."
        )
    said = _("Made in the browser by {who}.").format(who=call.caller.name)
    mappings.save(call.db, name, writing.toml_of(mapping, said), call.caller.account_id)
    return JSONResponse(jsonable_encoder(_told(_entry(call, name), with_parts=True)))


@router.delete("/{name}")
def forget(call: Run, name: Name) -> JSONResponse:
    """Remove a mapping made in the browser; those that come with the system stay. Raises NotFound."""
    if not mappings.forget(call.db, name):
        raise NotFound("There is no mapping '{name}' that was made here.", name=name)
    return JSONResponse({"name": name})


def _entry(call: Call, name: str) -> dict[str, Any]:
    found = next((entry for entry in mappings.described(call.db) if entry["name"] == name), None)
    if found is None:
        raise NotFound("There is no mapping '{name}'.", "Look at the list of mappings.", name=name)
    return found


def _told(entry: dict[str, Any], with_parts: bool = False) -> dict[str, Any]:
    parts = mappings.parse(entry["content"], entry["name"])
    told = {name: value for name, value in entry.items() if name != "content" or with_parts}
    of_a_layer = form.is_of_a_layer(parts)
    told |= {"of_a_layer": of_a_layer, "kind": parts.get("kind", "") if of_a_layer else ""}
    return told | ({"mapping": parts} if with_parts and of_a_layer else {})


def _file(content: str, name: str) -> Response:
    plain = re.sub(r'[\s"%;]+', "-", name)
    called = f'filename="{plain}.toml"' if plain.isascii() else f"filename*=UTF-8''{quote(plain)}.toml"
    headers = {"Content-Disposition": f"attachment; {called}"}
    return Response(content, media_type="application/toml; charset=utf-8", headers=headers)
