"""The dispatch process's consumers: alarms become cases once, pictures are read, failures come back and are kept (D2)."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import Engine, text

from api.instance import contents
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch import cases, detail, evidence, listing, reports, service, timers
from dispatch.listing import Filter
from dispatch.reports import NewReport, Position
from dispatch.steps import Move
from gis import actors, clock, events
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.smalltown import Town
from tests.support.waiting import wait_until


def one(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.connect() as db:
        return db.execute(text(statement), values).one()


def report_with(engine: Engine, settings: Settings, town: Town, content: bytes) -> int:
    """A report with one photo; returns the id of its evidence."""
    photo = evidence.keep(settings.evidence_directory, io.BytesIO(content), "p", 10_000_000)
    with engine.begin() as db:
        now = clock.now(db)
        new = NewReport("inspector", "路灯", now, Position(*town.lamp), smalltown.LAMP_CLASS)
        received = reports.receive(db, settings, new, now=now, actor=actors.actor(db, "inspector"), photos=[photo])
    return int(one(engine, "select id from dispatch.evidence where case_id = :id", id=received.case_id).id)


def gps_photo(lon: float, lat: float, format: str) -> bytes:
    """A picture that says where and when it was taken, as a phone writes it; its pixels are given turned by EXIF."""
    image = Image.linear_gradient("L").resize((400, 200)).convert("RGB")
    exif = image.getexif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:11:23 09:30:00"
    exif.get_ifd(0x8825).update({1: "N", 2: dms(lat), 3: "E", 4: dms(lon)})
    content = io.BytesIO()
    if format == "HEIF":
        pillow_heif.from_pillow(image).save(content, exif=exif.tobytes())
    else:
        image.save(content, format, exif=exif)
    return content.getvalue()


def dms(value: float) -> tuple[float, float, float]:
    minutes = value % 1 * 60
    return float(int(value)), float(int(minutes)), minutes % 1 * 60


@pytest.mark.parametrize("format", ["JPEG", "HEIF"])
def test_a_picture_tells_its_time_place_and_distance(
    engine: Engine, settings: Settings, town: Town, format: str
) -> None:
    lon, lat = town.lamp
    evidence_id = report_with(engine, settings, town, gps_photo(lon + 0.001, lat, format))
    while service.act_on_next(engine, settings, "pictures"):
        pass
    row = one(engine, "select r.*, e.sha256 from dispatch.evidence_reading r join dispatch.evidence e on e.id = r.evidence_id"
              " where evidence_id = :id", id=evidence_id)  # fmt: skip
    assert row.error is None
    assert row.taken_text == "2026:11:23 09:30:00"
    assert row.taken_distance_m == pytest.approx(87, abs=2)
    assert len(row.perceptual_hash) == 16
    with Image.open(evidence.path_of(settings.evidence_directory, row.sha256, ".thumbnail.jpg")) as small:
        assert small.height > small.width or format == "HEIF", "a thumbnail stands upright, as EXIF says"


def test_a_broken_picture_keeps_its_reason_and_its_original(engine: Engine, settings: Settings, town: Town) -> None:
    evidence_id = report_with(engine, settings, town, b"\xff\xd8\xff" + b"nonsense" * 50)
    while service.act_on_next(engine, settings, "pictures"):
        pass
    row = one(engine, "select * from dispatch.evidence_reading where evidence_id = :id", id=evidence_id)
    assert row.error
    assert not row.thumbnail


def alarm(town: Town, alarm_id: int, **changes: Any) -> dict[str, Any]:
    lon, lat = town.lamp
    return {
        "alarm_id": alarm_id,
        "asset_id": town.lamp_id,
        "device_id": "D-1",
        "rule": "lamp_power_high",
        "metric": "powerConsumption",
        "value": 470.0,
        "threshold": 450.0,
        "class_code": smalltown.LAMP_CLASS,
        "lon": lon,
        "lat": lat,
    } | changes


def test_an_alarm_becomes_one_case_however_often_it_is_delivered(
    engine: Engine, settings: Settings, town: Town
) -> None:
    for _ in range(2):
        with engine.begin() as db:
            events.append(db, "alarm.raised", f"asset:{town.lamp_id}", alarm(town, 1), "t" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    row = one(
        engine,
        "select count(*) as n, min(trace_id) as trace, min(unit_id) as unit from dispatch.cases where source = 'sensor'",
    )
    assert (row.n, row.trace, row.unit) == (1, "t" * 32, town.units["U-LIGHT"])


def test_the_clock_of_an_alarm_that_had_to_last_runs_from_when_it_was_raised(
    engine: Engine, settings: Settings, town: Town
) -> None:
    """A door must stand open for two minutes first: they are not taken from the centre's time."""
    with engine.begin() as db:
        raised = clock.now(db)
        began = raised - timedelta(minutes=2)
        late = alarm(town, 31, asset_id=79, lon=town.lamp[0] + 0.004, raised_at=raised.isoformat())
        events.append(db, "alarm.raised", "asset:79", late, "d" * 32, began)
    while service.act_on_next(engine, settings, "cases"):
        pass
    row = one(engine, "select occurred_at, stage_started_at from dispatch.cases where trace_id = :t", t="d" * 32)
    assert (row.occurred_at, row.stage_started_at) == (began, raised)


def test_an_alarm_that_nobody_can_mend_is_no_case(engine: Engine, settings: Settings, town: Town) -> None:
    with engine.begin() as db:
        events.append(db, "alarm.raised", "asset:78", alarm(town, 13, asset_id=78, case=False), "r" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    assert one(engine, "select count(*) as n from dispatch.report where source_ref = '13'").n == 0


def test_a_flickering_sensor_is_one_case_with_every_alarm_in_it(engine: Engine, settings: Settings, town: Town) -> None:
    for alarm_id in (11, 12):
        again = alarm(town, alarm_id, asset_id=77, class_code=smalltown.LITTER_CLASS)
        with engine.begin() as db:
            events.append(db, "alarm.raised", "asset:77", again, "x" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    row = one(engine, "select count(distinct c.id) as cases, count(*) as reports from dispatch.report r"
              " join dispatch.cases c on c.id = r.case_id where r.source_ref in ('11', '12')")  # fmt: skip
    assert (row.cases, row.reports) == (1, 2)


def test_an_alarm_belongs_to_its_own_asset_not_to_one_that_stands_nearer(
    engine: Engine, settings: Settings, town: Town
) -> None:
    """A controller in a cabinet, say, with a lamp right beside it."""
    other = one(engine, "select id from gis.asset where code = 'C-LAMP-2'").id
    for alarm_id in (13, 14):
        again = alarm(town, alarm_id, asset_id=other)
        with engine.begin() as db:
            events.append(db, "alarm.raised", f"asset:{other}", again, "n" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    row = one(engine, "select count(distinct c.id) as cases, count(*) as reports, min(c.asset_id) as asset"
              " from dispatch.report r join dispatch.cases c on c.id = r.case_id where r.source_ref in ('13', '14')")  # fmt: skip
    assert (row.cases, row.reports, row.asset) == (1, 2, other)


def test_a_case_of_an_alarm_is_read_in_the_readers_language(engine: Engine, settings: Settings, town: Town) -> None:
    """Title, description, report and the first line of the history; and it is found by either name."""
    names = {"rule_name": "路灯功率过高", "rule_name_en": "Lamp power too high", "kind": "threshold", "unit": "W"}
    with engine.begin() as db:
        facts = alarm(town, 61, asset_id=82, **names)
        events.append(db, "alarm.raised", "asset:82", facts, "l" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    with engine.connect() as db:
        case_id = db.execute(text("select id from dispatch.cases where trace_id = :t"), {"t": "l" * 32}).scalar_one()
        for locale, name, sentence in (
            ("zh", "路灯功率过高", "功率 470 W，限值 450 W"),
            ("en", "Lamp power too high", "power 470 W, limit 450 W"),
        ):
            reader = replace(actors.actor(db, "dispatcher"), locale=locale)
            found = detail.detail(db, reader, case_id, now=clock.now(db), zone=UTC)
            assert found["title"] == name
            assert sentence in found["description"]
            assert found["reports"][0]["description"] == found["history"][0]["note"] == found["description"]
            assert [each["id"] for each in listing.cases(db, reader, Filter(q=name.lower()), now=clock.now(db))] == [
                case_id
            ]


def test_an_alarm_of_a_class_that_the_city_does_not_know_goes_to_the_fallback_desk(
    engine: Engine, settings: Settings, town: Town
) -> None:
    with engine.begin() as db:
        events.append(db, "alarm.raised", "asset:78", alarm(town, 21, asset_id=78, class_code="M9999"), "y" * 32)
    while service.act_on_next(engine, settings, "cases"):
        pass
    row = one(engine, "select unit_id, class_code from dispatch.cases where trace_id = :t", t="y" * 32)
    assert (row.unit_id, row.class_code) == (town.units["U-DESK"], None)


def test_a_sensor_that_flickers_on_after_a_person_chose_the_class_is_still_one_case(
    engine: Engine, settings: Settings, town: Town
) -> None:
    for alarm_id in (22, 23):
        again = alarm(town, alarm_id, asset_id=80, class_code="M9999")
        with engine.begin() as db:
            events.append(db, "alarm.raised", "asset:80", again, "p" * 32)
        while service.act_on_next(engine, settings, "cases"):
            pass
        with engine.begin() as db:
            case = db.execute(text("select id, state from dispatch.cases where trace_id = :t"), {"t": "p" * 32}).one()
            if case.state == "reported":
                accept = Move("accept", class_code=smalltown.LITTER_CLASS)
                cases.move(db, settings, case.id, accept, actor=actors.actor(db, "intake"), now=clock.now(db))
    row = one(engine, "select count(*) as n from dispatch.report where case_id = :id", id=case.id)
    assert row.n == 2


@pytest.mark.parametrize(("restarted", "told"), [(False, ["due_soon", "overdue"]), (True, [])])
def test_nobody_is_told_that_a_clock_ran_out_which_is_another_ones(
    engine: Engine, settings: Settings, town: Town, restarted: bool, told: list[str]
) -> None:
    """Given to another unit just after the clock ran out: the new unit has its whole time before it."""
    with engine.begin() as db:
        now = clock.now(db)
        new = NewReport("hotline", "路灯", now, Position(*town.lamp), smalltown.LAMP_CLASS)
        case_id = reports.receive(db, settings, new, now=now).case_id
        timers.fire(db, settings.time_zone, now + timedelta(hours=1))
        if restarted:
            values = {"id": case_id, "due": now + timedelta(hours=2)}
            db.execute(text("update dispatch.cases set stage_due_at = :due where id = :id"), values)
    while service.act_on_next(engine, settings, "notices"):
        pass
    with engine.connect() as db:
        statement = text("select kind from dispatch.notice where case_id = :id order by kind")
        assert list(db.execute(statement, {"id": case_id}).scalars()) == told


def test_an_event_whose_worker_died_comes_again_and_is_counted(engine: Engine, settings: Settings, town: Town) -> None:
    with engine.begin() as db:
        event_id = events.append(db, "alarm.raised", "asset:79", alarm(town, 31, asset_id=79), "z" * 32)
    with engine.begin() as db:
        claimed = events.claim(db, "cases")
    assert claimed is not None
    assert not service.act_on_next(engine, settings, "cases"), "claimed: nobody else takes it for some seconds"
    with engine.begin() as db:
        db.execute(text("update gis.delivery set next_at = now() where event_id = :id"), {"id": event_id})
    assert service.act_on_next(engine, settings, "cases")
    assert one(engine, "select attempts from gis.delivery where event_id = :id", id=event_id).attempts == 2
    assert one(engine, "select count(*) as n from dispatch.report where source_ref = '31'").n == 1


def test_what_was_tried_before_is_not_taken_together_with_others(engine: Engine, town: Town) -> None:
    """Else one event that ends its process would make dead letters of its neighbours."""
    with engine.begin() as db:
        ids = [events.append(db, "alarm.raised", f"asset:{n}", alarm(town, n), "y" * 32) for n in (90, 91, 92)]
        db.execute(text("update gis.delivery set attempts = 1 where event_id = :id"), {"id": ids[1]})
    with engine.begin() as db:
        taken = [[event.id for event in events.claim_many(db, "cases", 20)] for _ in range(3)]
        db.execute(text("update gis.delivery set done_at = now() where event_id = any(:ids)"), {"ids": ids})
    assert taken == [[ids[0], ids[2]], [ids[1]], []]


def test_a_picture_too_large_to_unpack_is_noted_not_tried(engine: Engine, settings: Settings, town: Town) -> None:
    content = io.BytesIO()
    Image.new("1", (9000, 9000)).save(content, "PNG")
    evidence_id = report_with(engine, settings, town, content.getvalue())
    while service.act_on_next(engine, settings, "pictures"):
        pass
    assert (
        "pixels"
        in one(engine, "select error from dispatch.evidence_reading where evidence_id = :id", id=evidence_id).error
    )


def png_of_size(width: int, height: int) -> bytes:
    """A PNG of one colour: a few kilobytes, however large."""
    content = io.BytesIO()
    Image.new("1", (width, height)).save(content, "PNG")
    return content.getvalue()


def heic_with_another_size(width: int, height: int) -> bytes:
    """Its head says another size than its picture has, which the decoder reports as a kind of error of its own."""
    content = bytearray(gps_photo(115.6, 38.4, "HEIF"))
    at = content.index(b"ispe") + 8
    content[at : at + 8] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [png_of_size(1, 50_000_000), heic_with_another_size(1, 1)],
    ids=["a line of fifty million pixels", "HEIC that contradicts itself"],
)
def test_whatever_a_decoder_says_of_a_picture_is_noted_once(
    engine: Engine, settings: Settings, town: Town, content: bytes
) -> None:
    evidence_id = report_with(engine, settings, town, content)
    while service.act_on_next(engine, settings, "pictures"):
        pass
    assert one(engine, "select error from dispatch.evidence_reading where evidence_id = :id", id=evidence_id).error
    event = "select d.done_at from gis.delivery d join gis.event e on e.id = d.event_id where e.subject = :subject"
    assert one(engine, event, subject=f"evidence:{evidence_id}").done_at, "it is not tried again"


def test_odd_words_of_a_camera_do_not_cost_its_picture_the_thumbnail(
    engine: Engine, settings: Settings, town: Town
) -> None:
    content = bytearray(gps_photo(*town.lamp, "JPEG"))
    content = content.replace(b"2026:11:23 09:30:00", b"2026:11:23\0\0\0\0\0\0\0\0\0")
    longitude = content.index(bytes.fromhex("0004 0005 00000003"))  # tag, kind (5: a fraction), how many
    content[longitude + 3] = 2  # a text, says this camera
    evidence_id = report_with(engine, settings, town, bytes(content))
    while service.act_on_next(engine, settings, "pictures"):
        pass
    row = one(engine, "select * from dispatch.evidence_reading where evidence_id = :id", id=evidence_id)
    assert (row.error, row.thumbnail, row.taken_text) == (None, True, "2026:11:23")


def test_a_disk_that_takes_no_thumbnail_is_not_blamed_on_the_picture(
    engine: Engine, settings: Settings, town: Town
) -> None:
    evidence_id = report_with(engine, settings, town, gps_photo(*town.lamp, "PNG"))
    row = one(engine, "select sha256 from dispatch.evidence where id = :id", id=evidence_id)
    in_the_way = evidence.path_of(settings.evidence_directory, row.sha256, ".thumbnail.jpg")
    in_the_way.mkdir()
    assert service.act_on_next(engine, settings, "pictures")
    in_the_way.rmdir()
    with engine.begin() as db:
        db.execute(text("update gis.delivery set next_at = now() where done_at is null and consumer = 'pictures'"))
    assert service.act_on_next(engine, settings, "pictures")
    reading = one(engine, "select * from dispatch.evidence_reading where evidence_id = :id", id=evidence_id)
    assert (reading.error, reading.thumbnail) == (None, True)


def test_noting_a_failure_never_fails_itself(engine: Engine, town: Town) -> None:
    with engine.begin() as db:
        event_id = events.append(db, "alarm.raised", "asset:0", alarm(town, 5), "q" * 32)
        events.failed(db, "cases", event_id, "ValueError: NUL \0 and half a character \ud800")
        events.done(db, "cases", event_id)


def test_a_failing_event_is_kept_with_its_reason_and_does_not_hold_up_the_next(
    engine: Engine, settings: Settings, town: Town
) -> None:
    with engine.begin() as db:
        bad = events.append(db, "alarm.raised", "asset:0", alarm(town, 2, value="junk"), "u" * 32)
        good = events.append(db, "alarm.raised", "asset:0", alarm(town, 3), "v" * 32)
    assert service.act_on_next(engine, settings, "cases")
    assert service.act_on_next(engine, settings, "cases")
    assert not service.act_on_next(engine, settings, "cases"), "the failed one waits before it is tried again"
    failed = one(engine, "select * from gis.delivery where event_id = :id", id=bad)
    assert failed.done_at is None
    assert "ValueError" in failed.error
    assert failed.next_at > one(engine, "select clock_timestamp() as moment").moment - timedelta(seconds=1)
    assert one(engine, "select done_at from gis.delivery where event_id = :id", id=good).done_at


def test_after_twenty_failures_an_event_is_a_dead_letter_that_doctor_names(
    engine: Engine, settings: Settings, town: Town, database: Database
) -> None:
    contents.nothing_given_up(database.app_url)
    with engine.begin() as db:
        event_id = events.append(db, "alarm.raised", "asset:0", alarm(town, 4, value="junk"), "w" * 32)
    for _ in range(20):
        with engine.begin() as db:
            others = text("update gis.delivery set next_at = now() + interval '1 hour' * (event_id <> :id)::int")
            db.execute(others, {"id": event_id})
        assert service.act_on_next(engine, settings, "cases")
    with engine.begin() as db:
        db.execute(text("update gis.delivery set next_at = now() where event_id = :id"), {"id": event_id})
        claimed = events.claim(db, "cases")
        assert claimed is None or claimed.id != event_id
    with pytest.raises(ConfigurationError, match=r"cases 1 \(ValueError"):
        contents.nothing_given_up(database.app_url)


def test_the_process_keeps_what_the_evaluation_counts(engine: Engine, settings: Settings, town: Town) -> None:
    with engine.begin() as db:
        now = clock.now(db)
        new = NewReport("hotline", "暴露垃圾", now, Position(*town.lamp), smalltown.LITTER_CLASS)
        received = reports.receive(db, settings, new, now=now, actor=actors.actor(db, "intake"))
    kept = "select count(*) as n from dispatch.case_fact where id = :id"
    assert one(engine, kept, id=received.case_id).n == 0
    running = service.Service(settings)
    worker = threading.Thread(target=running.run)
    worker.start()
    try:
        wait_until(lambda: one(engine, kept, id=received.case_id).n == 1, 20, what="the facts of the case")
    finally:
        running.stop()
        worker.join()
