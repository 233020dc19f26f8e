"""From the citizens' form to a submission. Pure: the service, the case that is joined and the number of photos come as arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from config.errors import InvalidInput
from config.i18n import _
from dispatch.open311 import requests
from dispatch.public.records import Record
from dispatch.public.services import Service
from dispatch.public.submissions import Submission

KNOWN_AS = "public page"
LEFT_OPEN = Service("", "", "")
"""What stands for a service where the citizen leaves it to the centre what it is."""

SHORTEST_KEY = 16
"""Characters of the key that a page makes for each report; a guessed one must not meet somebody else's."""

Fields = Mapping[str, Sequence[str]]


def submission(
    fields: Fields,
    service: Service | None,
    *,
    joined: Record | None,
    photos: int,
    key: str,
    zone: ZoneInfo,
    translate: Callable[[str], str] = str,
) -> Submission:
    """What was entered, ready to be taken. Raises InvalidInput, all mistakes at once where there are several.

    Questions come as `attribute[service.CODE]`, so that the answers to another service's questions are left out. A time without a zone is
    the city's. Photos alone are enough; a place is needed unless an open case is joined.
    """
    if len(key) < SHORTEST_KEY:
        raise InvalidInput("The form is not complete.", "Load the page again.", field="key")
    asked = service or LEFT_OPEN
    sent = requests.posted(_of_service(fields, asked, zone), asked)
    if joined is None and sent.position is None and not sent.address:
        raise InvalidInput(
            "The place is missing.", "Tap the map, use your position, or write where it is.", field="lat"
        )
    words = sent.words
    if not words and joined is not None:
        words = translate(_("I have seen this too."))
    if not words and service is None and photos:
        words = translate(_("A photo without words."))
    if not words and service is None:
        raise InvalidInput(
            "Say what it is.", "Choose what it is, take a photo, or write a few words.", field="description"
        )
    return Submission(
        door="page",
        source="citizen",
        known_as=KNOWN_AS,
        sender="",
        words=words,
        service=service,
        answers=requests.said(sent, asked),
        condition=requests.condition_of(sent, asked),
        position=sent.position,
        address=sent.address,
        reporter=sent.reporter,
        raw={"service_code": asked.code, "attributes": {code: list(values) for code, values in sent.answers.items()}},
        share_words=bool(requests.first(fields, "share")) and joined is None and asked.kind != "blackbox",
        repeat_key=key,
        case_id=joined.case_id if joined else None,
    )


def _of_service(fields: Fields, service: Service, zone: ZoneInfo) -> dict[str, list[str]]:
    """The fields with only this service's answers, their times in the city's zone."""
    kept = {name: list(values) for name, values in fields.items() if not name.startswith("attribute[")}
    for attribute in service.attributes:
        given = [value for value in fields.get(f"attribute[{service.code}.{attribute.code}]", ()) if value.strip()]
        if attribute.datatype == "datetime":
            given = [requests.with_zone(value, zone) for value in given]
        kept[f"attribute[{attribute.code}]"] = given
    return kept
