"""The door for reports on a real database: placed, routed, timed, compared with what is known, refused in words (D2, D3, D4)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from config.errors import InvalidInput, NotFound
from config.settings import Settings
from dispatch import evidence, listing
from dispatch.evidence import StoredFile
from dispatch.reports import Position
from gis import actors
from gis.db import make_engine, named_sql
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.walks import Walk


def test_a_report_is_placed_routed_and_timed_at_once(walk: Walk) -> None:
    received = walk.report()
    assert received.place.grid_code == "990101001001003"
    assert [area.code for area in received.place.areas] == ["990101001001", "990101001", "990101"]
    assert received.place.asset is not None
    assert received.place.asset.code == "C-LAMP-1"
    assert received.place.asset.distance_m == pytest.approx(4.4, abs=0.5)
    assert received.place.road == "试验路"
    assert received.decision is not None
    assert (received.decision.unit_id, received.decision.reason) == (walk.town.units["U-LIGHT"], "asset_unit")
    row = walk.db.execute(text("select * from dispatch.cases where id = :id"), {"id": received.case_id}).one()
    assert row.stage_due_at - row.occurred_at == timedelta(minutes=15)
    assert row.due_at - row.occurred_at == timedelta(hours=4)
    assert row.trace_id == received.trace_id


def test_a_matter_goes_to_the_unit_of_its_condition_and_an_unclassified_report_to_the_fallback_desk(walk: Walk) -> None:
    litter = walk.report(class_code=smalltown.LITTER_CLASS).decision
    assert litter is not None
    assert (litter.unit_id, litter.reason) == (walk.town.units["U-ROAD"], "condition_unit")
    unknown = walk.report(class_code=None).decision
    assert unknown is not None
    assert (unknown.unit_id, unknown.reason) == (walk.town.units["U-DESK"], "fallback")


def test_a_report_without_a_condition_gets_the_ordinary_one(walk: Walk) -> None:
    """Not the first of the table, which can be the emergency; the form proposes the same one."""
    add = text(
        "insert into dispatch.filing_condition (class_code, ordinal, text, limit_kind, limit_amount, limit_text, source)"
        " values (:code, :ordinal, '-', 'urgent_hour', :hours, '-', 'test') returning id"
    )
    emergency = {"code": smalltown.LITTER_CLASS, "ordinal": 0, "hours": 1}
    walk.db.execute(add, emergency)
    slower = walk.db.execute(add, {"code": smalltown.LAMP_CLASS, "ordinal": 2, "hours": 12}).scalar_one()
    wanted = {smalltown.LITTER_CLASS: walk.town.conditions["litter"], smalltown.LAMP_CLASS: slower}
    kept = text("select condition_id from dispatch.cases where id = :id")
    for code, condition in wanted.items():
        case = walk.report(class_code=code).case_id
        assert walk.db.execute(kept, {"id": case}).scalar_one() == condition
    rows = walk.db.execute(named_sql("dispatch", "standards"), {"day": walk.now.date()})
    assert {row.code: row.id for row in rows if row.ordinary} == wanted


def test_the_same_thing_reported_again_is_pointed_out(walk: Walk) -> None:
    first = walk.report()
    again = walk.report(position=Position(walk.town.lamp[0] + 0.0002, walk.town.lamp[1]))
    assert [d["case_id"] for d in again.duplicates] == [first.case_id]
    assert again.duplicates[0]["distance_m"] == pytest.approx(13, abs=1)
    far = walk.report(position=Position(walk.town.lamp[0] + 0.0012, walk.town.lamp[1]))
    assert far.duplicates == []


def test_what_is_searched_for_stands_for_itself(walk: Walk) -> None:
    """`%` and `_` are letters that people type, not wildcards."""
    full = walk.report(description="管井_3 满溢 100%").case_id
    walk.report(description="管井A3 满溢 100 处")
    reader = actors.actor(walk.db, "leader")
    for words in ("100%", "井_3", "%"):
        found = listing.cases(walk.db, reader, listing.Filter(q=words), now=walk.now)
        assert [case["id"] for case in found] == [full]


def test_a_gcj02_position_is_converted_and_kept_as_sent(walk: Walk) -> None:
    received = walk.report(position=Position(*walk.town.lamp, "gcj02"))
    row = walk.db.execute(
        text(
            "select raw_position, st_distance(geom::geography, st_point(:x, :y, 4326)::geography) as moved"
            " from dispatch.report where id = :id"
        ),
        {"id": received.report_id, "x": walk.town.lamp[0], "y": walk.town.lamp[1]},
    ).one()
    assert row.raw_position["system"] == "gcj02"
    assert 100 < row.moved < 1000


def test_a_report_added_to_a_case_names_a_class_that_there_is(walk: Walk) -> None:
    case_id = walk.report().case_id
    with pytest.raises(NotFound, match="not in force"):
        walk.report(case_id=case_id, class_code="M9999")
    with pytest.raises(NotFound, match="does not belong"):
        walk.report(case_id=case_id, condition_id=walk.town.conditions["litter"])
    walk.report(case_id=case_id)


def test_the_millionth_case_of_an_instance_has_a_number_of_its_own(walk: Walk, database: Database) -> None:
    owner = make_engine(database.owner_url)
    with owner.begin() as db:
        db.execute(text("select setval('dispatch.case_number', 999998)"))
    owner.dispose()
    numbers = [walk.report().number[8:] for _ in range(3)]
    assert numbers == ["999999", "1000000", "1000001"]


def test_bad_reports_are_refused_with_the_reason(walk: Walk) -> None:
    with pytest.raises(InvalidInput, match="future"):
        walk.report(occurred_at=walk.now + timedelta(hours=1))
    with pytest.raises(InvalidInput, match="longer ago than 366 days"):
        walk.report(occurred_at=datetime(1, 1, 2, tzinfo=UTC))
    with pytest.raises(InvalidInput, match="no zone"):
        walk.report(occurred_at=datetime(2026, 1, 1))  # noqa: DTZ001 - the missing zone is what is tested
    with pytest.raises(InvalidInput, match="needs a description or a class"):
        walk.report(description=" ", class_code=None)
    outside = walk.report(position=Position(*walk.town.nowhere))
    quality = walk.db.execute(
        text("select location_quality from dispatch.cases where id = :id"), {"id": outside.case_id}
    ).scalar_one()
    assert quality == "outside"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"<svg/>", "not a photo"), (b"\xff\xd8\xff" + b"0" * 2000, "larger")],
)
def test_files_that_are_no_usable_photo_are_refused(settings: Settings, content: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        evidence.keep(settings.evidence_directory, io.BytesIO(content), "x.jpg", 1000)
    assert not list(settings.evidence_directory.glob("incoming-*"))


def test_the_same_photo_is_stored_once_and_never_overwritten(settings: Settings, photo: StoredFile) -> None:
    path = evidence.path_of(settings.evidence_directory, photo.sha256)
    before = path.stat()
    again = evidence.keep(settings.evidence_directory, io.BytesIO(path.read_bytes()), "other.jpg", 1_000_000)
    assert again.sha256 == photo.sha256
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_mode & 0o222 == 0
