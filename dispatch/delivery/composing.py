"""One message out of claimed notices: to whom, in whose language, what it says, and how it goes out.

Whatever changed since the notices were made counts: an account that was closed, an address that was taken back, quiet hours that have
begun, cases that the reader may no longer see.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, text

from config.errors import NotDelivered
from config.i18n import _, gettext
from config.settings import Settings
from dispatch import listing, reach
from dispatch.delivery import apprise_door, channels, moments, outbox, sealing, templates, webhooks, wording
from dispatch.delivery.channels import Opened
from dispatch.delivery.inbox import LEAVING, link
from dispatch.delivery.kinds import KINDS
from dispatch.delivery.moments import Hours
from dispatch.delivery.outbox import Claimed
from dispatch.listing import Filter
from gis import actors, clock, keyring
from gis.actors import Actor
from gis.catalogue import seeing

SHORT = frozenset({"sms"})
"""Channels that pay by the letter: one sentence, and of many only how many."""

LONGEST_BYTES = {"wecom": 2000, "dingtalk": 15_000, "feishu": 15_000, "mail": 60_000, "sms": 600}
"""WeCom refuses texts of more than 2,048 bytes."""


@dataclass(frozen=True)
class Message:
    """What is sent under one id. `send` raises NotDelivered; `fell_back` names notices whose own template could not be used."""

    claimed: Claimed
    send: Callable[[], None]
    fell_back: tuple[int, ...]


@dataclass(frozen=True)
class _Line:
    row: Row[Any]
    text: str
    link: str
    fell_back: bool


def compose(db: Connection, settings: Settings, claimed: Claimed) -> Message | None:
    """The message; None where nothing is left to send, or not now. What is left out is dropped with its reason."""
    keys = keyring.ring(db, settings)
    channel = channels.opened(db, keys, claimed.channel_id)
    to: str | None = None
    actor = _reader(channel.locale)
    if claimed.account_id is not None:
        person = db.execute(_PERSON, {"id": claimed.account_id, "kind": channel.kind}).first()
        if person is None or person.sealed_index is None:
            outbox.drop(db, [row.id for row in claimed.rows], NotDelivered(_NO_ADDRESS, ""))
            return None
        if _put_off(db, settings, claimed, person):
            return None
        to, actor = sealing.opened(keys, person), actors.actor(db, person.username)
    lines = _lines(db, settings, claimed, actor)
    if not lines:
        return None
    kept = replace(claimed, rows=tuple(line.row for line in lines))
    return Message(
        kept, _way(channel, settings, kept, lines, to, actor), tuple(o.row.notice_id for o in lines if o.fell_back)
    )


_NO_ADDRESS = _("There is no address any more, or the account was closed.")
_OUT_OF_SIGHT = _("The reader may no longer see the case.")

_PERSON = text("""
    select a.username, h.quiet_from, h.quiet_until, d.sealed_index, d.sealed_cipher, d.sealed_algorithm, d.sealed_key_version
    from gis.account a
    left join dispatch.notice_address d on d.account_id = a.id and d.channel_kind = :kind
    left join dispatch.notice_hours h on h.account_id = a.id
    where a.id = :id and a.active
""")


def _reader(locale: str) -> Actor:
    """Whoever reads a shared channel: the administrator has decided that they may."""
    return Actor(0, "", "", posts=("shift_leader",), locale=locale)


def _put_off(db: Connection, settings: Settings, claimed: Claimed, person: Row[Any]) -> bool:
    """Whether quiet hours hold all of it back; what is urgent waits for nothing."""
    if any(row.urgent for row in claimed.rows):
        return False
    now = clock.now(db)
    free = moments.after_quiet(now, Hours(person.quiet_from, person.quiet_until), settings.time_zone)
    if free > now:
        outbox.put_off(db, [row.id for row in claimed.rows], free)
    return free > now


def _lines(db: Connection, settings: Settings, claimed: Claimed, actor: Actor) -> list[_Line]:
    """What each notice says to this reader; those of cases out of sight are dropped."""
    seeing.limit(db, actor)
    reach.limit(db, actor)
    wanted = tuple({row.case_id for row in claimed.rows})
    cases = {
        case["id"]: case for case in listing.cases(db, actor, Filter(ids=wanted), now=clock.now(db), limit=len(wanted))
    }
    unseen = [row.id for row in claimed.rows if row.case_id not in cases and row.kind not in LEAVING]
    if unseen:
        outbox.drop(db, unseen, NotDelivered(_OUT_OF_SIGHT, ""))
    own = templates.current(db)
    lines = []
    for row in claimed.rows:
        if row.id in unseen:
            continue
        case = cases.get(row.case_id)
        said = wording.sentence(
            row.kind, wording.places(row.facts, case, actor.locale, settings.time_zone), actor.locale, own
        )
        where = (
            settings.page_address.rstrip("/") + link(actor, case["number"]) if case and settings.page_address else ""
        )
        lines.append(_Line(row, said.text, where, said.fell_back))
    return lines


def _way(
    channel: Opened, settings: Settings, claimed: Claimed, lines: list[_Line], to: str | None, actor: Actor
) -> Callable[[], None]:
    if channel.kind == "webhook":
        content = json.dumps(
            webhook_body(settings, claimed, lines, actor.locale), ensure_ascii=False, default=str
        ).encode()
        signed = webhooks.headers(channel.secrets, claimed.message_id, int(time.time()), content)
        return lambda: webhooks.send(channel.address, content, signed)
    title, body = words(channel.kind, lines, actor.locale)
    return lambda: apprise_door.send(channel.address, to, title, body)


def words(kind: str, lines: list[_Line], locale: str) -> tuple[str, str]:
    """Title and body for people."""
    translate = gettext(locale)
    first = lines[0]
    if len(lines) == 1:
        name = translate(KINDS[first.row.kind].name) if first.row.kind in KINDS else ""
        title = f"{name} · {first.row.facts.get('number', '')}".strip(" ·")
        return (
            ("", first.text) if kind in SHORT else (title, "\n".join(part for part in (first.text, first.link) if part))
        )
    title = translate(_("{count} notices")).format(count=len(lines))
    if kind in SHORT:
        return "", translate(_("{count} notices, the newest: {text}")).format(count=len(lines), text=lines[-1].text)
    shown = [
        f"{number}. {line.text}" + (f"\n   {line.link}" if line.link else "") for number, line in enumerate(lines, 1)
    ]
    return title, _fitting(shown, LONGEST_BYTES[kind], translate(_("… and {count} more")))


def _fitting(shown: list[str], most: int, more: str) -> str:
    """As many lines as fit into so many bytes, and how many did not."""
    size, kept = 0, []
    for line in shown:
        size += len(line.encode()) + 1
        if size > most - 60:
            break
        kept.append(line)
    rest = len(shown) - len(kept)
    return "\n".join(kept + ([more.format(count=rest)] if rest else []))


def webhook_body(settings: Settings, claimed: Claimed, lines: list[_Line], locale: str) -> dict[str, Any]:
    """The JSON of docs/guide/notices.md."""
    return {
        "version": "1",
        "id": claimed.message_id,
        "instance": settings.instance,
        "notices": [
            {
                "id": line.row.notice_id,
                "kind": line.row.kind,
                "text": line.text,
                "language": locale,
                "urgent": line.row.urgent,
                "case": line.row.facts.get("number"),
                "occurred_at": line.row.recorded_at.isoformat(),
                "link": line.link or None,
                "facts": {name: line.row.facts[name] for name in FACTS if name in line.row.facts},
            }
            for line in lines
        ],
    }


FACTS = ("move", "from", "to", "stage", "due_at")
"""What a receiver gets of the facts of a notice: never ids of our own, nor names."""
