"""Imports in steps through HTTP: hand in a file, preview, look at the difference, apply, discard, undo, fetch refused rows (C3)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import import_jobs, uploads
from api.auth import Call, permit
from api.import_work import Task
from api.routes.map import packed
from api.values import Id
from config import i18n
from config.errors import CityCommandError, InvalidInput
from config.kinds import kinds
from gis import frames
from gis.area_plan import LEVEL_NAMES
from gis.importing import corrections, difference, kept_files, mappings, notes, run_list, steps, systems, undo
from gis.importing.steps import STATES
from gis.mapping import candidates

router = APIRouter()

Kind = Literal["osm", "areas", "layer", "gtfs", "epanet", "swmm", "standards", "divisions"]
Token = Annotated[str, Field(max_length=60)]
NEED_MAPPING = ("areas", "layer", "standards")
MOST_FILES = 20
MODELS = ("epanet", "swmm")


class ImportIn(BaseModel):
    """What to do with a file that was handed in. `mapping` is the name of one; a replay has that of its run.

    `more` are further files of an official list, whose levels may lie in files of their own.
    `system` and `source` are for hydraulic models, `name` and `grids` for a city, `grids` for areas, `feed` for a timetable.
    """

    model_config = ConfigDict(extra="forbid")
    file: Token
    more: Annotated[list[Token], Field(max_length=MOST_FILES)] = []
    kind: Kind
    mapping: str = Field(default="", max_length=80, pattern=r"^[^/\\]*$")
    name: str = Field(default="", max_length=80)
    feed: str = Field(default="", max_length=80)
    system: str = Field(default="", max_length=80)
    source: str = Field(default="", max_length=80)
    grids: Literal["", "streets", "lattice"] = ""
    replays: Id | None = None


class UndoIn(BaseModel):
    """How to undo: with `keep_later`, what was changed since stays as it is."""

    model_config = ConfigDict(extra="forbid")
    keep_later: bool = False


@router.post("/api/imports/files", status_code=201)
async def hand_in(
    request: Request,
    call: Annotated[Call, permit("import.run")],
    name: Annotated[str, Query(min_length=1, max_length=200)],
) -> JSONResponse:
    """Take a file: the body as it is (application/octet-stream). It waits a day for what is to be done with it."""
    token, path = await uploads.receive(request, call.settings, name)
    return JSONResponse({"file": token, "name": path.name, "bytes": path.stat().st_size}, 201)


@router.post("/api/imports", status_code=202)
def begin(call: Annotated[Call, permit("import.run")], wanted: ImportIn) -> JSONResponse:
    """Open a run and preview it beside the server; the answer is its number, `GET` tells how far it is."""
    paths = _files(call, wanted)
    mapping = _mapping(call, wanted)
    with frames.using(frames.of(call.settings.local_frame)):
        options = _options(wanted, mapping)
    task = Task(wanted.kind, paths, mapping, options, wanted.replays)
    run_id = steps.open_run(
        call.db,
        task.kind,
        task.files,
        mapping=task.mapping,
        options=task.options,
        account_id=call.caller.account_id,
        replays=task.replays,
    )
    kept_files.keep(call.settings.imports_directory, run_id, task.files)
    for token in (wanted.file, *wanted.more):
        uploads.forget(call.settings, token)
    call.db.commit()
    import_jobs.start(call.settings, run_id, "preview")
    return JSONResponse({"id": run_id}, 202)


@router.get("/api/imports")
def runs(call: Annotated[Call, permit("import.run")], before: Id | None = None) -> JSONResponse:
    """The newest runs with their figures, 50 at a time, the mappings there are, and coordinate systems that are usual here."""
    steps.settle_interrupted(call.db)
    found = [_told(call, run) for run in run_list.runs(call.db, before=before)]
    told = {"runs": found, "mappings": mappings.names(call.db), "systems": candidates.usual(call.db)}
    return JSONResponse(jsonable_encoder(told))


@router.get("/api/imports/{run_id}")
def run(call: Annotated[Call, permit("import.run")], run_id: Id) -> JSONResponse:
    """One run: state, figures, progress while it works, reasons of refused rows, what can be done with it."""
    steps.settle_interrupted(call.db)
    return JSONResponse(jsonable_encoder(_told(call, run_list.run(call.db, run_id))))


@router.get("/api/imports/{run_id}/changes")
def changes(
    call: Annotated[Call, permit("import.run")],
    run_id: Id,
    change: Literal["", "added", "changed", "removed", "absent"] = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> JSONResponse:
    """Rows of the difference, 100 at a time, field by field."""
    steps.get(call.db, run_id)
    found = [
        row | {"kind_name": _kind_name(call, row["kind"])} for row in difference.rows(call.db, run_id, change, offset)
    ]
    return JSONResponse(jsonable_encoder(found))


@router.get("/api/imports/{run_id}/changes.geojson")
def changes_on_the_map(request: Request, call: Annotated[Call, permit("import.run")], run_id: Id) -> Response:
    """The difference for the map, WGS 84; at most 20,000 shapes."""
    steps.get(call.db, run_id)
    return packed(request, difference.features(call.db, run_id))


@router.get("/api/imports/{run_id}/rejects.{form}")
def rejects(call: Annotated[Call, permit("import.run")], run_id: Id, form: Literal["csv", "geojson"]) -> Response:
    """Refused rows as a file to correct: reason, original columns, shape as it came."""
    steps.get(call.db, run_id)
    found = run_list.rejects(call.db, run_id)
    body, kind = (
        (corrections.as_csv(found), "text/csv; charset=utf-8")
        if form == "csv"
        else (corrections.as_geojson(found), "application/geo+json")
    )
    headers = {"Content-Disposition": f'attachment; filename="run-{run_id}-rejects.{form}"'}
    return Response(body, media_type=kind, headers=headers)


@router.post("/api/imports/{run_id}/apply", status_code=202)
def apply(call: Annotated[Call, permit("import.run")], run_id: Id) -> JSONResponse:
    """Apply a previewed run beside the server; its state tells when it is done, its `problem` why it was not."""
    steps.must(steps.get(call.db, run_id), "applied")
    steps.forget_problem(call.db, run_id)
    call.db.commit()
    import_jobs.start(call.settings, run_id, "apply")
    return JSONResponse({"id": run_id}, 202)


@router.post("/api/imports/{run_id}/discard")
def discard(call: Annotated[Call, permit("import.run")], run_id: Id) -> JSONResponse:
    """Leave a previewed run."""
    steps.discard(call.db, run_id)
    kept_files.drop(call.settings.imports_directory, run_id)
    return JSONResponse({"id": run_id})


@router.post("/api/imports/{run_id}/undo")
def undo_run(call: Annotated[Call, permit("import.run")], run_id: Id, how: UndoIn) -> JSONResponse:
    """Take an applied run back as a whole."""
    outcome = undo.undo(call.db, run_id, keep_later=how.keep_later, account_id=call.caller.account_id)
    return JSONResponse(jsonable_encoder({"id": outcome.run_id, **outcome.counts}))


def _files(call: Call, wanted: ImportIn) -> list[Path]:
    """The files that were handed in. Raises InvalidInput for several where one is wanted, and for two of one name."""
    paths = [uploads.find(call.settings, token) for token in (wanted.file, *wanted.more)]
    if len(paths) > 1 and wanted.kind != "divisions":
        raise InvalidInput("This kind of import takes one file.", "Hand in the others one by one.", field="more")
    if len({path.name for path in paths}) < len(paths):
        raise InvalidInput(
            "Two of the files have one name.", "Name them differently, and hand them in again.", field="more"
        )
    return paths


def _mapping(call: Call, wanted: ImportIn) -> Any:
    if wanted.replays is not None:
        return corrections.replay_mapping(call.db, wanted.replays)
    if not wanted.mapping and wanted.kind in NEED_MAPPING:
        raise InvalidInput("This kind of import needs a mapping.", "Choose one, or make one from the file.")
    if wanted.kind in ("gtfs", "divisions") or (wanted.kind in MODELS and not wanted.mapping):
        return None
    name = wanted.mapping or wanted.kind
    parts = mappings.load_named(call.db, name)
    mappings.must_fit(wanted.kind, parts, name)
    return parts


def _options(wanted: ImportIn, mapping: Mapping[str, Any] | None) -> dict[str, str]:
    if wanted.kind in MODELS:
        _system_must_be_stated(wanted, mapping)
        return {name: value for name, value in (("system", wanted.system), ("source", wanted.source)) if value}
    options = {"name": wanted.name, "feed": wanted.feed, "grids": wanted.grids}
    return {name: value for name, value in options.items() if value}


def _kind_name(call: Call, code: str) -> str:
    """What a kind of asset, or a level of areas, is called; one that only a mapping knows says its own word."""
    kind = kinds().get(code)
    return kind.title(call.locale) if kind else i18n.gettext(call.locale)(LEVEL_NAMES.get(code, code))


def _system_must_be_stated(wanted: ImportIn, mapping: Mapping[str, Any] | None) -> None:
    stated = wanted.system or (mapping or {}).get("system")
    if not stated:
        raise InvalidInput(
            "A model's file states no coordinate system.", "Ask its owner, and state it: EPSG:4547, cgcs2000, wgs84 …"
        )
    systems.system_of(str(stated))


def _told(call: Call, run: dict[str, Any]) -> dict[str, Any]:
    """The run with its state, its kind and its problem in the caller's language, and how refused rows get in after all."""
    say = i18n.gettext(call.locale)
    told = run | {
        "state_name": STATES[run["state"]][call.locale == "en"],
        "kind_name": say(run_list.KIND_NAMES.get(run["kind"], run["kind"])),
        "mend": say(corrections.how_to_mend(run["kind"])),
    }
    told["counts"] = run["counts"] | {"notes": notes.said(run["counts"].get("notes", []), say)}
    if run["problem"]:
        what, next_step = CityCommandError.from_kept(run["problem"]).said(say)
        told["problem"] = {"message": what, "next_step": next_step}
    return told
