"""The catalogue of data sets: see it, describe one (C3)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from api.auth import Call, permit
from config.permissions import POSTS
from gis.catalogue import data_sets
from gis.catalogue.data_sets import Description, Listed
from gis.catalogue.rhythm import RHYTHMS
from gis.exporting.formats import FORMATS

router = APIRouter()

Text = Annotated[str, Field(max_length=400)]


class DescriptionBody(BaseModel):
    """What a steward says of a data set, over the version that was on the screen (0: none yet)."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=0, le=2**31 - 1)]
    name: Text
    name_en: Text = ""
    classification: Annotated[str, Field(max_length=40)] = "internal"
    owner: Annotated[str, Field(max_length=60)] = ""
    contact: Text = ""
    rhythm: Annotated[str, Field(max_length=20)] = "none"
    visible_to: Annotated[tuple[str, ...], Field(max_length=40)] = ()
    note: Annotated[str, Field(max_length=4000)] = ""


@router.get("/api/data-sets")
def catalogue(call: Annotated[Call, permit("catalogue.see")]) -> JSONResponse:
    """Every data set with owner, last run, freshness and quality; and the choices for describing one."""
    hidden = data_sets.hidden_from(call.db, call.caller.posts)
    items = [
        _shown(each, call.locale) for each in data_sets.listed(call.db, call.now) if each.facts["source"] not in hidden
    ]
    units = call.db.execute(text("select code, name, name_en from gis.unit where active order by code")).mappings()
    english = call.locale == "en"
    body = {
        "items": items,
        "rhythms": RHYTHMS,
        "formats": list(FORMATS),
        "posts": {post: names[english] for post, names in POSTS.items()},
        "units": {row["code"]: (english and row["name_en"]) or row["name"] for row in units},
        "may": {"keep": call.caller.may("catalogue.keep"), "export": call.caller.may("export.take")},
    }
    return JSONResponse(jsonable_encoder(body), headers={"Cache-Control": "no-store"})


@router.put("/api/data-sets/{source:path}")
def describe(
    source: Annotated[str, Path(max_length=200)],
    body: DescriptionBody,
    call: Annotated[Call, permit("catalogue.keep")],
) -> dict[str, int]:
    """Describe a data set; answers its new version."""
    said = Description(**body.model_dump(exclude={"version"}))
    return {"version": data_sets.describe(call.db, source, said, body.version, call.caller.account_id)}


def _shown(each: Listed, locale: str) -> dict[str, Any]:
    facts = dict(each.facts)
    english = locale == "en"
    owner = (english and facts["owner_name_en"]) or facts["owner_name"]
    return facts | {"owner_name": owner, "due_at": each.due_at, "freshness": each.freshness, "quality": each.quality}
