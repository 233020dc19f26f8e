"""Channels as the administrator keeps them. Addresses and secrets are sealed: what is shown of them is what is no secret."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotDelivered, NotFound
from config.permissions import POSTS
from dispatch.delivery import apprise_door, sealing, webhooks
from dispatch.delivery.kinds import CHANNELS, KINDS, OWN, PER_MINUTE
from dispatch.delivery.tables import channel
from gis.vault import KeyRing


@dataclass(frozen=True)
class NewChannel:
    """A channel as it is entered; `address` is an Apprise URL, or a web address for a webhook. Empty `kinds` mean all."""

    kind: str
    name: str
    address: str
    locale: str = "zh"
    unit_id: int | None = None
    post: str | None = None
    kinds: tuple[str, ...] = ()
    per_minute: int | None = None


@dataclass(frozen=True)
class Opened:
    """A channel with what opens it: to send, never to show."""

    id: int
    kind: str
    name: str
    locale: str
    address: str
    secrets: tuple[str, ...]
    """Of a webhook: the newest first; the second is valid until the receiver has changed over."""


def add(db: Connection, keys: KeyRing, account_id: int, new: NewChannel) -> tuple[int, str | None]:
    """Set a channel up; returns its id and, for a webhook, the signing secret, which is shown this once. Raises InvalidInput."""
    shown = _check(new)
    _one_of_its_kind(db, new.kind)
    secret = secrets.token_urlsafe(32) if new.kind == "webhook" else None
    values = {
        "kind": new.kind,
        "name": new.name.strip(),
        "shown": shown,
        "locale": new.locale,
        "unit_id": new.unit_id,
        "post": new.post,
        "kinds": list(new.kinds),
        "per_minute": new.per_minute or PER_MINUTE[new.kind],
        "made_by": account_id,
        **_sealed(keys, new.address.strip(), (secret,) if secret else ()),
    }
    return int(db.execute(channel.insert().values(values).returning(channel.c.id)).scalar_one()), secret


def change_address(db: Connection, keys: KeyRing, channel_id: int, address: str) -> None:
    """Another address, or the same with another password; it is tried again at once. Raises InvalidInput, NotFound."""
    known = opened(db, keys, channel_id)
    shown = _check(NewChannel(known.kind, known.name, address))
    values = {"shown": shown, **_sealed(keys, address.strip(), known.secrets)}
    db.execute(channel.update().where(channel.c.id == channel_id).values(values))
    wake(db, channel_id)


def rotate(db: Connection, keys: KeyRing, channel_id: int) -> str:
    """A new signing secret, shown this once; the one before signs too until the next rotation. Raises InvalidInput, NotFound."""
    known = opened(db, keys, channel_id)
    if known.kind != "webhook":
        raise InvalidInput("Only webhooks have a signing secret.", field="kind")
    made = secrets.token_urlsafe(32)
    sealed = _sealed(keys, known.address, (made, *known.secrets[:1]))
    db.execute(channel.update().where(channel.c.id == channel_id).values(sealed))
    return made


def end(db: Connection, channel_id: int) -> None:
    """End a channel; what waits for it is dropped with the reason, what was sent stays written. Raises NotFound."""
    done = text("update dispatch.channel set ended_at = gis.now() where id = :id and ended_at is null")
    if db.execute(done, {"id": channel_id}).rowcount == 0:
        raise NotFound("There is no channel {channel}.", channel=channel_id)
    why = json.dumps(NotDelivered("The channel was ended.", "").kept())
    db.execute(
        text(
            "update dispatch.delivery set state = 'dropped', error = cast(:why as jsonb)"
            " where channel_id = :id and state in ('pending', 'failed', 'dead')"
        ),
        {"id": channel_id, "why": why},
    )


def wake(db: Connection, channel_id: int) -> None:
    """Try the channel again at once, whatever went wrong before."""
    db.execute(
        text("update dispatch.channel set failures = 0, next_at = clock_timestamp() where id = :id"), {"id": channel_id}
    )


def opened(db: Connection, keys: KeyRing, channel_id: int) -> Opened:
    """A channel in force with its address and secrets. Raises NotFound."""
    row = db.execute(_ONE, {"id": channel_id}).first()
    if row is None:
        raise NotFound("There is no channel {channel}.", channel=channel_id)
    kept = json.loads(sealing.opened(keys, row))
    return Opened(row.id, row.kind, row.name, row.locale, kept["address"], tuple(kept["secrets"]))


def listed(db: Connection) -> list[dict[str, Any]]:
    """Channels in force with how they stand; without addresses and secrets."""
    return [dict(row._mapping) for row in db.execute(_LISTED)]


def own_kinds(db: Connection) -> list[str]:
    """Which of mail and SMS are set up."""
    found = text("select kind from dispatch.channel where ended_at is null and kind = any(:own) order by kind")
    return list(db.execute(found, {"own": list(OWN)}).scalars())


_ONE = text(
    f"select id, kind, name, locale, {sealing.COLUMNS} from dispatch.channel where id = :id and ended_at is null"
)

_LISTED = text("""
    select c.id, c.kind, c.name, c.shown, c.locale, c.unit_id, u.name as unit, u.name_en as unit_en, c.post, c.kinds, c.per_minute,
           c.failures, c.last_error, c.last_sent_at, c.recorded_at, a.name as made_by,
           count(d.id) filter (where d.state in ('pending', 'failed')) as waiting,
           count(d.id) filter (where d.state = 'dead') as dead,
           count(d.id) filter (where d.sent_at > gis.now() - interval '24 hours') as sent_today
    from dispatch.channel c join gis.account a on a.id = c.made_by
    left join gis.unit u on u.id = c.unit_id
    left join dispatch.delivery d on d.channel_id = c.id
         and (d.state in ('pending', 'failed', 'dead') or d.sent_at > gis.now() - interval '24 hours')
    where c.ended_at is null group by c.id, u.id, a.id order by c.id
""")


def _sealed(keys: KeyRing, address: str, signing: Sequence[str]) -> dict[str, Any]:
    return sealing.seal(keys, json.dumps({"address": address, "secrets": list(signing)}))


def _check(new: NewChannel) -> str:
    """What of the address may be shown. Raises InvalidInput."""
    if new.kind not in CHANNELS:
        raise InvalidInput("There is no kind of channel '{kind}'.", kind=new.kind, field="kind")
    if not new.name.strip():
        raise InvalidInput("A channel has a name.", field="name")
    if new.kind in OWN and (new.unit_id or new.post):
        raise InvalidInput("Mail and SMS go to each person's own address.", "Leave unit and post empty.", field="post")
    if new.unit_id and new.post:
        raise InvalidInput("A channel is for one unit or for one post.", "Make two channels.", field="post")
    if new.post and new.post not in POSTS:
        raise InvalidInput("There is no post '{post}'.", "Posts are: {posts}.", post=new.post, posts=", ".join(POSTS))
    unknown = set(new.kinds) - KINDS.keys()
    if unknown:
        raise InvalidInput("There is no kind of notice '{kind}'.", kind=min(unknown), field="kinds")
    address = new.address.strip()
    return webhooks.shown(address) if new.kind == "webhook" else apprise_door.shown(new.kind, address)


def _one_of_its_kind(db: Connection, kind: str) -> None:
    if kind in own_kinds(db):
        raise InvalidInput(
            "There is a channel of this kind already: mail and SMS have one each.",
            "Change its address, or end it first.",
            field="kind",
        )
