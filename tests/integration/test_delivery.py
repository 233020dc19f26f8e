"""Notices on their way: read in the pages by each for themselves; mail, SMS, robots, webhooks; retried, given up, sent again (issue 5)."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot
from sqlalchemy import Engine, text

from api.instance import contents
from config.errors import ConfigurationError
from config.settings import Settings
from dispatch import service
from dispatch.delivery import outbox, sending
from gis import clock, organisation
from gis.db import transaction
from tests.support.databases import Database
from tests.support.gateways import Gateway, MailServer, gateway, mail_server
from tests.support.http_cases import lamp_report, to_dispatched
from tests.support.server import Person, Process, WebServer
from tests.support.smalltown import PASSWORD, Town
from tests.support.waiting import wait_until

SECRET = "geheim-4711"


@pytest.fixture(scope="module")
def administrator(engine: Engine, server: WebServer, town: Town) -> Iterator[Person]:
    with engine.begin() as db:
        account = organisation.add_account(db, "admin", "管理员", password=PASSWORD, locale="en")
        organisation.give_post(db, account, "administrator")
    with closing(server.person("admin", PASSWORD)) as person:
        yield person


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def hook() -> Iterator[Gateway]:
    with gateway() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left(engine: Engine, mail: MailServer, people: dict[str, Person]) -> Iterator[None]:
    """Each test begins without channels, choices and anything that waits; units speak Chinese."""
    for name in ("lighting", "electrician", "roads"):
        people[name].speaks("zh")
    yield
    mail.arrived.clear()
    mail.refusing = 0
    with engine.begin() as db:
        clock.set_real(db)
        for table in ("delivery", "channel", "notice_choice", "notice_default", "notice_hours", "notice_address"):
            db.execute(text(f"delete from dispatch.{table}"))


@pytest.fixture
def case(people: dict[str, Person], town: Town, engine: Engine, settings: Settings) -> Callable[..., dict[str, Any]]:
    """A case that its unit has just been given; what was to be told before has been."""

    def make() -> dict[str, Any]:
        lon, lat = town.lamp
        (now,) = rows(engine, "select gis.now() as moment")
        report = lamp_report(town, occurred_at=now.moment.isoformat())
        made: dict[str, Any] = people["inspector"].hand_in("/api/reports", report).json()["case"]
        to_dispatched(people, made | {"lon": lon, "lat": lat})
        settle(engine, settings)
        return made

    return make


def settle(engine: Engine, settings: Settings) -> None:
    while service.act_on_many(engine, settings, "notices"):
        pass


def send_all(engine: Engine, settings: Settings) -> int:
    """Send what is due, without waiting for pauses between messages and tries; how many messages were tried."""
    tried = 0
    while True:
        with engine.begin() as db:
            db.execute(text("update dispatch.channel set next_at = clock_timestamp()"))
        if not sending.send_next(engine, settings):
            return tried
        tried += 1


def try_again(engine: Engine) -> None:
    with engine.begin() as db:
        db.execute(text("update dispatch.delivery set next_at = clock_timestamp() where state = 'failed'"))


def rows(engine: Engine, statement: str, **values: Any) -> list[Any]:
    with engine.connect() as db:
        return list(db.execute(text(statement), values))


def states(engine: Engine) -> list[str]:
    return [row.state for row in rows(engine, "select state from dispatch.delivery order by id")]


def add(administrator: Person, kind: str, address: str, **more: Any) -> dict[str, Any]:
    answer = administrator.post(
        "/api/notice-settings/channels", json={"kind": kind, "name": kind, "address": address} | more
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def wants(person: Person, mode: str = "at_once", kinds: tuple[str, ...] = ("turn",), **more: Any) -> None:
    """The person wants these kinds by mail."""
    body = {"addresses": {"mail": "desk@example.org"}, "modes": {kind: {"mail": mode} for kind in kinds}} | more
    answer = person.put("/api/notices/choices", json=body)
    assert answer.status_code == 204, answer.text


def unread(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get("/api/notices", params={"unread": True}).json()["items"]
    return found


def of_case(person: Person, case: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in unread(person) if one["case"] and one["case"]["id"] == case["id"]]


def test_a_notice_to_a_unit_is_read_by_each_of_its_people_for_themselves(
    people: dict[str, Person], case: Callable[..., dict[str, Any]]
) -> None:
    made = case()
    (notice,) = of_case(people["lighting"], made)
    assert notice["text"].startswith(f"案件 {made['number']} 待您办理（处置）：路灯")
    assert notice["link"] == f"/unit#{made['number']}"
    assert of_case(people["electrician"], made)[0]["id"] == notice["id"]
    assert of_case(people["roads"], made) == [] == of_case(people["mayor"], made)
    before = people["lighting"].get("/api/notices/unread").json()["unread"]
    people["lighting"].post("/api/notices/read", json={"ids": [notice["id"]]}).raise_for_status()
    people["roads"].post("/api/notices/read", json={"ids": [notice["id"]]}).raise_for_status()
    assert people["lighting"].get("/api/notices/unread").json()["unread"] == before - 1
    assert of_case(people["lighting"], made) == []
    assert of_case(people["electrician"], made) != []
    shown = people["lighting"].get("/api/notices", params={"kind": "turn"}).json()["items"]
    assert next(one for one in shown if one["id"] == notice["id"])["read"]
    people["electrician"].post("/api/notices/read-all", json={"through": notice["id"]}).raise_for_status()
    assert unread(people["electrician"]) == []
    assert of_case(people["electrician"], case()) != [], "what comes later is unread"


def test_who_may_no_longer_see_the_case_sees_no_notice_of_it_but_that_it_went(
    people: dict[str, Person], case: Callable[..., dict[str, Any]], engine: Engine, settings: Settings, town: Town
) -> None:
    made = case()
    assist = people["dispatcher"].move(made["id"], "add_assist", assist_unit_id=town.units["U-ROAD"], note="井盖")
    assert assist.status_code == 200, assist.text
    settle(engine, settings)
    assert [one["kind"] for one in of_case(people["roads"], made)] == ["assist"]
    revoked = people["dispatcher"].move(made["id"], "revoke_assist", assist_unit_id=town.units["U-ROAD"], note="不需要")
    assert revoked.status_code == 200, revoked.text
    settle(engine, settings)
    left = [one for one in unread(people["roads"]) if made["number"] in one["text"]]
    assert [(one["kind"], one["case"], one["link"]) for one in left] == [("assist_revoked", None, None)]
    assert "路灯" not in left[0]["text"]


def test_a_notice_to_a_post_is_for_its_holders_at_the_centre_in_question(
    people: dict[str, Person], case: Callable[..., dict[str, Any]], engine: Engine, server: WebServer
) -> None:
    made = case()
    with engine.begin() as db:
        area = db.execute(text("select id from gis.area where level = 'district'")).scalar_one()
        centre = organisation.add_centre(db, "D-1", "试验区中心", "", "combined", "district", area_id=area)
        account = organisation.add_account(db, "district", "区派遣员", password=PASSWORD)
        organisation.give_post(db, account, "dispatcher", centre_id=centre)
        db.execute(
            text(
                "insert into dispatch.notice (kind, case_id, post, centre_id, facts, event_id, trace_id)"
                " values ('asked', :id, 'dispatcher', :centre, cast(:facts as jsonb), -1, 't')"
            ),
            {"id": made["id"], "centre": centre, "facts": json.dumps({"number": made["number"]})},
        )
    assert "asked" not in [one["kind"] for one in of_case(people["dispatcher"], made)]
    with closing(server.person("district", PASSWORD)) as person:
        assert [one["kind"] for one in unread(person)] == ["asked"]
    with engine.begin() as db:
        db.execute(text("update dispatch.notice set centre_id = null where event_id = -1"))
    assert "asked" in [one["kind"] for one in of_case(people["dispatcher"], made)]


def test_mail_goes_out_once_in_the_readers_language(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
) -> None:
    add(administrator, "mail", mail.address)
    wants(people["lighting"])
    made = case()
    assert send_all(engine, settings) == 1
    ((to, message),) = mail.arrived
    assert to == ["desk@example.org"]
    assert made["number"] in str(message["Subject"])
    assert "待您办理" in mail.texts()[0]
    settle(engine, settings)
    assert send_all(engine, settings) == 0
    people["lighting"].speaks("en")
    case()
    send_all(engine, settings)
    assert "is yours to work on" in mail.texts()[1]
    assert states(engine) == ["sent", "sent"]


def test_what_fails_comes_again_is_given_up_and_sent_again_when_somebody_says_so(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
) -> None:
    add(administrator, "mail", mail.address)
    wants(people["lighting"])
    made = case()
    mail.refusing = outbox.MOST_ATTEMPTS
    assert send_all(engine, settings) == 1
    assert states(engine) == ["failed"]
    (row,) = rows(engine, "select next_at - clock_timestamp() as wait from dispatch.delivery")
    assert timedelta(seconds=20) < row.wait <= timedelta(seconds=30)
    (channel,) = rows(engine, "select failures from dispatch.channel")
    assert channel.failures == 1
    for _ in range(outbox.MOST_ATTEMPTS - 1):
        try_again(engine)
        send_all(engine, settings)
    try_again(engine)
    assert (states(engine), send_all(engine, settings), mail.arrived) == (["dead"], 0, [])
    with pytest.raises(ConfigurationError, match="mail 1"):
        contents.nothing_undelivered(settings.database_url)
    letters = administrator.get("/api/notice-settings").json()["letters"]
    assert letters["count"] == 1
    assert letters["items"][0]["number"] == made["number"]
    assert "could not be sent" in letters["items"][0]["error"]
    assert people["leader"].post("/api/notice-settings/letters/replay", json={"ids": []}).status_code == 403
    answer = administrator.post("/api/notice-settings/letters/replay", json={"ids": [letters["items"][0]["id"]]})
    assert answer.json() == {"replayed": 1}
    send_all(engine, settings)
    assert (states(engine), len(mail.arrived)) == (["sent"], 1)


def test_quiet_hours_across_midnight_hold_back_until_they_end_and_then_send_together(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
) -> None:
    add(administrator, "mail", mail.address)
    wants(people["lighting"], quiet_from="22:00", quiet_until="07:00", kinds=("turn", "pressed"))
    today = datetime.now(UTC).date()
    night = datetime(today.year, today.month, today.day, 15, 30, tzinfo=UTC)  # half past eleven at night in Shanghai
    with engine.begin() as db:
        clock.set_virtual(db, night, 0)
    made = [case(), case()]
    assert send_all(engine, settings) == 0
    assert people["mayor"].move(made[0]["id"], "press", note="尽快").status_code == 200
    settle(engine, settings)
    assert send_all(engine, settings) == 1, "what is urgent waits for nothing"
    assert "督办" in mail.texts()[0]
    with engine.begin() as db:
        clock.set_virtual(db, night + timedelta(hours=7, minutes=29), 0)
    assert send_all(engine, settings) == 0
    with engine.begin() as db:
        clock.set_virtual(db, night + timedelta(hours=7, minutes=30), 0)
    assert send_all(engine, settings) == 1, "seven in the morning: one message with both"
    assert [number in mail.texts()[1] for number in (made[0]["number"], made[1]["number"])] == [True, True]


def test_a_digest_gathers_what_a_post_gets_by_default(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
) -> None:
    add(administrator, "mail", mail.address)
    default = {"post": "unit_desk", "modes": {"turn": {"mail": "daily"}}}
    assert administrator.put("/api/notice-settings/defaults", json=default).status_code == 204
    wants(people["lighting"], kinds=(), daily_at="08:00")
    today = datetime.now(UTC).date()
    ten = datetime(today.year, today.month, today.day, 2, tzinfo=UTC)  # ten in the morning in Shanghai
    with engine.begin() as db:
        clock.set_virtual(db, ten, 0)
    made = [case(), case(), case()]
    assert send_all(engine, settings) == 0
    with engine.begin() as db:
        clock.set_virtual(db, ten + timedelta(hours=22), 0)
    assert send_all(engine, settings) == 1
    assert "3 条提醒" in str(mail.arrived[0][1]["Subject"])
    assert all(one["number"] in mail.texts()[0] for one in made)


def test_what_the_reader_may_no_longer_see_and_what_has_no_address_is_dropped_with_the_reason(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
    town: Town,
) -> None:
    add(administrator, "mail", mail.address)
    wants(people["lighting"])
    made = case()
    moved = people["dispatcher"].move(made["id"], "redispatch", unit_id=town.units["U-ROAD"], note="另有归属")
    assert moved.status_code == 200, moved.text
    case()
    send_all(engine, settings)
    assert sorted(states(engine)) == ["dropped", "sent"]
    case()
    wants(people["lighting"], addresses={"mail": ""})
    send_all(engine, settings)
    dropped = rows(
        engine, "select error ->> 'message' as why from dispatch.delivery where state = 'dropped' order by id"
    )
    assert ["no longer see" in dropped[0].why, "no address" in dropped[1].why] == [True, True]


def signature_fits(secret: str, request: Any, now: float, seen: set[str]) -> bool:
    """A receiver as docs/guide/notices.md describes it, written for itself."""
    stamp, message = request.headers["X-CityCommand-Timestamp"], request.headers["X-CityCommand-Message"]
    if abs(now - int(stamp)) > 300 or message in seen:
        return False
    wanted = (
        "sha256="
        + hmac.new(
            secret.encode(), b".".join([stamp.encode(), message.encode(), request.content]), hashlib.sha256
        ).hexdigest()
    )
    if not any(hmac.compare_digest(wanted, one) for one in request.headers["X-CityCommand-Signature"].split(",")):
        return False
    seen.add(message)
    return True


def test_a_webhook_is_signed_keeps_its_id_and_can_change_its_secret(
    administrator: Person,
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    hook: Gateway,
    town: Town,
) -> None:
    made = add(administrator, "webhook", hook.url + "/in/" + SECRET, unit_id=town.units["U-LIGHT"], kinds=["turn"])
    hook.failing = 1
    told = case()
    send_all(engine, settings)
    assert states(engine) == ["failed"]
    try_again(engine)
    send_all(engine, settings)
    first, second = hook.arrived
    assert first.json["id"] == second.json["id"] == second.headers["X-CityCommand-Message"], (
        "a repeat is known by its id"
    )
    assert second.json["notices"][0]["case"] == told["number"]
    now = datetime.now(UTC).timestamp()
    seen: set[str] = set()
    assert signature_fits(made["signing_secret"], second, now, seen)
    assert not signature_fits(made["signing_secret"], first, now, seen), "the same message a second time"
    assert not signature_fits(made["signing_secret"], second, now + 301, set())
    assert not signature_fits("another", second, now, set())
    fresh = administrator.post(f"/api/notice-settings/channels/{made['id']}/secret", json={}).json()["signing_secret"]
    case()
    send_all(engine, settings)
    third = hook.arrived[2]
    assert all(signature_fits(secret, third, now, set()) for secret in (made["signing_secret"], fresh)), (
        "both are valid"
    )
    administrator.post(f"/api/notice-settings/channels/{made['id']}/secret", json={}).raise_for_status()
    case()
    send_all(engine, settings)
    assert not signature_fits(made["signing_secret"], hook.arrived[3], now, set())
    assert signature_fits(fresh, hook.arrived[3], now, set())


def test_a_redirect_is_a_refusal_and_nothing_secret_shows_anywhere(
    administrator: Person, case: Callable[..., dict[str, Any]], engine: Engine, settings: Settings, hook: Gateway, database: Database,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hook.status = 307
    add(administrator, "webhook", hook.url + "/in/" + SECRET, kinds=["turn"])
    gateway_url = hook.url.replace("http", "json") + f"/{SECRET}?:apikey={SECRET}&:mobile={{to}}"
    sms = add(administrator, "sms", gateway_url)
    case()
    send_all(engine, settings)
    tested = administrator.post(f"/api/notice-settings/channels/{sms['id']}/test", json={"to": "13800001111"})
    assert (tested.status_code, "test again" in tested.json()["next_step"]) == (502, True)
    assert {request.path.split("/")[1] for request in hook.arrived} == {"in", SECRET}, "nobody went elsewhere"
    shown = administrator.get("/api/notice-settings").text
    assert "307" in shown
    dump = subprocess.run(
        ["pg_dump", "--inserts", database.owner.set(drivername="postgresql").render_as_string(hide_password=False)],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for where in (shown, tested.text, dump, "".join(capfd.readouterr())):
        assert SECRET not in where
        assert "13800001111" not in where


def test_an_sms_gateway_gets_one_sentence_and_the_number(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    hook: Gateway,
) -> None:
    add(administrator, "sms", hook.url.replace("http", "json") + "/send?:mobile={to}")
    body = {"addresses": {"sms": "+86 138-0000-1111"}, "modes": {"turn": {"sms": "at_once"}}}
    assert people["lighting"].put("/api/notices/choices", json=body).status_code == 204
    made = case()
    send_all(engine, settings)
    (request,) = hook.arrived
    assert request.json["mobile"] == "+8613800001111"
    assert made["number"] in request.json["message"]
    assert people["lighting"].get("/api/notices/choices").json()["addresses"]["sms"] == "+8613800001111"


@pytest.mark.parametrize(
    ("kind", "address", "plugin", "wrong"),
    [
        ("wecom", "wecombot://abcd-1234", NotifyWeComBot, {"errcode": 93000, "errmsg": "invalid webhook url"}),
        ("dingtalk", f"dingtalk://SEC{'a' * 40}@{'b' * 40}", NotifyDingTalk, {"errcode": 310000, "errmsg": "sign not match"}),
        ("feishu", "feishu://0123-4567-89ab", NotifyFeishu, {"code": 19024, "msg": "Key Words Not Found"}),
    ],
)  # fmt: skip
def test_a_robot_that_says_no_with_status_200_has_not_taken_the_message(
    administrator: Person, case: Callable[..., dict[str, Any]], engine: Engine, settings: Settings, hook: Gateway,
    monkeypatch: pytest.MonkeyPatch, kind: str, address: str, plugin: Any, wrong: dict[str, Any],
) -> None:  # fmt: skip
    """The robots' servers stand at fixed addresses: here the plugins are led to ours, by the constant that Apprise keeps them in."""
    monkeypatch.setattr(plugin, "notify_url", hook.url + "/robot")
    add(administrator, kind, address, kinds=["turn"])
    hook.answer = wrong
    first, second = case(), case()
    send_all(engine, settings)
    assert states(engine) == ["failed", "failed"]
    hook.answer = {"errcode": 0, "code": 0}
    try_again(engine)
    assert send_all(engine, settings) == 1, "robots take few messages a minute: both go in one"
    assert states(engine) == ["sent", "sent"]
    said = json.dumps(hook.arrived[-1].json, ensure_ascii=False)
    assert first["number"] in said
    assert second["number"] in said


def test_a_template_of_the_city_is_previewed_used_and_cannot_stop_delivery(
    administrator: Person,
    people: dict[str, Person],
    case: Callable[..., dict[str, Any]],
    engine: Engine,
    settings: Settings,
    mail: MailServer,
    town: Town,
) -> None:
    add(administrator, "mail", mail.address)
    wants(people["lighting"])
    own = {"kind": "turn", "locale": "zh", "words": "【本市】{number} 请速办"}
    previewed = administrator.post("/api/notice-settings/templates/preview", json=own).json()["text"]
    assert previewed == "【本市】20261124-0007 请速办"
    refused = administrator.put("/api/notice-settings/templates", json=own | {"words": "{number} {phone}"})
    assert (refused.status_code, "phone" in refused.json()["detail"]) == (422, True)
    assert administrator.put("/api/notice-settings/templates", json=own).status_code == 204
    made = case()
    send_all(engine, settings)
    assert f"【本市】{made['number']} 请速办" in mail.texts()[0]
    assert of_case(people["lighting"], made)[0]["text"] == f"【本市】{made['number']} 请速办"
    with engine.begin() as db:  # one that an older version had let through
        db.execute(text("insert into dispatch.notice_template (kind, locale, words, account_id) values ('turn', 'zh', '{gone}', :id)"),
                   {"id": town.accounts["leader"]})  # fmt: skip
    case()
    send_all(engine, settings)
    assert "待您办理" in mail.texts()[1]
    assert [row.fell_back for row in rows(engine, "select fell_back from dispatch.delivery order by id")] == [
        False,
        True,
    ]
    listed = administrator.get("/api/notice-settings").json()["templates"]
    assert "gone" in next(one for one in listed if one["kind"] == "turn")["locales"]["zh"]["broken"]
    administrator.put("/api/notice-settings/templates", json=own | {"words": ""}).raise_for_status()
    assert of_case(people["lighting"], case())[0]["text"].startswith("案件")


def test_a_slow_gateway_holds_up_nobody_and_a_killed_sender_sends_no_marked_message_again(
    administrator: Person, people: dict[str, Person], case: Callable[..., dict[str, Any]], engine: Engine, mail: MailServer,
    hook: Gateway, settings_environment: dict[str, str], tmp_path: Path,
) -> None:  # fmt: skip
    add(administrator, "webhook", hook.url + "/slow", kinds=["turn"])
    add(administrator, "mail", mail.address)
    wants(people["lighting"])
    numbers = [case()["number"] for _ in range(3)]
    hook.hold = threading.Event()
    with Process(["dispatch.service"], settings_environment, tmp_path / "log") as running:
        assert hook.reached.wait(20)
        wait_until(lambda: states(engine).count("sent") == 3, what="mail while the gateway holds its request")
        running.kill()
    hook.hold.set()
    with transaction(engine) as db:
        db.execute(text("update dispatch.delivery set next_at = clock_timestamp() where state = 'failed'"))
    with Process(["dispatch.service"], settings_environment, tmp_path / "again"):
        wait_until(lambda: states(engine).count("sent") == 6, 30, what="everything sent")
    assert len(mail.arrived) == 3, "what was marked is not sent again"
    sent = [request.json for request in hook.arrived]
    assert sorted({one["notices"][0]["case"] for one in sent}) == sorted(numbers)
    by_case = {number: {one["id"] for one in sent if one["notices"][0]["case"] == number} for number in numbers}
    assert [len(ids) for ids in by_case.values()] == [1, 1, 1], (
        "the one that was under way when it died came again under its id"
    )
    assert len(sent) == 4
