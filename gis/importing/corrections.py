"""Refused rows as a file to correct, and what importing the corrected file means for the run that refused them (C3).

The file carries the row's number, the reason, every original column, and the shape as it came, in the coordinate system that was
stated for the run. The number ties a corrected row to the refused one.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.i18n import _
from gis.exporting.cells import as_it_was, harmless, is_number
from gis.importing import run_list, steps

ROW, REASON, DETAIL, SHAPE = "#row", "#reason", "#detail", "geometry"
"""Columns that the file has beside the owner's own."""


def as_csv(rejects: Sequence[Mapping[str, Any]]) -> str:
    """UTF-8 text with a byte-order mark, so that spreadsheets read Chinese; what would run as a formula is quoted."""
    columns = _columns(rejects)
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([ROW, REASON, DETAIL, *columns])
    for reject in rejects:
        cells = [_cell(reject["raw"].get(name)) for name in columns]
        writer.writerow([reject["row"], reject["reason"], reject["detail"], *cells])
    return out.getvalue()


def as_geojson(rejects: Sequence[Mapping[str, Any]]) -> str:
    """The same with shapes where they can be drawn, numbers as they came."""
    features = []
    for reject in rejects:
        raw = dict(reject["raw"])
        shape = shapely.from_wkt(raw.pop(SHAPE, None) or None, on_invalid="ignore")
        properties = {ROW: reject["row"], REASON: reject["reason"], DETAIL: reject["detail"], **raw}
        drawn = json.loads(shapely.to_geojson(shape)) if shape is not None else None
        features.append({"type": "Feature", "geometry": drawn, "properties": properties})
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def how_to_mend(kind: str) -> str:
    """How refused rows of a run of this kind get in after all."""
    return {
        "layer": _("Download the rows as CSV, correct them, leave #row alone, and hand them in here."),
        "areas": _(
            "Correct the areas in the file itself (the list names each with what is wrong), and import it again."
        ),
        "osm": _(
            "These objects are corrected in OpenStreetMap: the list has each one's number (n node, w way, r relation). "
            "Import a newer extract afterwards; what did not change stays as it is."
        ),
        "gtfs": _(
            "Its operator corrects the feed: the list names file, line and column. Import the corrected feed again."
        ),
        "epanet": _("Correct the model in EPANET and import its file again."),
        "swmm": _("Correct the model in SWMM and import its file again."),
        "standards": _("Correct the table and import it again."),
        "divisions": _("Correct the list and import it again; codes that stand already are left as they are."),
    }.get(kind, "")


def replay_mapping(db: Connection, run_id: int) -> dict[str, Any]:
    """The mapping for a corrected CSV of a run's refused rows. Raises InvalidInput for a run that has no such rows to mend."""
    run = steps.get(db, run_id)
    if run.kind != "layer":
        raise InvalidInput(
            "Rows of a run of kind {kind} are corrected at their source.",
            "Correct the file itself and import it again.",
            kind=run.kind,
        )
    mapping: dict[str, Any] = {name: value for name, value in run.mapping.items() if name not in ("layer", "encoding")}
    place = mapping.get("geometry", {})
    if "x" not in place and "wkt" not in place:
        mapping["geometry"] = {"wkt": SHAPE} | ({"shape": place["shape"]} if "shape" in place else {})
    system = mapping.get("system") or run.counts.get("system")
    return mapping | ({"system": system} if system else {})


def as_typed(db: Connection, run_id: int, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a corrected file with the types that the refused ones had: a CSV knows texts only."""
    before = {reject["row"]: reject["raw"] for reject in run_list.rejects(db, run_id)}
    return [_like(row, before.get(str(row.get(ROW) or ""), {})) for row in rows]


def _like(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """A cell that was left alone is the value it was; one that was changed is a number where it stood for one. Pure."""
    typed = {}
    for name, value in row.items():
        old = before.get(name)
        if value == _cell(old):
            typed[name] = old
        elif (
            isinstance(value, str) and isinstance(old, (int, float)) and not isinstance(old, bool) and is_number(value)
        ):
            typed[name] = float(value) if isinstance(old, float) or "." in value else int(float(value))
        else:
            typed[name] = as_it_was(value) if isinstance(value, str) else value
    return typed


def mended(db: Connection, run_id: int, taken: Iterable[str]) -> int:
    """Mark refused rows whose corrected row was taken; returns how many rows."""
    statement = text(
        "update gis.import_reject set replayed_at = gis.now()"
        " where run_id = :run and row = any(:rows) and replayed_at is null"
    )
    return db.execute(statement, {"run": run_id, "rows": list(taken)}).rowcount


def taken_before(db: Connection, run_id: int, reasons: Sequence[str]) -> frozenset[str]:
    """Rows that were taken and only remarked upon: correcting one changes the asset that stands."""
    return frozenset(row["row"] for row in run_list.rejects(db, run_id) if row["reason"] in reasons)


def _columns(rejects: Sequence[Mapping[str, Any]]) -> list[str]:
    names = dict.fromkeys(name for reject in rejects for name in reject["raw"])
    return [name for name in names if name != SHAPE] + [name for name in names if name == SHAPE]


def _cell(value: Any) -> str:
    """A value as a cell. A text that a spreadsheet would run as a formula gets an apostrophe, as spreadsheets write it."""
    if value is None:
        return ""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    return str(harmless(value))
