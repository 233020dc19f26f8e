"""What somebody wants to be told by which channel, where, and when not; and what holders of a post get unless they say otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from config.errors import InvalidInput
from config.i18n import _
from config.permissions import POSTS
from dispatch.delivery import channels, sealing, urgency
from dispatch.delivery.kinds import KINDS, MODES, OWN
from dispatch.delivery.moments import Hours
from gis.vault import KeyRing

_MAIL = re.compile(r"[^@\s,;:<>\"'/?#&%]+@[^@\s,;:<>\"'/?#&%]+\.[^@\s,;:<>\"'/?#&%.]+")
_MOBILE = re.compile(r"\+?[0-9]{6,15}")

Modes = Mapping[str, Mapping[str, str | None]]
"""Mode by kind and channel; None goes back to the default."""


@dataclass(frozen=True)
class Choices:
    """What a person states at once; addresses are empty where none is wanted."""

    addresses: Mapping[str, str]
    hours: Hours
    modes: Modes


def of(db: Connection, keys: KeyRing, account_id: int) -> dict[str, Any]:
    """The person's own addresses, hours, and modes with the default of their posts beside each."""
    hours = db.execute(text("select * from dispatch.notice_hours where account_id = :id"), {"id": account_id}).first()
    addresses = {row.channel_kind: sealing.opened(keys, row) for row in db.execute(_ADDRESSES, {"id": account_id})}
    urgent = urgency.kinds(db)
    chosen = {(row.kind, row.channel_kind): row for row in db.execute(_MODES, {"id": account_id})}
    known = channels.own_kinds(db)
    return {
        "channels": known,
        "addresses": {kind: addresses.get(kind, "") for kind in OWN},
        "quiet_from": hours.quiet_from if hours else None,
        "quiet_until": hours.quiet_until if hours else None,
        "daily_at": hours.daily_at if hours else Hours().daily_at,
        "kinds": [
            {
                "kind": kind,
                "urgent": kind in urgent,
                "modes": {
                    which: {
                        "chosen": row.chosen if (row := chosen.get((kind, which))) else None,
                        "default": (row.usual if row else None) or "never",
                    }
                    for which in OWN
                },
            }
            for kind in KINDS
        ],
    }


def keep(db: Connection, keys: KeyRing, account_id: int, wanted: Choices) -> None:
    """Take what a person states; kinds that are not named stay as they are. Raises InvalidInput, and then nothing is changed."""
    _check(wanted.modes)
    for kind, address in wanted.addresses.items():
        _keep_address(db, keys, account_id, kind, address.strip())
    hours = wanted.hours
    if (hours.quiet_from is None) != (hours.quiet_until is None) or (
        hours.quiet_from is not None and hours.quiet_from == hours.quiet_until
    ):
        raise InvalidInput("Quiet hours have a beginning and another end.", field="quiet_until")
    db.execute(_HOURS, {"id": account_id, **vars(hours)})
    for kind, by_channel in wanted.modes.items():
        for which, mode in by_channel.items():
            values = {"id": account_id, "kind": kind, "channel": which, "mode": mode}
            db.execute(_CHOOSE if mode else _UNCHOOSE, values)


def defaults(db: Connection) -> dict[str, dict[str, dict[str, str]]]:
    """Mode by post, kind and channel; where there is none, nothing goes out."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in db.execute(text("select post, kind, channel_kind, mode from dispatch.notice_default order by 1, 2, 3")):
        found.setdefault(row.post, {}).setdefault(row.kind, {})[row.channel_kind] = row.mode
    return found


def set_default(db: Connection, post: str, modes: Modes) -> None:
    """What holders of a post get unless they choose otherwise. Raises InvalidInput."""
    if post not in POSTS:
        raise InvalidInput("There is no post '{post}'.", "Posts are: {posts}.", post=post, posts=", ".join(POSTS))
    _check(modes)
    for kind, by_channel in modes.items():
        for which, mode in by_channel.items():
            values = {"post": post, "kind": kind, "channel": which, "mode": mode}
            db.execute(_DEFAULT if mode else _NO_DEFAULT, values)


def _check(modes: Modes) -> None:
    for kind, by_channel in modes.items():
        urgency.known(kind)
        for which, mode in by_channel.items():
            if which not in OWN or mode not in (None, *MODES):
                raise InvalidInput("'{mode}' by '{channel}' cannot be chosen.", mode=mode, channel=which, field="modes")


def _keep_address(db: Connection, keys: KeyRing, account_id: int, kind: str, address: str) -> None:
    pattern = {"mail": _MAIL, "sms": _MOBILE}.get(kind)
    if pattern is None:
        raise InvalidInput("There is no kind of channel '{kind}'.", kind=kind, field="addresses")
    values = {"id": account_id, "kind": kind}
    if not address:
        db.execute(_NO_ADDRESS, values)
        return
    plain = re.sub(r"[\s()-]", "", address) if kind == "sms" else address
    if not pattern.fullmatch(plain) or len(plain) > 254:
        raise InvalidInput(
            _("This is no mail address.") if kind == "mail" else _("This is no telephone number."),
            "Correct it, or leave it empty.",
            field=kind,
        )
    db.execute(_ADDRESS, values | sealing.seal(keys, plain))


_ADDRESSES = text(f"select channel_kind, {sealing.COLUMNS} from dispatch.notice_address where account_id = :id")

_MODES = text("""
    select coalesce(c.kind, d.kind) as kind, coalesce(c.channel_kind, d.channel_kind) as channel_kind, c.mode as chosen, d.mode as usual
    from (select * from dispatch.notice_choice where account_id = :id) c
    full join (
        select distinct on (f.kind, f.channel_kind) f.kind, f.channel_kind, f.mode
        from dispatch.notice_default f join gis.post_assignment p on p.post = f.post and p.account_id = :id
        order by f.kind, f.channel_kind, array_position(array['at_once', 'hourly', 'daily', 'never'], f.mode)
    ) d on d.kind = c.kind and d.channel_kind = c.channel_kind
""")

_HOURS = text("""
    insert into dispatch.notice_hours (account_id, quiet_from, quiet_until, daily_at) values (:id, :quiet_from, :quiet_until, :daily_at)
    on conflict (account_id) do update
        set quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until, daily_at = excluded.daily_at
""")
_ADDRESS = text("""
    insert into dispatch.notice_address (account_id, channel_kind, sealed_index, sealed_cipher, sealed_algorithm, sealed_key_version)
    values (:id, :kind, :sealed_index, :sealed_cipher, :sealed_algorithm, :sealed_key_version)
    on conflict (account_id, channel_kind) do update
        set sealed_index = excluded.sealed_index, sealed_cipher = excluded.sealed_cipher,
            sealed_algorithm = excluded.sealed_algorithm, sealed_key_version = excluded.sealed_key_version
""")
_NO_ADDRESS = text("delete from dispatch.notice_address where account_id = :id and channel_kind = :kind")
_CHOOSE = text("""
    insert into dispatch.notice_choice (account_id, kind, channel_kind, mode) values (:id, :kind, :channel, :mode)
    on conflict (account_id, kind, channel_kind) do update set mode = excluded.mode
""")
_UNCHOOSE = text(
    "delete from dispatch.notice_choice where account_id = :id and kind = :kind and channel_kind = :channel"
)
_DEFAULT = text("""
    insert into dispatch.notice_default (post, kind, channel_kind, mode) values (:post, :kind, :channel, :mode)
    on conflict (post, kind, channel_kind) do update set mode = excluded.mode
""")
_NO_DEFAULT = text(
    "delete from dispatch.notice_default where post = :post and kind = :kind and channel_kind = :channel"
)
