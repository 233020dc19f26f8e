"""From the fields of a POST to a submission. Pure: the service and the place come as arguments."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from config.errors import CityCommandError, InvalidInput
from dispatch.open311.keys import Key
from dispatch.public.services import Attribute, Service
from dispatch.public.submissions import Submission
from dispatch.reports import Position

LONGEST: dict[str, int] = {
    "description": 4000,
    "address_string": 300,
    "address_id": 100,
    "media_url": 2000,
    "first_name": 80,
    "last_name": 80,
    "phone": 40,
    "email": 200,
    "account_id": 200,
    "device_id": 200,
}
"""Characters; the specification says it of the description, the rest is what the columns behind them are made for."""

LONGEST_ANSWER = 1000

_ATTRIBUTE = re.compile(r"attribute\[([^\]]{1,80})\](?:\[\])?")

Fields = Mapping[str, Sequence[str]]
"""What a form brought: each name with all its values."""


@dataclass(frozen=True)
class Posted:
    """The fields of a POST, each as it may be used."""

    words: str = ""
    position: Position | None = None
    address: str = ""
    address_id: str = ""
    media_url: str = ""
    reporter: Mapping[str, str] = field(default_factory=dict)
    account_id: str = ""
    device_id: str = ""
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)


def posted(fields: Fields, service: Service) -> Posted:
    """Read a POST. Raises InvalidInput that names every field which cannot be used (`problems_of`)."""
    problems: list[CityCommandError] = []
    text = {name: _text(fields, name, problems) for name in LONGEST}
    position = _position(fields, problems)
    if text["media_url"] and not text["media_url"].lower().startswith(("http://", "https://")):
        problems.append(InvalidInput("media_url is no address of the web.", field="media_url"))
    answers = _answers(fields)
    for attribute in service.attributes:
        problems += _wrong(attribute, answers.get(attribute.code, ()))
    _raise(problems)
    name = f"{text['last_name']}{text['first_name']}" if _chinese(text) else f"{text['first_name']} {text['last_name']}"
    reporter = {"name": name.strip(), "phone": text["phone"], "email": text["email"]}
    return Posted(
        words=text["description"],
        position=position,
        address=text["address_string"],
        address_id=text["address_id"],
        media_url=text["media_url"],
        reporter={key: value for key, value in reporter.items() if value},
        account_id=text["account_id"],
        device_id=text["device_id"],
        answers=answers,
    )


def problems_of(error: CityCommandError) -> list[CityCommandError]:
    """All that was wrong with a request; the error itself where it is alone."""
    more = error.facts.get("problems")
    return list(more) if isinstance(more, list) else [error]


def _raise(problems: Sequence[CityCommandError]) -> None:
    if problems:
        raise InvalidInput("The request has fields that cannot be used.", problems=list(problems))


def _text(fields: Fields, name: str, problems: list[CityCommandError]) -> str:
    value = first(fields, name)
    if len(value) > LONGEST[name]:
        problems.append(
            InvalidInput("'{field}' is longer than {most} characters.", field=name, most=LONGEST[name], reason="length")
        )
    return value


def first(fields: Fields, name: str) -> str:
    """The first value of a field, without blanks around it and without NUL; empty where it did not come."""
    values = fields.get(name, ())
    return values[0].replace("\0", "").strip() if values else ""


def _chinese(text: Mapping[str, str]) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text["first_name"] + text["last_name"])


def _position(fields: Fields, problems: list[CityCommandError]) -> Position | None:
    """The place where both numbers came; lat alone, or what is no number, is a mistake that the sender can mend."""
    lat, lon = first(fields, "lat"), first(fields, "long")
    if not lat and not lon:
        return None
    numbers = [number_of(lat), number_of(lon)]
    if numbers[0] is None or numbers[1] is None or abs(numbers[0]) > 90 or abs(numbers[1]) > 180:
        problems.append(
            InvalidInput(
                "lat and long must both be given, in degrees of WGS 84.", "Send lat=38.4 and long=115.6.", field="lat"
            )
        )
        return None
    return Position(numbers[1], numbers[0])


def number_of(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _answers(fields: Fields) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, values in fields.items():
        match = _ATTRIBUTE.fullmatch(name)
        if match:
            given = [value.replace("\0", "").strip()[:LONGEST_ANSWER] for value in values]
            found.setdefault(match[1], []).extend(value for value in given if value)
    return found


def _wrong(attribute: Attribute, given: Sequence[str]) -> list[CityCommandError]:
    """What is wrong with the answers to one question."""
    if not given:
        missing = InvalidInput(
            "attribute[{attribute}] is missing: {question}", attribute=attribute.code, question=attribute.name
        )
        return [missing] if attribute.required and attribute.variable else []
    if all(_fits(attribute, value) for value in given) and (len(given) == 1 or attribute.datatype == "multivaluelist"):
        return []
    return [
        InvalidInput(
            "The value of attribute[{attribute}] is no {datatype} that the service knows.",
            attribute=attribute.code,
            datatype=attribute.datatype,
        )
    ]


def _fits(attribute: Attribute, value: str) -> bool:
    if attribute.datatype.endswith("list"):
        return value in {each.key for each in attribute.values}
    if attribute.datatype == "number":
        return number_of(value) is not None
    if attribute.datatype == "datetime":
        return moment(value) is not None
    return True


def submission(
    sent: Posted, service: Service, key: Key, *, repeat_key: str, repeat_s: float, position: Position | None
) -> Submission:
    """What the door of the public takes. `position`: the one sent, or the one that the address led to."""
    return Submission(
        door="open311",
        source=key.source,
        known_as=f"open311/{key.name}"[:100],
        sender=f"{sent.account_id} {sent.device_id}",
        words=sent.words,
        service=service,
        answers=said(sent, service),
        condition=condition_of(sent, service),
        position=position,
        address=sent.address,
        reporter=sent.reporter,
        raw={
            "service_code": service.code,
            "attributes": {name: list(values) for name, values in sent.answers.items()},
            "account_id": sent.account_id,
            "address_id": sent.address_id,
            "media_url": sent.media_url,
        },
        share_words=service.kind != "blackbox",
        reporting_key_id=key.id,
        repeat_key=repeat_key,
        repeat_s=repeat_s,
    )


def said(sent: Posted, service: Service) -> tuple[tuple[str, str], ...]:
    """Questions with their answers, as the centre reads them."""
    return tuple(_said(each, sent.answers[each.code]) for each in service.attributes if sent.answers.get(each.code))


def condition_of(sent: Posted, service: Service) -> int | None:
    """The filing condition that an answer means, by its place in the class."""
    meant = (
        value.condition
        for attribute in service.attributes
        for value in attribute.values
        if value.key in sent.answers.get(attribute.code, ())
    )
    return next((ordinal for ordinal in meant if ordinal), None)


def _said(attribute: Attribute, given: Sequence[str]) -> tuple[str, str]:
    """Question and answer as the centre reads them."""
    names = {each.key: each.name for each in attribute.values}
    return attribute.name, "、".join(names.get(value, value) for value in given)


def moment(value: str) -> datetime | None:
    """A time with its zone; None for anything else. A `+` that a form turned into a blank is understood."""
    try:
        found = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value)
    except ValueError:
        return None
    return found if found.tzinfo and 1970 <= found.year < 2200 else None


def with_zone(value: str, zone: ZoneInfo) -> str:
    """A time as a browser's field gives it, with the zone that it is meant in; anything else as it came."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return value
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()
