"""Bodies that come as JSON, or as multipart with one JSON field and photos beside it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from config.errors import InvalidInput
from config.settings import MEGABYTE, Settings
from dispatch.evidence import StoredFile, keep

JSON_LIMIT = 1 * MEGABYTE


@dataclass(frozen=True)
class Body:
    """The JSON object and the files that came with it."""

    content: dict[str, Any]
    files: list[UploadFile] = field(default_factory=list)


def read_body(name: str) -> Any:
    """Dependency: the JSON object of the request, from its body or from the multipart field `name`, with `photos`.

    Raises InvalidInput for a body that is too large, of unknown length, of another type, or not a JSON object.
    """

    async def read(request: Request) -> Body:
        settings: Settings = request.app.state.settings
        multipart = request.headers.get("content-type", "").startswith("multipart/form-data")
        _check_length(
            request, JSON_LIMIT + (settings.photos_per_report * settings.photo_limit_bytes if multipart else 0)
        )
        if not multipart:
            return Body(_object(await request.body()))
        form = await request.form(max_files=settings.photos_per_report, max_fields=4)
        files = [entry for entry in form.getlist("photos") if isinstance(entry, UploadFile)]
        content = form.get(name)
        if not isinstance(content, str):
            raise InvalidInput("The form has no field '{field}' with JSON text.", field=name)
        return Body(_object(content.encode()), files)

    reader: Callable[[Request], Awaitable[Body]] = read
    return Depends(reader)


def store_photos(files: list[UploadFile], settings: Settings) -> list[StoredFile]:
    """Make every photo durable under its hash. Raises InvalidInput for the first that cannot be used."""
    return [
        keep(settings.evidence_directory, file.file, file.filename or "photo", settings.photo_limit_bytes)
        for file in files
    ]


def _check_length(request: Request, limit: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise InvalidInput("The request does not say how long it is.", "Send it with a Content-Length.")
    if int(length) > limit:
        raise InvalidInput(
            "The request is larger than {limit} MB.", "Send fewer or smaller photos.", limit=limit // MEGABYTE
        )


def _object(text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request is not valid JSON.") from error
    if not isinstance(content, dict):
        raise InvalidInput("The request must be a JSON object.")
    return content
