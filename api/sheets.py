"""Lists as files: CSV that spreadsheets read as UTF-8, and GeoJSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from gis.exporting.cells import harmless


def table(name: str, rows: Sequence[Mapping[str, Any]]) -> Response:
    """Rows as `name`.csv; a text that would be a formula in a spreadsheet is kept a text."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows({key: harmless(value) for key, value in row.items()} for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def features(name: str, found: Iterable[tuple[Mapping[str, Any] | None, Mapping[str, Any]]]) -> Response:
    """Geometries with their properties as `name`.geojson."""
    rows = [{"type": "Feature", "geometry": geometry, "properties": facts} for geometry, facts in found]
    headers = {"Content-Disposition": f'attachment; filename="{name}.geojson"'}
    content = jsonable_encoder({"type": "FeatureCollection", "features": rows})
    return JSONResponse(content, headers=headers, media_type="application/geo+json")


def spot(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The point of a row with `lon` and `lat` (WGS 84) as GeoJSON; None without them."""
    return None if row["lon"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
