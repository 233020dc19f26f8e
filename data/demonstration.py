"""`python -m data.demonstration`: the fictional city of Yunlan with its people, rules, devices and two weeks of cases."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from config.errors import CityCommandError, InvalidInput
from config.settings import Settings, from_environment
from data import aid, devices, history, hotline, lives, loading, patrols, working_time
from data.generator import DEFAULT_SCALE, DEFAULT_SEED, generate
from gis import clock
from gis.db import make_engine, transaction
from gis.naming.catch_up import catch_up

DEFAULT_CASES = 200

Say = Callable[[str], None]


@dataclass(frozen=True)
class Loaded:
    """What came into the database: assets by kind, filing conditions, cases by state."""

    assets: dict[str, int]
    conditions: int
    cases: dict[str, int]
    households: int


def load(
    db: Connection,
    settings: Settings,
    scale: float = DEFAULT_SCALE,
    seed: int = DEFAULT_SEED,
    *,
    cases: int = DEFAULT_CASES,
    aid_share: float = aid.SHARE,
    desks: bool = True,
    say: Say = lambda _: None,
) -> Loaded:
    """Fill an empty database, all or nothing in the caller's transaction.

    `cases` is how many cases of the last 14 days go through the door, `aid_share` which part of the reference district's
    households in difficulty there are,
    `desks` whether the hotline and the inspectors have worked. Raises InvalidInput where there are areas already.
    """
    if not is_empty(db):
        raise InvalidInput(
            "This instance already holds a city.", "Choose another with --instance NAME, or reset this one first."
        )
    say(f"Drawing the city (scale {scale:g}, seed {seed})")
    city = generate(seed, scale, say)
    say("Loading centres, units, accounts")
    loading.load_organisation(db, city)
    say(f"Loading {len(city.areas)} areas, {len(city.grids)} unit grids")
    loading.load_areas(db, city)
    conditions = loading.load_standards(db)
    now = clock.now(db)
    working_time.load(db, settings, now)
    say(f"Loading {sum(map(len, city.assets.values()))} assets")
    assets = loading.load_assets(db, city)
    catch_up(db)
    say(f"Loading {len(city.devices)} devices")
    loading.load_devices(db, city)
    devices.teach_usual(db, now, settings.time_zone)
    households = aid.load(db, settings, seed, now, say, aid_share)
    say(f"{cases} cases of the last {lives.DAYS} days")
    made = history.play(db, settings, now, seed, cases, say)
    if desks:
        say("Calls, call-backs, knowledge base, shifts and tracks")
        hotline.load(db, settings, seed, now)
        patrols.load(db, settings, seed, now)
    return Loaded(assets, conditions, made, households)


def is_empty(db: Connection) -> bool:
    """Whether no city has been loaded or imported yet."""
    return not db.execute(text("select exists (select from gis.area)")).scalar_one()


def main(arguments: list[str] | None = None) -> int:
    """Command line; 0 when the city stands, 1 with one sentence when it cannot."""
    parser = argparse.ArgumentParser(prog="python -m data.demonstration", description=__doc__)
    parser.add_argument("--if-empty", action="store_true", help="do nothing where a city stands already")
    parser.add_argument("--scale", type=float, default=DEFAULT_SCALE, help="1 is the reference city (default 0.02)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--cases", type=int, default=DEFAULT_CASES, help="cases of the last 14 days")
    chosen = parser.parse_args(arguments)
    try:
        _run(chosen)
    except (CityCommandError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(chosen: argparse.Namespace) -> None:
    settings = from_environment()
    engine = make_engine(settings.database_url, pool_size=1)
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {step}", file=sys.stderr, flush=True)

    with transaction(engine) as db:
        if chosen.if_empty and not is_empty(db):
            say("A city stands already")
            return
        loaded = load(db, settings, chosen.scale, chosen.seed, cases=chosen.cases, say=say)
    say("Done: " + ", ".join(f"{state} {count}" for state, count in sorted(loaded.cases.items())))


if __name__ == "__main__":
    sys.exit(main())
