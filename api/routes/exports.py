"""Taking data out: a selection of assets as one file, and the list of what was taken (C3)."""

from __future__ import annotations

import shutil
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.auth import Call, permit
from gis.catalogue import data_sets
from gis.exporting.assets import export_assets
from gis.exporting.selection import Selection

router = APIRouter()

Word = Annotated[str, Query(max_length=60)]
Words = Annotated[list[str], Query(max_length=50)]


@router.get("/api/exports/assets")
def assets_as_a_file(
    call: Annotated[Call, permit("export.take")],
    kind: Words = [],  # noqa: B006 - FastAPI copies it
    source: Words = [],  # noqa: B006
    area: Word = "",
    shape: Annotated[str, Query(max_length=100_000)] = "",
    file_format: Annotated[str, Query(alias="format", max_length=10)] = "gpkg",
    system: Word = "wgs84",
) -> FileResponse:
    """The selected assets; what the reader may not see is left out. Who took what is written down."""
    hidden = data_sets.hidden_from(call.db, call.caller.posts)
    chosen = Selection(tuple(kind), tuple(source), area, shape, hidden=hidden)
    made = export_assets(call.db, chosen, file_format, system, call.settings.var / "exports")
    data_sets.note_export(call.db, call.caller.account_id, chosen, file_format, made)
    return FileResponse(
        made.path,
        media_type=made.media_type,
        filename=f"{made.path.stem}-{call.now:%Y%m%d}{made.path.suffix}",
        headers={"Cache-Control": "no-store", "Digest": f"sha-256={made.sha256}"},
        background=BackgroundTask(shutil.rmtree, made.path.parent, ignore_errors=True),
    )
