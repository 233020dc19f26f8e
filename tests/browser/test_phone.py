"""The inspector's phone where reception is bad: what was reported is kept, seen, and sent exactly once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pillow_heif
from playwright.sync_api import Response, Route, expect
from sqlalchemy import text

from dashboards.assets import modules_of
from tests.browser.conftest import PHONE, City, Lamp, Person, picture
from tests.browser.steps import number_in, open_case, report_from_the_street
from tests.support.waiting import wait_until

KEPT = """async () => {
    const cache = await caches.open("inspector-1");
    return (await cache.keys()).map(({ url }) => new URL(url).pathname);
}"""
"""Addresses that the phone could open without reception."""


RECEPTION = "dispatchEvent(new Event('online'))"
"""What a phone says when it has a network again: the queue tries to send."""


def reports_at(city: City, lamp: Lamp) -> int:
    """How many reports the server holds within 20 m of a lamp."""
    with city.engine.begin() as db:
        return int(
            db.execute(
                text("""
                    select count(*) from dispatch.report r join dispatch.cases c on c.id = r.case_id
                    where st_dwithin(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, 20)
                      and c.closed_at is null
                """),
                {"lon": lamp.lon, "lat": lamp.lat},
            ).scalar_one()
        )


def test_a_report_without_reception_is_kept_and_sent_once(
    city: City, sit_down: Callable[..., Person], photo: Path
) -> None:
    lamp = city.next_lamp()
    inspector = sit_down("inspector2", PHONE, at=lamp)
    inspector.watcher.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    page = inspector.at("/inspector")
    expect(page.locator("#tasks > *").first).to_be_attached()
    page.locator("#tabs [data-view=report]").tap()
    page.locator("#report-view input[role=combobox]").click()
    expect(page.get_by_role("option").first).to_be_visible()

    inspector.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    report_from_the_street(inspector, "路灯", photo)
    waiting = page.locator("#queue .card")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("已保存在手机中")
    expect(page.locator("#queue-count")).to_have_text("1")
    assert reports_at(city, lamp) == 0

    inspector.context.set_offline(False)
    expect(page.locator("#queue-empty")).to_be_visible()
    number_in(page.locator("#notes .note").filter(has_text="已发送"))
    assert reports_at(city, lamp) == 1


def test_the_page_opens_without_reception(city: City, sit_down: Callable[..., Person]) -> None:
    inspector = sit_down("inspector2", PHONE, at=city.next_lamp(), service_workers="allow")
    inspector.watcher.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    page = inspector.at("/inspector")
    parts = {
        "/inspector",
        "/static/css/phone.css",
        "/api/standards",
        "/catalogue/zh.json",
        *modules_of("page-inspector.js"),
    }
    wait_until(lambda: parts <= set(page.evaluate(KEPT)), what="the service worker to keep the page")
    inspector.context.set_offline(True)
    page.reload()
    expect(page.locator("#offline")).to_be_visible()
    page.locator("#tabs [data-view=report]").tap()
    page.locator("#report-view input[role=combobox]").fill("ludeng")
    expect(page.get_by_role("option").first).to_contain_text("路灯")


def test_an_answer_lost_on_the_way_makes_no_second_report(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    inspector = sit_down("inspector2", PHONE, at=lamp)
    inspector.watcher.expected.append("Failed to load resource")
    page = inspector.at("/inspector")

    def lose_the_answer(route: Route) -> None:
        route.fetch()  # the server has it, the phone does not know
        route.abort("connectionreset")

    page.route("**/api/reports", lose_the_answer, times=1)
    with page.expect_event("requestfailed"):
        report_from_the_street(inspector, "路灯", None)
    assert reports_at(city, lamp) == 1
    expect(page.locator("#queue .card")).to_have_count(1)
    page.locator("#send-now").tap()
    expect(page.locator("#queue-empty")).to_be_visible()
    assert reports_at(city, lamp) == 1


def test_on_a_shared_phone_nobody_sends_what_somebody_else_saw(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    inspector = sit_down("inspector2", PHONE, at=lamp)
    inspector.watcher.expected.append("Failed to load resource")
    page = inspector.at("/inspector")
    sign_in(inspector, "inspector3")
    refused: list[Response] = []
    page.on("response", lambda answer: refused.append(answer) if answer.status == 403 else None)
    report_from_the_street(inspector, "路灯", None)
    # Each sending begins when the one before is over: at the second refusal nothing has gone another way.
    wait_until(lambda: page.evaluate(RECEPTION) and len(refused) > 1, 20, what="two refusals")
    assert reports_at(city, lamp) == 0

    sign_in(inspector, "inspector2")
    page.evaluate(RECEPTION)
    expect(page.locator("#queue-empty")).to_be_visible()
    assert reports_at(city, lamp) == 1


def test_kept_tasks_are_shown_to_their_own_inspector_only(city: City, sit_down: Callable[..., Person]) -> None:
    lamp = city.next_lamp()
    number = task_for(city, "inspector2", lamp)
    inspector = sit_down("inspector2", PHONE, at=lamp)
    inspector.watcher.expected.append("Failed to load resource")
    page = inspector.at("/inspector")
    mine = page.locator("#tasks > *", has_text=number)
    expect(mine).to_be_visible()
    page.route("**/api/tasks", lambda route: route.abort())
    inspector.at("/inspector")
    expect(page.locator("#tasks-old")).to_be_visible()
    expect(mine).to_be_visible()
    sign_in(inspector, "inspector3")
    inspector.at("/inspector")
    expect(page.locator("#tasks-old")).to_be_visible()
    expect(mine).to_have_count(0)


def task_for(city: City, inspector: str, lamp: Lamp) -> str:
    """A case at a lamp that one inspector is sent to verify; returns its number."""
    intake = city.server.person("intake", "demo-intake")
    report = {
        "source": "hotline",
        "description": f"只给{inspector}的任务 {lamp.code}",
        "occurred_at": intake.get("/api/me").json()["now"],
        "position": {"lon": lamp.lon, "lat": lamp.lat},
    }
    case = intake.hand_in("/api/reports", report).json()["case"]
    assert intake.move(case["id"], "accept").status_code == 200
    with city.engine.begin() as db:
        account = db.execute(
            text("select id from gis.account where username = :name"), {"name": inspector}
        ).scalar_one()
    assert intake.move(case["id"], "send_verification", inspector_id=account).status_code == 200
    intake.close()
    return str(case["number"])


def sign_in(person: Person, username: str) -> None:
    """Sign in at this browser, as in another tab."""
    form: dict[str, str | float | bool] = {"username": username, "password": f"demo-{username}"}
    assert person.context.request.post(person.watcher.url + "/login", form=form, max_redirects=0).status == 303


def test_heic_from_the_camera_is_evidence(city: City, sit_down: Callable[..., Person], tmp_path: Path) -> None:
    pillow_heif.register_heif_opener()
    lamp = city.next_lamp()
    inspector = sit_down("inspector2", PHONE, at=lamp)
    page = inspector.at("/inspector")
    report_from_the_street(inspector, "路灯", picture(tmp_path / "IMG_0001.heic", "HEIF"))
    number = number_in(page.locator("#notes .note").filter(has_text="已发送"))
    kind = text("""
        select e.media_type from dispatch.evidence e join dispatch.cases c on c.id = e.case_id where c.number = :number
    """)
    with city.engine.begin() as db:
        assert db.execute(kind, {"number": number}).scalar_one() in ("image/heic", "image/heif")


def test_targets_are_big_enough_for_a_thumb(city: City, sit_down: Callable[..., Person]) -> None:
    page = sit_down("inspector2", PHONE, at=city.next_lamp()).at("/inspector")
    page.locator("#tabs [data-view=report]").tap()
    expect(page.locator("#report-view button[type=submit]")).to_be_visible()
    for button in page.locator("#report-view .button, #tabs button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44, button.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


FILM = """async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
    const pen = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
    const parts = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const stopped = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start();
    for (let turn = 0; turn < 12; turn += 1) {
        pen.fillStyle = turn % 2 ? "teal" : "orange";
        pen.fillRect(turn * 8, 0, 80, 120);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    recorder.stop();
    await stopped;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}"""
"""A film as a browser makes it: a canvas that changes for half a second."""

PLAYED = """async (player) => {
    player.muted = true;
    if (player.readyState < 2) await new Promise((resolve) => player.addEventListener("loadeddata", resolve, { once: true }));
    await player.play();
    await new Promise((resolve) => player.addEventListener("timeupdate", resolve, { once: true }));
    return player.error === null && (player.videoWidth ?? 1) > 0;
}"""
"""Whether a player really plays what it shows."""


def test_a_film_and_a_voice_note_wait_for_reception_and_are_played_on_the_case(
    city: City, sit_down: Callable[..., Person], photo: Path, tmp_path: Path
) -> None:
    lamp = city.next_lamp()
    inspector = sit_down("inspector2", PHONE, at=lamp)
    inspector.watcher.expected += ["ERR_INTERNET_DISCONNECTED", "Failed to load resource"]
    page = inspector.at("/inspector")
    film, too_long = tmp_path / "VID_1.webm", tmp_path / "VID_2.webm"
    film.write_bytes(bytes(page.evaluate(FILM)))
    with too_long.open("wb") as sparse:
        sparse.truncate(100_000_001)
    page.locator("#tabs [data-view=report]").tap()
    form = page.locator("#report-view")
    page.locator("#report-view input[role=combobox]").click()
    expect(page.get_by_role("option").first).to_be_visible()

    inspector.context.set_offline(True)
    form.get_by_label("录像", exact=True).set_input_files(too_long)
    expect(form.locator(".wrong").first).to_contain_text("最多 100 MB")
    form.get_by_label("录像", exact=True).set_input_files(film)
    expect(form.locator(".preview video")).to_have_count(1)
    voice = form.locator(".voice")
    voice.tap()
    expect(voice).to_contain_text("0:01")
    voice.tap()
    expect(form.locator(".preview audio")).to_have_count(1)
    report_from_the_street(inspector, "路灯", photo)
    expect(page.locator("#queue .card")).to_contain_text("3 个照片和录音录像")
    assert reports_at(city, lamp) == 0
    inspector.context.set_offline(False)
    number = number_in(page.locator("#notes .note").filter(has_text="已发送"))

    desk = sit_down("intake")
    panel = open_case(desk, number).locator("#panel")
    for kind in ("video", "audio"):
        player = panel.locator(f".recording {kind}")
        player.scroll_into_view_if_needed()
        assert player.evaluate(PLAYED), kind
    with city.engine.begin() as db:
        kinds = db.execute(
            text(
                "select e.media_type from dispatch.evidence e join dispatch.cases c on c.id = e.case_id where c.number = :n"
            ),
            {"n": number},
        ).scalars()
        assert sorted(kinds) == ["audio/webm", "image/jpeg", "video/webm"]
