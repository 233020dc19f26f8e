"""Tickets as the other hotline sends them: JSON or CSV, version 1 of docs/guide/exchange-12345.md; each taken or refused by itself."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from api.malformed import unusable
from api.routes.calls import Kind
from api.routes.reports import PositionIn
from config.errors import CityCommandError, InvalidInput
from config.settings import Settings
from dispatch.calls import callers
from dispatch.evidence import StoredFile, keep
from dispatch.exchange import receiving
from dispatch.exchange.partners import Partner
from dispatch.exchange.receiving import NewTicket, Taken
from gis import clock
from gis.exporting.cells import as_it_was
from gis.vault import KeyRing

CSV_COLUMNS = (
    "version", "number", "kind", "content", "happened_at", "caller_name", "caller_number", "confidential", "call_back",
    "place", "lon", "lat", "system", "class_code", "limit_at",
)  # fmt: skip
MOST_AT_ONCE = 500


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class TicketCallerIn(_Strict):
    """Who called the other hotline."""

    name: str = Field(default="", max_length=80)
    number: str = Field(default="", max_length=40)


class AttachmentIn(_Strict):
    """A photo, base64."""

    name: str = Field(default="photo", max_length=200)
    content: str


class TicketIn(_Strict):
    """One ticket of the contract."""

    version: Literal["1"]
    number: str = Field(min_length=1, max_length=64, pattern=r"^[\w.\-/]+$")
    kind: Kind = "complaint"
    content: str = Field(min_length=1, max_length=4000)
    happened_at: AwareDatetime
    caller: TicketCallerIn = TicketCallerIn()
    confidential: bool = False
    call_back: bool = False
    place: str = Field(default="", max_length=300)
    position: PositionIn | None = None
    class_code: str | None = Field(default=None, max_length=20)
    limit_at: AwareDatetime | None = None
    attachments: list[AttachmentIn] = Field(default=[], max_length=6)

    def ticket(self) -> NewTicket:
        """The same as the dispatch room knows it. Raises InvalidInput for a number that is none."""
        return NewTicket(
            number=self.number,
            kind=self.kind,
            content=self.content,
            happened_at=self.happened_at,
            caller=callers.caller(self.caller.name, self.caller.number),
            confidential=self.confidential,
            call_back=self.call_back,
            place=self.place,
            position=self.position.position() if self.position else None,
            class_code=self.class_code or None,
            limit_at=self.limit_at,
        )


def of_json(content: bytes) -> list[dict[str, Any]]:
    """The tickets in a JSON body: one object, or a list. Raises InvalidInput."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The request is not valid JSON.") from error
    tickets = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in tickets):
        raise InvalidInput("Tickets are JSON objects.", "Send one object, or a list of objects.")
    return _few(tickets)


def of_csv(content: bytes) -> list[dict[str, Any]]:
    """The tickets in a CSV body (UTF-8, header line). Raises InvalidInput."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("The file is no CSV in UTF-8.", "Save it as CSV UTF-8 and send it again.") from error
    strange = {name for row in rows for name in row if name not in CSV_COLUMNS}
    if strange:
        raise InvalidInput(
            "There is no column '{column}'.",
            "Columns are: {columns}.",
            column=str(sorted(map(str, strange))[0]),
            columns=", ".join(CSV_COLUMNS),
        )
    return _few([_of_row(row) for row in rows])


def take(
    db: Connection,
    settings: Settings,
    keys: KeyRing,
    partner: Partner,
    tickets: list[dict[str, Any]],
    trace_id: str,
) -> Iterator[dict[str, Any]]:
    """Take each ticket by itself; one that cannot be used is kept with its reason and disturbs no other."""
    for raw in tickets:
        number = str(raw.get("number", ""))[:64] or "?"
        payload = json.dumps(raw, ensure_ascii=False, sort_keys=True)
        try:
            with db.begin_nested():
                taken = take_one(db, settings, keys, partner, raw, payload, trace_id)
        except CityCommandError as problem:
            refusal = receiving.keep_refused(db, keys, partner, number, payload, problem)
            yield {"number": number, "result": "refused", "refusal": refusal, "problem": problem}
        else:
            result = "accepted" if taken.new else "known"
            yield {"number": number, "result": result, "case": taken.case_number, "ticket_id": taken.ticket_id}


def take_one(
    db: Connection,
    settings: Settings,
    keys: KeyRing,
    partner: Partner,
    raw: dict[str, Any],
    payload: str,
    trace_id: str,
) -> Taken:
    """Read and take one ticket. Raises CityCommandError; what it says holds nothing of the caller."""
    try:
        read = TicketIn.model_validate(raw)
        new = read.ticket()
    except ValidationError as error:
        found = [one for one in error.errors() if one["loc"][:1] == ("caller",)]
        raise _caller_unusable() if found else unusable(error.errors(), str) from error
    except InvalidInput as error:
        raise _caller_unusable() from error
    photos = [_photo(settings, one) for one in read.attachments]
    return receiving.take(db, settings, keys, partner, new, payload, photos, clock.now(db), trace_id)


def _caller_unusable() -> InvalidInput:
    """Said without the value: it is kept with the reason, which others read."""
    return InvalidInput(
        "The caller's name or number cannot be used.",
        "Send a name of at most 80 characters and a number of 3 to 15 digits.",
        field="caller",
    )


def _photo(settings: Settings, sent: AttachmentIn) -> StoredFile:
    try:
        content = base64.b64decode(sent.content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("Attachment '{file}' is not base64.", file=sent.name, field="attachments") from error
    return keep(settings.evidence_directory, io.BytesIO(content), sent.name, settings.photo_limit_bytes)


def _few(tickets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not 0 < len(tickets) <= MOST_AT_ONCE:
        raise InvalidInput("One to {most} tickets are taken at once.", "Send them in parts.", most=MOST_AT_ONCE)
    return tickets


def _of_row(row: dict[str, str | None]) -> dict[str, Any]:
    """A line of CSV in the shape of JSON; what stands empty is left out, what cannot be read is refused later by its name."""
    given = {name: as_it_was(value.strip()) for name, value in row.items() if value and value.strip()}
    ticket: dict[str, Any] = {
        name: given[name]
        for name in ("version", "number", "kind", "content", "happened_at", "place", "class_code", "limit_at")
        if name in given
    }
    ticket |= {
        name: given[name].lower() in ("1", "true", "yes", "是")
        for name in ("confidential", "call_back")
        if name in given
    }
    caller = {name: given[f"caller_{name}"] for name in ("name", "number") if f"caller_{name}" in given}
    position = {name: given[name] for name in ("lon", "lat", "system") if name in given}
    return ticket | ({"caller": caller} if caller else {}) | ({"position": position} if position else {})
