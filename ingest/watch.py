"""The look (巡检): what no single reading shows. Every few seconds all that holds, is silent or runs too close is put
together, and the alarms are made to agree with it.

A look asks the database what is so, compares it with the alarms that stand, raises what is missing and clears what is
over. So it may be missed, come twice or restart in the middle: the alarms are right after the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, text

from ingest import alarms, bunching, grouping, holding, registry, silence
from ingest.alarms import Raising
from ingest.detection import AlarmKey, Rule
from ingest.grouping import Member
from ingest.live import tell_devices, tell_watched

ONE_AT_A_TIME = 60_317
"""Key of the advisory lock: of several workers one looks."""


@dataclass
class Memory:
    """What a worker keeps between looks; all of it comes back by itself after a restart."""

    bunching: bunching.Memory = field(default_factory=bunching.Memory)
    looked_at: datetime | None = None
    listening_since: datetime | None = None
    """Since when nothing keeps messages from coming; None while the broker is away."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be an alarm. Unripe: not long enough yet; it counts for its group, and keeps an alarm that stands."""

    raising: Raising
    ripe: bool

    @property
    def key(self) -> AlarmKey:
        """Asset and rule."""
        return self.raising.asset_id, self.raising.rule.id


class Standing(NamedTuple):
    """An open alarm."""

    id: int
    asset_id: int
    rule_id: int
    code: str
    members: list[int]


@dataclass
class Seen:
    """What one look did."""

    raised: list[Raising] = field(default_factory=list)
    cleared: int = 0
    feed_down: bool = False


def look(db: Connection, memory: Memory, now: datetime) -> Seen | None:
    """Bring the alarms about time, neighbours, silence and headways up to date; None where another worker looks."""
    if not db.execute(text("select pg_try_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME}).scalar_one():
        return None
    rules = registry.load_rules(db)
    bunching.note(db, rules, memory.bunching, now)
    standing = {(row.asset_id, row.rule_id): Standing(*row) for row in db.execute(_STANDING)}
    silent = silence.find(db, rules, memory.listening_since, now)
    watched = [rule for each in rules.values() for rule in each if rule.kind != "threshold" or rule.deferred]
    found = _held(db, watched, memory.bunching, now)
    found += [Candidate(each, missed) for each, missed in silent.missed]
    for profile_id, profile_rules in rules.items():
        for group in (rule for rule in profile_rules if rule.kind == "group"):
            found = _gathered(db, profile_id, group, found, standing, now)
    found = _without_weaker(found, standing)
    seen = Seen(feed_down=silent.feed_down)
    judged = [rule for rule in watched if not (silent.feed_down and _is_about_silence(rule, watched))]
    _agree(db, judged, found, standing, now, seen)
    turned = silence.just_turned(db, memory.looked_at, now)
    tell_devices(db, turned)
    tell_watched(db, turned)
    memory.looked_at = now
    return seen


def _is_about_silence(rule: Rule, watched: Iterable[Rule]) -> bool:
    """While the feed is down nobody knows who is silent: these alarms stay as they are."""
    return "silence" in (rule.kind, *(other.kind for other in watched if other.code == rule.settings.get("of")))


def _held(
    db: Connection,
    watched: Iterable[Rule],
    bunched: bunching.Memory,
    now: datetime,
) -> list[Candidate]:
    by_id = {rule.id: rule for rule in watched}
    found = []
    for each in holding.of_rules(db, by_id):
        rule = by_id[each.rule_id]
        lasted = (each.seen_at - each.since).total_seconds() >= rule.for_s
        settled = (now - each.since).total_seconds() >= rule.settle_s
        raising = Raising(rule, each.asset_id, each.device_id, each.value, each.since, each.trace_id)
        if rule.kind == "headway":
            place, members = bunched.where.get(each.asset_id, (None, ()))
            raising = replace(raising, place=place, members=members)
            lasted = lasted and bool(members)
        found.append(Candidate(raising, lasted and settled))
    return found


def _without_weaker(found: list[Candidate], standing: Mapping[AlarmKey, Standing]) -> list[Candidate]:
    """What `unless` leaves: a rule is dropped where the one it defers to stands on the same asset, or is coming."""
    stronger = {(each.asset_id, each.code) for each in standing.values()}
    stronger |= {(each.raising.asset_id, each.raising.rule.code) for each in found}
    return [each for each in found if (each.raising.asset_id, each.raising.rule.settings.get("unless")) not in stronger]


def _gathered(
    db: Connection,
    profile_id: int,
    rule: Rule,
    found: list[Candidate],
    standing: Mapping[AlarmKey, Standing],
    now: datetime,
) -> list[Candidate]:
    """The candidates with those of `rule.of` that are one trouble replaced by it."""
    own = {each.raising.asset_id: each for each in found if each.raising.rule.code == rule.settings["of"]}
    known = _members(db, rule, own)
    up = {each.asset_id for each in standing.values() if each.rule_id == rule.id}
    sizes = _sizes(db, profile_id, rule, {member.group for member in known})
    least, share = int(rule.settings["least"]), rule.threshold
    gathered = grouping.gather(known, sizes, least, share, up)
    absorbed = {asset for each in gathered for asset in each.members}
    coming_back = _just_cleared(db, rule, now) | (up - {each.at for each in gathered})
    waiting = {member.asset_id for member in known if member.at in coming_back}
    rest = [each for each in found if each.raising.rule.code != rule.settings["of"]]
    single = (each for asset, each in own.items() if asset not in absorbed)
    rest += [replace(each, ripe=each.ripe and each.raising.asset_id not in waiting) for each in single]
    for each in gathered:
        first = min((own[asset] for asset in each.members), key=lambda one: one.raising.occurred_at)
        raising = Raising(
            rule,
            each.at,
            ", ".join(each.groups),
            round(each.share, 3),
            first.raising.occurred_at,
            first.raising.trace_id,
            members=each.members,
        )
        rest.append(Candidate(raising, any(own[asset].ripe for asset in each.members)))
    return rest


def _agree(
    db: Connection,
    watched: Iterable[Rule],
    found: Iterable[Candidate],
    standing: Mapping[AlarmKey, Standing],
    now: datetime,
    seen: Seen,
) -> None:
    concerned: set[int] = set()
    candidates = {each.key: each for each in found}
    for key, each in candidates.items():
        if key in standing:
            concerned |= _keep_members(db, standing[key], each.raising)
        elif each.ripe and alarms.raise_once(db, each.raising, now):
            concerned |= {key[0], *each.raising.members}
            seen.raised.append(each.raising)
    by_id = {rule.id: rule for rule in watched}
    for key, alarm in standing.items():
        if key[1] in by_id and key not in candidates and alarms.clear(db, by_id[key[1]], key[0], now):
            concerned |= {key[0], *alarm.members}
            seen.cleared += 1
    tell_devices(db, concerned)


def _keep_members(db: Connection, alarm: Standing, now_so: Raising) -> set[int]:
    """Write down whom a standing alarm concerns by now; returns whose look changes."""
    if not now_so.members or set(now_so.members) == set(alarm.members):
        return set()
    db.execute(
        text("update ingest.alarm set members = :members where id = :id"),
        {"id": alarm.id, "members": list(now_so.members)},
    )
    return set(now_so.members) ^ set(alarm.members)


def _members(db: Connection, rule: Rule, assets: Iterable[int]) -> list[Member]:
    asked = {"assets": list(assets), "by": rule.settings["by"], "at": rule.settings["at"]}
    return [Member(*row) for row in db.execute(_MEMBERS, asked)] if asked["assets"] else []


def _sizes(db: Connection, profile_id: int, rule: Rule, groups: Iterable[str]) -> dict[str, int]:
    asked = {"profile": profile_id, "by": rule.settings["by"], "groups": sorted(groups)}
    return {row.name: row.size for row in db.execute(_SIZES, asked)} if asked["groups"] else {}


def _just_cleared(db: Connection, rule: Rule, now: datetime) -> set[int]:
    """Assets whose group alarm ended a moment ago: what is left there may still be on its way back."""
    since = now - timedelta(seconds=SETTLE_AFTER_GROUP_S)
    return set(db.execute(_CLEARED, {"rule": rule.id, "since": since}).scalars())


SETTLE_AFTER_GROUP_S = 15.0

_STANDING = text("""
    select a.id, a.asset_id, a.rule_id, r.code, a.members
    from ingest.alarm a join ingest.detection_rule r on r.id = a.rule_id where a.cleared_at is null
""")
_MEMBERS = text("""
    select a.id, a.attributes ->> :by as name, b.id as at
    from gis.asset a join gis.asset b on b.source = a.source and b.source_ref = a.attributes ->> :at
    where a.id = any(:assets) and a.attributes ->> :by is not null order by a.id
""")
_SIZES = text("""
    select a.attributes ->> :by as name, count(distinct a.id) as size
    from ingest.device d join gis.asset a on a.id = d.asset_id
    where d.profile_id = :profile and d.active and a.attributes ->> :by = any(:groups) group by 1
""")
_CLEARED = text("select asset_id from ingest.alarm where rule_id = :rule and cleared_at > :since")
