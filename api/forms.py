"""Bodies that come as JSON, or as multipart with one JSON field and photos beside it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from config.errors import InvalidInput
from config.settings import Settings
from dispatch.evidence import Limits, StoredFile, keep


@dataclass(frozen=True)
class Body:
    """The JSON object and the files that came with it."""

    content: dict[str, Any]
    files: list[UploadFile] = field(default_factory=list)


def read_body(name: str) -> Any:
    """Dependency: the JSON object of the request, from its body or from the multipart field `name`, with `photos`.

    Raises InvalidInput for a body that is not a JSON object. How long it may be, the middleware has checked.
    """

    async def read(request: Request) -> Body:
        settings: Settings = request.app.state.settings
        multipart = request.headers.get("content-type", "").lower().startswith("multipart/form-data")
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
    return _stored(files, settings, Limits(settings.photo_limit_bytes))


def store_evidence(files: list[UploadFile], settings: Settings) -> list[StoredFile]:
    """The same for photos, films and voice notes. Raises InvalidInput, also for too many films."""
    limits = Limits(settings.photo_limit_bytes, settings.film_limit_bytes, settings.sound_limit_bytes)
    stored = _stored(files, settings, limits)
    if sum(file.media_type.startswith("video/") for file in stored) > settings.films_per_report:
        raise InvalidInput(
            "More than {count} videos came with it.",
            "Send the others with a further report.",
            count=settings.films_per_report,
        )
    return stored


def _stored(files: list[UploadFile], settings: Settings, limits: Limits) -> list[StoredFile]:
    return [
        keep(settings.evidence_directory, file.file, (file.filename or "photo").replace("\0", "")[:200], limits)
        for file in files
    ]


def _object(text: bytes) -> dict[str, Any]:
    if b"\0" in text or rb"\u0000" in text:
        raise InvalidInput("The request contains a character that cannot be used.")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request is not valid JSON.") from error
    if not isinstance(content, dict):
        raise InvalidInput("The request must be a JSON object.")
    return content
