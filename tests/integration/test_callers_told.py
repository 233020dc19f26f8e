"""What callers and their hotline are told: calling back after a close, and tickets exchanged with 12345 both ways (C4, D2)."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api import cli
from config.settings import Settings
from dispatch import service
from dispatch.evaluation import counting
from dispatch.evaluation.counting import Query
from dispatch.exchange import partners
from gis import clock, organisation
from tests.support import smalltown
from tests.support.databases import Database
from tests.support.http_cases import jpeg, lamp_report, to_dispatched
from tests.support.other_hotline import OtherHotline
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town

CALLERS_NUMBER = "13911110001"


@pytest.fixture(scope="module")
def administrator(engine: Engine, server: WebServer, town: Town) -> Iterator[Person]:
    with engine.begin() as db:
        account = organisation.add_account(db, "admin", "管理员", password=PASSWORD, locale="en")
        organisation.give_post(db, account, "administrator")
    with closing(server.person("admin", PASSWORD)) as person:
        yield person


def settle(engine: Engine, settings: Settings, consumer: str = "callers") -> None:
    """Let a consumer act on all that is open for it."""
    while service.act_on_next(engine, settings, consumer):
        pass


def called_about(people: dict[str, Person], town: Town, number: str, **changes: Any) -> dict[str, Any]:
    intake = people["intake"]
    call_id = intake.hand_in("/api/calls", {"name": "刘女士", "number": number, **changes}).json()["id"]
    report = lamp_report(town, source="hotline", call_id=call_id)
    case: dict[str, Any] = intake.hand_in("/api/reports", report).json()["case"]
    intake.post(f"/api/calls/{call_id}/end", json={"kind": "complaint"}).raise_for_status()
    return case


def to_closed(people: dict[str, Person], case: dict[str, Any]) -> None:
    to_dispatched(people, case)
    here = {"lon": case["lon"], "lat": case["lat"]}
    for who, move, more in (
        ("lighting", "accept_order", {}),
        ("lighting", "feed_back", {"position": here}),
        ("intake", "send_check", {}),
        ("inspector", "check", {"position": here}),
        ("leader", "close", {}),
    ):
        answer = people[who].move(case["id"], move, photos=[jpeg("blue")] if more else None, **more)
        assert answer.status_code == 200, answer.text


def waiting(people: dict[str, Person], case: dict[str, Any], who: str = "intake") -> list[dict[str, Any]]:
    return [one for one in people[who].get("/api/callbacks").json() if one["case"]["id"] == case["id"]]


def attempt(person: Person, callback: dict[str, Any], **said: Any) -> httpx.Response:
    return person.hand_in(f"/api/callbacks/{callback['id']}/attempts", said)


def test_after_a_close_the_caller_is_called_back(
    people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    case = called_about(people, town, CALLERS_NUMBER)
    to_closed(people, case)
    settle(engine, settings)
    settle(engine, settings)
    [callback] = waiting(people, case)
    assert (callback["number"], callback["may_call"], callback["may_reopen"]) == ("139****0001", True, True)
    whom = people["intake"].post(f"/api/callbacks/{callback['id']}/caller").json()
    assert whom == {"name": "刘女士", "number": CALLERS_NUMBER}
    read = people["leader"].get("/api/caller-readings").json()[0]
    assert (read["what"], read["purpose"]) == ("call_back", f"{case['number']} #1")

    assert attempt(people["intake"], callback, outcome="no_answer").json() == {"state": "waiting"}
    assert attempt(people["intake"], callback, outcome="reached").json()["facts"]["field"] == "solved"
    assert attempt(people["intake"], callback, outcome="busy", solved="yes").status_code == 422
    said = attempt(people["intake"], callback, outcome="reached", solved="partly", satisfied=3, words="还有一盏不亮")
    assert said.json() == {"state": "done"}
    assert waiting(people, case) == []
    assert attempt(people["intake"], callback, outcome="busy").status_code == 422
    with engine.connect() as db:
        row = db.execute(text("select * from dispatch.callback where id = :id"), {"id": callback["id"]}).one()
    assert (row.state, row.attempts, row.solved, row.satisfied, row.reopened) == ("done", 2, "partly", 3, False)
    assert row.unit_id == case["unit"]["id"]


def test_what_callers_say_is_counted(people: dict[str, Person], town: Town, engine: Engine, settings: Settings) -> None:
    """Solved and satisfied are counted apart, kept as a computation from the beginning gives them, and unknown where nobody was asked."""

    def figures() -> dict[str, int | None]:
        with engine.begin() as db:
            now = clock.now(db)
            counting.ready(db)
            query = Query(now - timedelta(days=1), now + timedelta(days=1))
            found = counting.counts(db, "city", query)["city"]
            raw = counting.counts(db, "city", query.as_known(now))["city"]
        assert raw == found
        return {name: found[name] for name in ("asked_back", "solved", "graded", "satisfied")}

    before = figures()
    answers: tuple[dict[str, Any], ...] = (
        {"solved": "yes", "satisfied": 4},
        {"solved": "yes"},
        {"solved": "partly", "satisfied": 3},
    )
    for number, said in enumerate(answers):
        case = called_about(people, town, f"1391111010{number}")
        to_closed(people, case)
        settle(engine, settings)
        [callback] = waiting(people, case)
        assert attempt(people["intake"], callback, outcome="reached", **said).json() == {"state": "done"}
    after = figures()
    added = {name: (number or 0) - (before[name] or 0) for name, number in after.items()}
    assert added == {"asked_back": 3, "solved": 2, "graded": 2, "satisfied": 1}


def test_three_attempts_in_vain_are_enough(
    people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    case = called_about(people, town, "13911110002")
    to_closed(people, case)
    settle(engine, settings)
    [callback] = waiting(people, case)
    states = [
        attempt(people["intake"], callback, outcome=outcome).json()["state"]
        for outcome in ("no_answer", "busy", "wrong_number")
    ]
    assert states == ["waiting", "waiting", "unreachable"]


def test_what_is_not_solved_is_reopened_as_the_citizens_wish(
    people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    case = called_about(people, town, "13911110003")
    to_closed(people, case)
    settle(engine, settings)
    [callback] = waiting(people, case)
    refused = attempt(people["intake"], callback, outcome="reached", solved="partly", reopen=True)
    assert refused.status_code == 422
    said = attempt(
        people["intake"], callback, outcome="reached", solved="no", satisfied=1, words="还是不亮", reopen=True
    )
    assert said.json() == {"state": "done"}
    seen = people["intake"].get(f"/api/cases/{case['id']}").json()
    last = seen["history"][-1]
    assert (seen["state"], seen["reopened_count"], last["move"], last["actor"]) == ("filed", 1, "reopen", "")
    assert "还是不亮" in last["note"]
    assert "回访" in last["note"]
    settle(engine, settings)
    people["dispatcher"].move(case["id"], "dispatch").raise_for_status()


def test_a_confidential_caller_is_called_back_by_who_took_the_call(
    people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    with engine.begin() as db:
        account = organisation.add_account(db, "intake3", "小吴", password=PASSWORD, locale="en")
        organisation.give_post(db, account, "intake_operator")
    case = called_about(people, town, "13911110004", confidential=True)
    to_closed(people, case)
    settle(engine, settings)
    [callback] = waiting(people, case)
    with closing(Person(str(people["intake"].base_url), "intake3", PASSWORD)) as other:
        [theirs] = waiting({"intake": other}, case)
        assert (theirs["may_call"], theirs["number"], theirs["name"]) == (False, "", "")
        assert other.post(f"/api/callbacks/{callback['id']}/caller").status_code == 403
        assert attempt(other, callback, outcome="refused").status_code == 403
    assert attempt(people["intake"], callback, outcome="refused").json() == {"state": "refused"}


# --- the exchange with 12345


class Partner(httpx.Client):
    """The other hotline as it calls us."""

    def __init__(self, administrator: Person, code: str, push_url: str = "") -> None:
        body = {"code": code, "name": "市民热线", "push_url": push_url}
        made = administrator.post("/api/exchange/partners", json=body)
        assert made.status_code == 201, made.text
        self.secret = made.json()["signing_secret"]
        super().__init__(
            base_url=str(administrator.base_url),
            headers={"Authorization": f"Bearer {made.json()['api_key']}", "Accept-Language": "en"},
        )

    def hand(self, *tickets: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self.post("/api/exchange/12345/tickets", json=list(tickets))
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def messages(self, number: str = "") -> list[dict[str, Any]]:
        found = self.get("/api/exchange/12345/messages", params={"limit": 1000}).json()["messages"]
        return [one for one in found if not number or one["ticket"] == number]


@pytest.fixture(scope="module")
def partner(administrator: Person) -> Iterator[Partner]:
    with Partner(administrator, "city-12345") as partner:
        yield partner


def ticket(town: Town, number: str, **changes: Any) -> dict[str, Any]:
    lon, lat = town.lamp
    return {
        "version": "1",
        "number": number,
        "kind": "complaint",
        "content": "路灯不亮",
        "happened_at": datetime.now(UTC).isoformat(),
        "caller": {"name": "赵六", "number": "13911119999"},
        "place": "一街道路灯旁",
        "position": {"lon": lon, "lat": lat, "system": "wgs84"},
        "class_code": smalltown.LAMP_CLASS,
        "limit_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    } | changes


def test_a_ticket_becomes_one_case_however_often_it_is_sent(
    people: dict[str, Person], partner: Partner, town: Town
) -> None:
    sent = ticket(town, "T-1", attachments=[{"name": "a.jpg", "content": base64.b64encode(jpeg()).decode()}])
    [first], [again] = partner.hand(sent), partner.hand(sent)
    assert (first["result"], again["result"], again["case"]) == ("accepted", "known", first["case"])
    [other] = partner.hand(sent | {"content": "别的"})
    assert (other["result"], "other content" in other["problem"]["detail"]) == ("refused", True)
    found = people["intake"].get("/api/cases", params={"q": first["case"]}).json()["items"][0]
    seen = people["intake"].get(f"/api/cases/{found['id']}").json()
    assert (seen["source"], seen["address"], len(seen["evidence"])) == ("other", "一街道路灯旁", 1)
    assert (seen["tickets"][0]["number"], seen["tickets"][0]["partner"]) == ("T-1", "市民热线")
    [accepted] = partner.messages("T-1")
    assert (accepted["kind"], accepted["case"], accepted["unit"]) == ("accepted", first["case"], "照明所")
    assert accepted["limit_at"] < accepted["due_at"], "their limit is shorter than ours, and both are told"
    assert datetime.fromisoformat(seen["tickets"][0]["limit_at"]) == datetime.fromisoformat(sent["limit_at"])


def test_what_cannot_be_used_is_kept_and_replayed(
    people: dict[str, Person], partner: Partner, town: Town, engine: Engine, database: Database
) -> None:
    bad = ticket(town, "T-2", class_code="M0999", caller={"number": "13922223333"})
    good = ticket(town, "T-3")
    results = partner.hand(bad, good, ticket(town, "T-4", caller={"number": "not a number 13922224444"}))
    assert [one["result"] for one in results] == ["refused", "accepted", "refused"]
    assert partner.hand(bad)[0]["refusal"] == results[0]["refusal"], "sent again it is the same refusal"
    kept = {one["number"]: one for one in people["leader"].get("/api/exchange/refusals").json()}
    assert (kept["T-2"]["attempts"], "M0999" in kept["T-2"]["problem"]["detail"]) == (2, True)
    with engine.begin() as db:
        stored = db.execute(text("select string_agg(r::text, ' ') from dispatch.ticket_refusal r")).scalar_one()
        assert "13922223333" not in stored
        assert "13922224444" not in stored
        db.execute(
            text(
                "insert into dispatch.case_class (code, edition, kind, major_code, major_name, name)"
                " values ('M0999', 'test', 'matter', '09', '其他', '其他')"
            )
        )
        db.execute(
            text(
                "insert into dispatch.filing_condition (class_code, ordinal, text, limit_kind, limit_amount, limit_text, source)"
                " values ('M0999', 1, '其他', 'work_day', 1, '1 工作日', 'test')"
            )
        )
    path = f"/api/exchange/refusals/{results[0]['refusal']}/replay"
    replayed = people["leader"].post(path)
    assert replayed.status_code == 200, replayed.text
    assert partner.hand(bad)[0] == {"number": "T-2", "result": "known"} | {
        "case": replayed.json()["case"],
        "ticket_id": replayed.json()["ticket_id"],
    }
    assert people["leader"].post(path).status_code == 404


def test_the_other_hotline_hears_of_progress_reply_close_and_call_back(
    people: dict[str, Person], partner: Partner, town: Town, engine: Engine, settings: Settings
) -> None:
    [taken] = partner.hand(ticket(town, "T-5", call_back=True))
    case = people["intake"].get("/api/cases", params={"q": taken["case"]}).json()["items"][0]
    to_closed(people, case)
    settle(engine, settings)
    [callback] = waiting(people, case)
    attempt(people["intake"], callback, outcome="reached", solved="yes", satisfied=5).raise_for_status()
    reply = people["intake"].post(f"/api/tickets/{taken['ticket_id']}/replies", json={"text": "路灯已修复。"})
    assert reply.status_code == 201
    settle(engine, settings)
    heard = partner.messages("T-5")
    kinds = [one["kind"] for one in heard]
    assert (kinds[0], kinds.count("closed"), kinds.count("progress")) == ("accepted", 1, 9)
    said = {one["kind"]: one for one in heard}
    assert said["reply"]["text"] == "路灯已修复。"
    assert (said["closed"]["state"], said["closed"]["state_name"]) == ("closed", "已结案")
    assert (said["call_back"]["solved"], said["call_back"]["satisfied"]) == ("yes", 5)
    assert "13911119999" not in json.dumps(heard)
    ids = [one["id"] for one in heard]
    assert ids == sorted(ids)
    body = {"ids": ids}
    assert partner.post("/api/exchange/12345/acknowledgements", json=body).json() == {"acknowledged": len(ids)}
    assert partner.post("/api/exchange/12345/acknowledgements", json=body).json() == {"acknowledged": 0}
    as_csv = partner.get("/api/exchange/12345/messages", headers={"Accept": "text/csv"}, params={"after": ids[0] - 1})
    assert next(csv.DictReader(io.StringIO(as_csv.text)))["ticket"] == "T-5"


def test_a_refusal_says_why(
    people: dict[str, Person], partner: Partner, town: Town, engine: Engine, settings: Settings
) -> None:
    [taken] = partner.hand(ticket(town, "T-6"))
    case = people["intake"].get("/api/cases", params={"q": taken["case"]}).json()["items"][0]
    people["intake"].move(case["id"], "refuse", note="属小区物业").raise_for_status()
    settle(engine, settings)
    last = partner.messages("T-6")[-1]
    assert (last["kind"], last["text"]) == ("refused", "属小区物业")


def test_tickets_come_as_csv_too(partner: Partner, town: Town) -> None:
    lon, lat = town.lamp
    lines = (
        "version,number,kind,content,happened_at,caller_number,lon,lat,system\r\n"
        f"1,C-1,complaint,路灯不亮,{datetime.now(UTC).isoformat()},13911118888,{lon},{lat},wgs84\r\n"
        f"1,C-2,complaint,路灯不亮,{datetime.now(UTC).isoformat()},,{lon},{lat},\r\n"
        f"2,C-3,complaint,路灯不亮,{datetime.now(UTC).isoformat()},,,,\r\n"
    )
    answer = partner.post(
        "/api/exchange/12345/tickets", content=("\ufeff" + lines).encode(), headers={"Content-Type": "text/csv"}
    )
    assert [one["result"] for one in answer.json()["results"]] == ["accepted", "accepted", "refused"]
    strange = partner.post(
        "/api/exchange/12345/tickets", content=b"number,weather\r\n1,rain\r\n", headers={"Content-Type": "text/csv"}
    )
    assert (strange.status_code, "weather" in strange.json()["detail"]) == (422, True)


def test_tickets_and_messages_travel_by_file(
    partner: Partner,
    town: Town,
    settings_environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)
    came, went = tmp_path / "tickets.json", tmp_path / "messages.csv"
    came.write_text(json.dumps([ticket(town, "F-1"), ticket(town, "F-2", version="9")]), "utf-8")
    assert cli.main(["tickets", "take", "city-12345", str(came)]) == 1
    assert "1 tickets taken or known, 1 refused and kept." in capsys.readouterr().out
    assert cli.main(["tickets", "give", "city-12345", str(went)]) == 0
    written = list(csv.DictReader(went.read_text("utf-8").splitlines()))
    assert written[-1]["ticket"] == "F-1"
    assert cli.main(["tickets", "acknowledge", "city-12345", str(went)]) == 0
    assert f"{len(written)} messages acknowledged." in capsys.readouterr().out
    assert cli.main(["tickets", "give", "city-12345", str(went)]) == 0
    assert list(csv.DictReader(went.read_text("utf-8").splitlines())) == []


def test_who_called_about_a_merged_case_is_called_back_too(
    people: dict[str, Person], partner: Partner, town: Town, engine: Engine, settings: Settings
) -> None:
    first, second = called_about(people, town, "13911110005"), called_about(people, town, "13911110006")
    [taken] = partner.hand(ticket(town, "T-7", class_code=smalltown.LITTER_CLASS))
    third = people["intake"].get("/api/cases", params={"q": taken["case"]}).json()["items"][0]
    for merged in (second, third):
        people["intake"].move(merged["id"], "accept").raise_for_status()
        people["intake"].move(merged["id"], "merge", into_case_id=first["id"]).raise_for_status()
    to_closed(people, first)
    settle(engine, settings)
    assert sorted(one["number"] for one in waiting(people, first)) == ["139****0005", "139****0006"]
    closed = partner.messages("T-7")[-1]
    assert (closed["kind"], closed["case"]) == ("closed", first["number"])
    seen = people["intake"].get(f"/api/cases/{first['id']}").json()
    assert (len(seen["calls"]), [one["number"] for one in seen["tickets"]]) == (2, ["T-7"])


def test_pushed_messages_are_signed_and_come_again_until_they_are_taken(
    administrator: Person, people: dict[str, Person], town: Town, engine: Engine, settings: Settings
) -> None:
    with OtherHotline(failing=1) as there, Partner(administrator, "pushed", there.url) as partner:
        partner.hand(ticket(town, "P-1"))
        settle(engine, settings, "ticket_push")
        assert there.arrived == []
        with engine.begin() as db:
            error = db.execute(
                text("select error from gis.delivery where consumer = 'ticket_push' and done_at is null")
            ).scalar_one()
            assert "503" in error
            db.execute(text("update gis.delivery set next_at = clock_timestamp() where consumer = 'ticket_push'"))
        settle(engine, settings, "ticket_push")
        [pushed] = there.arrived
        stamp = pushed.headers["X-CityCommand-Timestamp"]
        mark = hmac.new(partner.secret.encode(), f"{stamp}.".encode() + pushed.content, hashlib.sha256).hexdigest()
        assert pushed.headers["X-CityCommand-Signature"] == f"sha256={mark}"
        assert abs(int(stamp) - datetime.now(UTC).timestamp()) < 60
        message = json.loads(pushed.content)
        assert (message["ticket"], message["kind"]) == ("P-1", "accepted")
        assert pushed.headers["X-CityCommand-Message"] == str(message["id"])
        mine = [one for one in administrator.get("/api/exchange/partners").json() if one["code"] == "pushed"]
        assert (mine[0]["open_messages"], mine[0]["standing"]) == (0, "ok")
        assert mine[0]["last_out"] is not None


def test_without_a_key_nothing_is_taken_or_told(administrator: Person, partner: Partner, server: WebServer) -> None:
    assert httpx.get(f"{server.url}/api/exchange/12345/messages").status_code == 401
    with Partner(administrator, "gone") as gone:
        own = next(one for one in administrator.get("/api/exchange/partners").json() if one["code"] == "gone")
        assert gone.messages() == [], "nobody reads another's messages"
        administrator.delete(f"/api/exchange/partners/{own['id']}").raise_for_status()
        assert gone.get("/api/exchange/12345/messages").status_code == 401


def test_an_exchange_is_out_when_something_waits_too_long() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    for push_url, minutes, expected in (
        ("https://a", 20, "outage"),
        ("", 20, "ok"),
        ("", 1500, "outage"),
        ("https://a", 10, "ok"),
    ):
        one = {
            "push_url": push_url,
            "waiting_since": now - timedelta(minutes=minutes),
            "last_in": now,
            "last_out": None,
        }
        assert partners.standing(one, now) == expected, (push_url, minutes)
    unused = {"push_url": "", "waiting_since": None, "last_in": None, "last_out": None}
    assert partners.standing(unused, now) == "idle"


def test_the_shift_leader_sees_how_the_exchange_stands_and_others_do_not(people: dict[str, Person]) -> None:
    assert people["leader"].get("/api/exchange/partners").status_code == 200
    assert people["intake"].get("/api/exchange/partners").status_code == 403
