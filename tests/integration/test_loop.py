"""The closed loop through the dispatch room's own functions, on a real database (D1, D3, D4, D5, D9, C1)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from config.errors import IllegalMove, InvalidInput, NotFound, NotPermitted, SeparationOfDuties, StaleCase
from config.settings import Settings
from dispatch import cases, detail, evaluation, evidence, listing, reports, timers
from dispatch.evidence import StoredFile
from dispatch.reports import NewReport, Position, Received
from dispatch.steps import Move
from gis import actors, clock
from gis.db import make_engine
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.smalltown import Town


@pytest.fixture(scope="module")
def engine(database: Database) -> Iterator[Engine]:
    engine = make_engine(database.app_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def town(engine: Engine) -> Town:
    with engine.begin() as db:
        return smalltown.build(db)


@pytest.fixture
def db(engine: Engine, town: Town) -> Iterator[Connection]:
    """A transaction that is rolled back, so that every test finds the same town."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def photo(settings: Settings) -> StoredFile:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(content, "JPEG")
    content.seek(0)
    return evidence.keep(settings.evidence_directory, content, "photo.jpg", 1_000_000)


class Walk:
    """A case on its way, moved by people with names."""

    def __init__(self, db: Connection, settings: Settings, photo: StoredFile, town: Town) -> None:
        self.db, self.settings, self.photo, self.town = db, settings, photo, town
        self.now = clock.now(db)

    def report(self, **changes: Any) -> Received:
        lon, lat = self.town.lamp
        values: dict[str, Any] = {
            "source": "inspector",
            "description": "路灯不亮",
            "occurred_at": self.now,
            "position": Position(lon + 0.00005, lat),
            "class_code": smalltown.LAMP_CLASS,
        } | changes
        who = actors.actor(self.db, "inspector")
        self.received = reports.receive(self.db, self.settings, NewReport(**values), now=self.now, actor=who)
        return self.received

    def move(self, who: str, move: str, **fields: Any) -> cases.Moved:
        self.now += timedelta(minutes=1)
        on_site = move in ("verify", "deny", "feed_back", "check", "fail_check")
        if on_site:
            fields.setdefault("position", Position(*self.town.lamp))
        return cases.move(
            self.db,
            self.settings,
            self.received.case_id,
            Move(move, **fields),
            actor=actors.actor(self.db, who),
            now=self.now,
            photos=[self.photo] if on_site else [],
        )

    def to_filed(self) -> None:
        for who, move in (
            ("intake", "accept"),
            ("intake", "send_verification"),
            ("inspector", "verify"),
            ("leader", "file"),
        ):
            self.move(who, move)

    def to_closed(self) -> None:
        self.to_filed()
        self.move("dispatcher", "dispatch")
        self.move("lighting", "accept_order")
        self.move("lighting", "feed_back")
        self.move("intake", "send_check")
        self.move("inspector2", "check")
        self.move("leader", "close")


@pytest.fixture
def walk(db: Connection, settings: Settings, photo: StoredFile, town: Town) -> Walk:
    return Walk(db, settings, photo, town)


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


def test_the_whole_way_to_a_verified_close(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    seen = detail.detail(walk.db, actors.actor(walk.db, "assessor"), walk.received.case_id, now=walk.now)
    assert seen["state"] == "closed"
    assert [row["move"] for row in seen["history"]] == [
        "report", "accept", "send_verification", "verify", "file", "dispatch", "accept_order", "feed_back", "send_check",
        "check", "close",
    ]  # fmt: skip
    assert [row["seq"] for row in seen["history"]] == list(range(1, 12))
    assert seen["decision"]["reason"] == "The unit maintains component C-LAMP-1 at this place."
    assert all(clock["stopped_at"] for clock in seen["clocks"])
    assert seen["moves"] == []
    assert [task["result"] for task in seen["tasks"]] == ["verify", "check"]
    assert {row["trace_id"] for row in seen["history"]} == {walk.received.trace_id}
    verified = next(row for row in seen["history"] if row["move"] == "verify")
    assert verified["distance_m"] == pytest.approx(4.4, abs=0.5)


def test_a_case_keeps_its_condition_when_a_newer_class_table_comes_into_force(walk: Walk) -> None:
    walk.report()
    walk.db.execute(text("update dispatch.filing_condition set valid_to = current_date - 1"))
    walk.to_closed()


def test_figures_of_the_evaluation_come_from_the_history(walk: Walk) -> None:
    walk.report()
    walk.to_closed()
    walk.report()
    since, until = walk.now - timedelta(days=1), walk.now + timedelta(days=1)
    rows = evaluation.table(walk.db, "unit", since, until, "en")
    assert len(rows) == 1
    row = rows[0]
    assert (row["reported"], row["filed"], row["handled"], row["closed"], row["rework"]) == (2, 1, 1, 1, 0)
    assert row["rates"]["in_time_closing_rate"] == 1.0
    assert row["name"] == "照明所"
    days = evaluation.daily(walk.db, since, until, "Asia/Shanghai")
    assert sum(day["reported"] for day in days) == 2


def test_a_failed_check_leads_to_rework_by_the_same_unit(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "accept_order")
    walk.move("lighting", "feed_back")
    walk.move("intake", "send_check")
    walk.move("inspector2", "fail_check", note="仍不亮")
    walk.move("dispatcher", "rework", note="重新处置")
    row = walk.db.execute(text("select * from dispatch.cases where id = :id"), {"id": walk.received.case_id}).one()
    assert (row.state, row.rework_count, row.unit_id) == ("dispatched", 1, walk.town.units["U-LIGHT"])


def test_another_unit_is_a_correction_that_is_kept_and_restarts_its_clock(walk: Walk) -> None:
    walk.report()
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("dispatcher", "redispatch", unit_id=walk.town.units["U-ROAD"], note="灯杆属道桥处")
    decisions = walk.db.execute(
        text("select reason, unit_id, facts from dispatch.routing_decision where case_id = :id order by id"),
        {"id": walk.received.case_id},
    ).all()
    assert [row.reason for row in decisions] == ["asset_unit", "person"]
    assert decisions[1].facts == {"instead_of": walk.town.units["U-LIGHT"], "note": "灯杆属道桥处"}
    with pytest.raises(NotPermitted, match="another unit"):
        walk.move("lighting", "accept_order")
    walk.move("roads", "accept_order")


def test_illegal_moves_missing_fields_and_missing_posts_are_refused(walk: Walk) -> None:
    walk.report()
    with pytest.raises(
        IllegalMove, match=r"'close' is not possible in state 'reported'\. Possible moves: accept, refuse"
    ):
        walk.move("leader", "close")
    with pytest.raises(NotPermitted):
        walk.move("dispatcher", "accept")
    with pytest.raises(InvalidInput, match="needs 'note'"):
        walk.move("intake", "refuse")
    walk.move("intake", "accept")
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector"])
    with pytest.raises(NotPermitted, match="another inspector"):
        walk.move("inspector2", "verify")


def test_an_old_version_is_refused_and_told_who_was_faster(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept", version=1)
    with pytest.raises(StaleCase, match="Already done: 'accept' by intake"):
        walk.move("intake", "refuse", version=1, note="x")


def test_nobody_dispatches_and_also_closes_the_same_case(walk: Walk) -> None:
    walk.db.execute(text("insert into gis.setting (name, value) values ('two_centres', 'false')"))
    for name, post in (("leader", "dispatcher"), ("inspector", "dispatcher")):
        walk.db.execute(
            text("insert into gis.post_assignment (account_id, post) values (:a, :p)"),
            {"a": walk.town.accounts[name], "p": post},
        )
    walk.report()
    walk.to_filed()
    with pytest.raises(SeparationOfDuties):
        walk.move("inspector", "dispatch")
    walk.move("leader", "dispatch")
    walk.move("lighting", "accept_order")
    walk.move("lighting", "feed_back")
    walk.move("intake", "send_check")
    walk.move("inspector2", "check")
    with pytest.raises(SeparationOfDuties):
        walk.move("leader", "close")


def test_whoever_dispatched_does_not_void_either(walk: Walk) -> None:
    walk.db.execute(
        text("insert into gis.post_assignment (account_id, post) values (:a, 'dispatcher')"),
        {"a": walk.town.accounts["leader"]},
    )
    walk.report()
    walk.to_filed()
    walk.move("leader", "dispatch")
    walk.move("lighting", "return_order", note="不属本单位")
    with pytest.raises(SeparationOfDuties):
        walk.move("leader", "void", note="作废")


def test_work_at_a_desk_is_never_dated_back_and_nothing_before_the_last_step(walk: Walk) -> None:
    walk.report()
    with pytest.raises(InvalidInput, match="happens when it is sent"):
        walk.move("intake", "accept", occurred_at=walk.now)
    walk.to_filed()
    walk.move("dispatcher", "dispatch")
    walk.move("lighting", "accept_order")
    with pytest.raises(InvalidInput, match="before the last step"):
        walk.move("lighting", "feed_back", occurred_at=walk.now - timedelta(minutes=5))
    walk.move("lighting", "feed_back", occurred_at=walk.now)


def test_a_phone_that_runs_ahead_does_not_hold_up_its_case(walk: Walk) -> None:
    walk.report(occurred_at=walk.now + timedelta(minutes=4))
    walk.move("intake", "accept")


def test_neither_does_one_that_answers_a_task(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    walk.move("intake", "send_verification")
    walk.move("inspector", "verify", occurred_at=walk.now + timedelta(minutes=1, seconds=40))
    walk.move("leader", "file")
    with pytest.raises(InvalidInput, match="in the future"):
        walk.move("dispatcher", "dispatch", occurred_at=walk.now + timedelta(minutes=10))


def test_a_report_added_to_a_case_names_a_class_that_there_is(walk: Walk) -> None:
    case_id = walk.report().case_id
    with pytest.raises(NotFound, match="not in force"):
        walk.report(case_id=case_id, class_code="M9999")
    with pytest.raises(NotFound, match="does not belong"):
        walk.report(case_id=case_id, condition_id=walk.town.conditions["litter"])
    walk.report(case_id=case_id)


def test_people_and_units_of_a_move_must_fit(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    with pytest.raises(InvalidInput, match="no active inspector"):
        walk.move("intake", "send_verification", inspector_id=walk.town.accounts["dispatcher"])
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector2"])
    walk.move("intake", "send_verification", inspector_id=walk.town.accounts["inspector"], note="换人")
    with pytest.raises(NotPermitted, match="another inspector"):
        walk.move("inspector2", "verify")
    walk.move("inspector", "verify")
    walk.move("leader", "file")
    with pytest.raises(InvalidInput, match="no such unit"):
        walk.move("dispatcher", "dispatch", unit_id=9999)
    walk.move("dispatcher", "dispatch")
    with pytest.raises(InvalidInput, match="with this unit already"):
        walk.move("dispatcher", "redispatch", unit_id=walk.town.units["U-LIGHT"], note="再派")
    walk.move("lighting", "accept_order")
    with pytest.raises(InvalidInput, match="no handler of the case's unit"):
        walk.move("lighting", "assign", handler_id=walk.town.accounts["assessor"])
    walk.move("lighting", "assign", handler_id=walk.town.accounts["electrician"])


def test_far_from_the_case_a_reason_is_needed_and_the_history_shows_it(walk: Walk) -> None:
    walk.report()
    walk.move("intake", "accept")
    walk.move("intake", "send_verification")
    far = Position(walk.town.lamp[0] + 0.01, walk.town.lamp[1])
    with pytest.raises(InvalidInput, match=r"You are 8\d\d m from the case"):
        walk.move("inspector", "verify", position=far)
    walk.move("inspector", "verify", position=far, note="道路封闭，从桥上拍摄")
    seen = detail.detail(walk.db, actors.actor(walk.db, "leader"), walk.received.case_id, now=walk.now)
    assert [row["on_site"] for row in seen["history"] if row["move"] == "verify"] == [False]


def test_a_class_chosen_later_places_and_routes_again_with_its_reason(walk: Walk) -> None:
    walk.report(class_code=None)
    walk.move("intake", "accept", class_code=smalltown.LAMP_CLASS)
    seen = detail.detail(walk.db, actors.actor(walk.db, "leader"), walk.received.case_id, now=walk.now)
    assert seen["unit"]["name"] == "照明所"
    assert seen["asset"]["code"] == "C-LAMP-1"
    assert seen["decision"]["reason_code"] == "asset_unit"
    assert seen["condition_id"] == walk.town.conditions["lamp"]
    walk.db.execute(text("update dispatch.filing_condition set valid_to = '2001-01-01'"))
    walk.move("intake", "send_verification")
    walk.move("inspector", "verify")
    walk.move("leader", "file")
    walk.move("dispatcher", "dispatch")


def test_the_millionth_case_of_an_instance_has_a_number_of_its_own(walk: Walk, database: Database) -> None:
    owner = make_engine(database.owner_url)
    with owner.begin() as db:
        db.execute(text("select setval('dispatch.case_number', 999998)"))
    owner.dispose()
    numbers = [walk.report().number[8:] for _ in range(3)]
    assert numbers == ["999999", "1000000", "1000001"]


def test_the_database_refuses_what_the_workflow_refuses(walk: Walk) -> None:
    walk.report()
    for change in (
        "update dispatch.cases set state = 'closed2', version = version + 1 where id = :id",
        "update dispatch.cases set state = 'checked', version = version + 1 where id = :id",
        "update dispatch.cases set state = 'accepted' where id = :id",
    ):
        with pytest.raises(IntegrityError), walk.db.begin_nested():
            walk.db.execute(text(change), {"id": walk.received.case_id})
    with pytest.raises(IntegrityError), walk.db.begin_nested():
        walk.db.execute(
            text("insert into dispatch.case_event (case_id, seq, move, from_state, to_state, occurred_at, trace_id)"
                 " values (:id, 2, 'close', 'reported', 'closed', now(), 't')"),
            {"id": walk.received.case_id},
        )  # fmt: skip


def test_clocks_warn_and_run_out_once(walk: Walk) -> None:
    walk.report()
    assert timers.fire(walk.db, walk.now + timedelta(minutes=11)) == 0
    assert timers.fire(walk.db, walk.now + timedelta(minutes=12)) == 1
    assert timers.fire(walk.db, walk.now + timedelta(minutes=14)) == 0
    assert timers.fire(walk.db, walk.now + timedelta(minutes=15)) == 1
    assert timers.fire(walk.db, walk.now + timedelta(hours=9)) == 0
    kinds = walk.db.execute(
        text("select kind from gis.event where subject = :s and kind like 'clock.%' order by id"),
        {"s": f"case:{walk.received.case_id}"},
    ).scalars()
    assert list(kinds) == ["clock.warned", "clock.breached"]


def test_clocks_run_on_virtual_time(walk: Walk) -> None:
    moment = datetime(2030, 1, 1, 8, tzinfo=UTC)
    clock.set_virtual(walk.db, moment, rate=0)
    assert clock.now(walk.db) == moment
    clock.set_virtual(walk.db, moment, rate=1_000_000)
    assert walk.db.execute(text("select gis.now() > cast(:m as timestamptz)"), {"m": moment}).scalar_one()
    clock.set_real(walk.db)
    assert abs(clock.now(walk.db) - datetime.now(UTC)) < timedelta(seconds=5)


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
