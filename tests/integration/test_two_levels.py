"""City and district (C2): each sees its area and what it had; a case moves with its history and clocks; what is refused is kept (C1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from config.errors import IllegalMove, InvalidInput, NotPermitted
from dispatch import detail, listing, reach
from dispatch.evaluation import counting, figures
from dispatch.evaluation.counting import Query
from dispatch.listing import Filter
from gis import actors, organisation
from gis.actors import Actor
from tests.support.walks import Walk

AREA = "990101001"


@pytest.fixture
def district(walk: Walk) -> int:
    """A combined centre for the small town's sub-district, with a dispatcher; and one for another area, with a dispatcher, too."""
    db = walk.db
    here = db.execute(text("select id from gis.area where code = :code"), {"code": AREA}).scalar_one()
    square = "st_multi(st_makeenvelope(1, 1, 2, 2, 4326))"
    there = db.execute(
        text(
            f"insert into gis.area (code, level, name, geom) values ('990102', 'district', '远区', {square}) returning id"
        )
    ).scalar_one()
    centre = organisation.add_centre(db, "D1", "一区中心", "District one", "combined", "district", area_id=here)
    other = organisation.add_centre(db, "D2", "二区中心", "District two", "combined", "district", area_id=there)
    for name, at in (("d1", centre), ("d2", other)):
        account = organisation.add_account(db, name, name, password="a long test password", locale="en")
        for post in ("intake_operator", "shift_leader", "dispatcher"):
            organisation.give_post(db, account, post, centre_id=at)
    return centre


def as_seen_by(db: Connection, name: str) -> Actor:
    """The actor, with the transaction limited to what they may see."""
    actor = actors.actor(db, name)
    db.execute(text("select set_config('citycommand.areas', '', true), set_config('citycommand.centres', '', true)"))
    reach.limit(db, actor)
    return actor


def everything_seen(walk: Walk, name: str) -> dict[str, int]:
    """How many cases somebody sees in each place where cases are counted, listed or found."""
    db = walk.db
    actor = as_seen_by(db, name)
    lon, lat = walk.town.lamp
    box = (lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
    query = Query(walk.now - timedelta(days=1), walk.now + timedelta(days=1), "Asia/Shanghai")
    known = replace(query, known=walk.now + timedelta(days=1))
    assert counting.ready(db) == 0
    found = {
        "list": len(listing.cases(db, actor, Filter(), now=walk.now)),
        "count": listing.count(db, actor, Filter()),
        "map": len(listing.cases(db, actor, Filter(bbox=box), now=walk.now)),
        "search": len(listing.cases(db, actor, Filter(q="路灯"), now=walk.now)),
        "counters": listing.counters(db, actor)["open"],
        "evaluation": sum(row["reported"] for row in figures.table(db, "unit", query, "en")),
        "of a past date": sum(row["reported"] for row in figures.table(db, "unit", known, "en")),
        "behind a figure": sum(
            len(counting.case_ids(db, "unit", row["key"], "reported", query))
            for row in figures.table(db, "unit", query, "en")
        ),
        "days": sum(day["reported"] for day in counting.daily(db, query)),
    }
    as_seen_by(db, "intake")
    return found


def test_each_centre_sees_its_area_in_lists_counts_maps_searches_and_figures(walk: Walk, district: int) -> None:
    walk.report()
    walk.report(position=None, source="hotline")
    city = everything_seen(walk, "dispatcher")
    assert city.pop("map") == 1, "one of them has no place"
    assert set(city.values()) == {2}
    assert set(everything_seen(walk, "d1").values()) == {1}
    assert set(everything_seen(walk, "d2").values()) == {0}


def test_a_case_goes_down_is_worked_on_there_and_supervised_by_the_city(walk: Walk, district: int) -> None:
    walk.report(position=None, source="hotline")
    assert everything_seen(walk, "d1")["list"] == 0, "a case without a place is the city's"
    walk.to_filed()
    walk.move("dispatcher", "send_down", centre_id=district, note="属一区")
    assert everything_seen(walk, "d1")["list"] == 1, "what a centre received it sees"
    with pytest.raises(NotPermitted, match="another centre"):
        walk.move("dispatcher", "dispatch")
    with pytest.raises(NotPermitted, match="another centre"):
        walk.move("d2", "dispatch")
    walk.move("d1", "dispatch", unit_id=walk.town.units["U-LIGHT"])
    walk.move("lighting", "accept_order")
    walk.move("lighting", "feed_back")
    with pytest.raises(NotPermitted, match="another centre"):
        walk.move("d1", "send_check")
    walk.move("intake", "send_check")
    walk.move("inspector2", "check")
    walk.move("leader", "close")
    levels = seen(walk, "dispatcher")["levels"]
    assert [(level["centre"], level["left_at"] is None) for level in levels] == [
        ("City", False),
        ("District one", True),
    ]
    assert clock_centres(walk) == [None, None, None, None, district, district, None, None, None]


def test_a_case_comes_back_up_with_a_reason_and_can_be_taken_back(walk: Walk, district: int) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "send_down", centre_id=district)
    with pytest.raises(InvalidInput, match="needs 'note'"):
        walk.move("d1", "send_up")
    walk.move("d1", "send_up", note="跨区，须市级协调")
    with pytest.raises(IllegalMove, match="has this case already"):
        walk.move("dispatcher", "send_up", note="再上报")
    walk.move("dispatcher", "send_down", centre_id=district)
    walk.move("d1", "dispatch")
    with pytest.raises(NotPermitted):
        walk.move("d1", "recall", note="收回")
    walk.move("dispatcher", "recall", note="市级统一处置")
    assert [level["centre"] for level in seen(walk, "dispatcher")["levels"]] == [
        "City", "District one", "City", "District one", "City",
    ]  # fmt: skip
    assert everything_seen(walk, "d1")["list"] == 1, "what it had it still sees"
    with pytest.raises(InvalidInput, match="goes down to another centre"):
        walk.move("dispatcher", "send_down", centre_id=10_000_000)


def test_what_a_district_takes_up_is_its_own_from_call_to_close(walk: Walk, district: int) -> None:
    walk.report(source="hotline", who="d1")
    with pytest.raises(NotPermitted, match="another centre"):
        walk.move("intake", "accept")
    walk.move("d1", "accept")
    assert seen(walk, "d1")["state"] == "accepted"


def test_posts_of_two_axes_are_refused_by_the_database_too_but_not_in_a_combined_centre(
    walk: Walk, district: int
) -> None:
    db = walk.db
    with pytest.raises(InvalidInput, match="two-centre mode"):
        organisation.give_post(db, walk.town.accounts["dispatcher"], "assessor")
    with pytest.raises(IntegrityError, match="post of the other centre"), db.begin_nested():
        db.execute(
            text("insert into gis.post_assignment (account_id, post) values (:id, 'inspector')"),
            {"id": walk.town.accounts["dispatcher"]},
        )
    both = db.execute(text("select id from gis.account where username = 'd1'")).scalar_one()
    organisation.give_post(db, both, "assessor", centre_id=district)


def test_which_axis_a_post_belongs_to_is_the_citys_own_data(walk: Walk) -> None:
    walk.db.execute(text("update gis.post_axis set axis = 'supervision' where post = 'shift_leader'"))
    organisation.give_post(walk.db, walk.town.accounts["assessor"], "shift_leader")
    with pytest.raises(InvalidInput, match="two-centre mode"):
        organisation.give_post(walk.db, walk.town.accounts["dispatcher"], "shift_leader")


def seen(walk: Walk, who: str) -> dict[str, Any]:
    return detail.detail(
        walk.db, as_seen_by(walk.db, who), walk.received.case_id, now=walk.now, zone=walk.settings.time_zone
    )


def clock_centres(walk: Walk) -> list[int | None]:
    statement = text("select centre_id from dispatch.clock where case_id = :id order by id")
    return list(walk.db.execute(statement, {"id": walk.received.case_id}).scalars())
