"""The register through HTTP: what everyone may read, what a data steward may change, conflicts as 409, photos, the past."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import text

from config.settings import Settings
from gis.db import make_engine
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, Town


@pytest.fixture(scope="module")
def intake(server: WebServer) -> Iterator[Person]:
    person = server.person("intake", PASSWORD)
    yield person
    person.close()


def patch(
    person: Person, asset: int, version: int | None, changes: dict[str, Any], why: str = "test"
) -> httpx.Response:
    match = {} if version is None else {"If-Match": f'"{version}"'}
    return person.patch(f"/api/assets/{asset}", json={"changes": changes, "why": why}, headers=match)


def test_a_lamp_is_found_read_and_changed(steward: Person, intake: Person, town: Town) -> None:
    lon, lat = town.lamp
    found = intake.get("/api/assets", params={"lon": lon, "lat": lat, "within_m": 5}).json()
    assert [each["kind"] for each in found] == ["street_lamp", "road"]
    asset = found[0]["id"]
    before = intake.get(f"/api/assets/{asset}")
    assert before.headers["etag"] == '"1"'
    assert before.json()["kind_title"] == "Street lamp"
    assert patch(intake, asset, 1, {"name": "x"}).status_code == 403
    answer = patch(steward, asset, 1, {"attributes": {"power_w": 60}}, "read from its plate")
    assert (answer.status_code, answer.json()["version"], answer.headers["etag"]) == (200, 2, '"2"')
    after = intake.get(f"/api/assets/{asset}").json()
    assert {"field": "attributes.power_w", "title": "Rated power", "text": "60 W", "value": 60, "known": True} in after[
        "facts"
    ]
    newest = intake.get(f"/api/assets/{asset}/versions").json()[0]
    assert (newest["who"], newest["why"]) == ("steward", "read from its plate")


def test_the_second_writer_gets_a_conflict_with_both_values(steward: Person, town: Town) -> None:
    version = steward.get(f"/api/assets/{town.lamp_id}").json()["version"]
    assert patch(steward, town.lamp_id, version, {"owner": "City"}).status_code == 200
    answer = patch(steward, town.lamp_id, version, {"owner": "District"})
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert problem["facts"]["both"][0]["mine_text"] == "District"
    assert problem["facts"]["both"][0]["theirs_text"] == "City"
    assert patch(steward, town.lamp_id, problem["facts"]["version"], {"owner": "District"}).status_code == 200


@pytest.mark.parametrize(
    ("version", "changes", "field"),
    [
        (None, {"name": "x"}, None),
        (1, {"attributes": {"power_w": "much"}}, "attributes.power_w"),
        (1, {"kind": "road"}, "kind"),
    ],
)
def test_what_cannot_be_kept_is_told(
    steward: Person, town: Town, version: int | None, changes: dict[str, Any], field: str | None
) -> None:
    now = steward.get(f"/api/assets/{town.lamp_id}").json()["version"]
    answer = patch(steward, town.lamp_id, version and now, changes)
    assert answer.status_code == 422
    assert answer.json()["next_step"]
    if field:
        assert field in answer.json()["facts"]["fields"]


def test_a_new_asset_with_inspection_and_photo(steward: Person, intake: Person, town: Town) -> None:
    lon, lat = town.lamp
    place = {"type": "Point", "coordinates": [lon + 0.0003, lat]}
    body = {"kind": "hydrant", "geometry": place, "changes": {"attributes": {"diameter_mm": 100}}, "why": "new estate"}
    asset = steward.post("/api/assets", json=body).json()["id"]
    found = {"inspected_on": "2026-01-05", "result": "minor", "note": "cap missing", "next_on": "2027-01-05"}
    assert steward.post(f"/api/assets/{asset}/inspections", json=found).status_code == 201
    picture = io.BytesIO()
    Image.effect_noise((1800, 1400), 90).convert("RGB").save(picture, "JPEG", quality=95)
    assert picture.tell() > 1_000_000, "as large as a phone's"
    files = {"photos": ("hydrant.jpg", picture.getvalue(), "image/jpeg")}
    kept = steward.post(f"/api/assets/{asset}/photos", data={"body": '{"note": "cap"}'}, files=files)
    assert kept.status_code == 201, kept.text
    seen = intake.get(f"/api/assets/{asset}").json()
    assert (seen["inspected_on"], seen["inspections"][0]["note"], seen["photos"][0]["note"]) == (
        "2026-01-05",
        "cap missing",
        "cap",
    )
    photo = intake.get(f"/api/assets/{asset}/photos/{seen['photos'][0]['id']}")
    assert photo.content == picture.getvalue()
    assert seen["open_cases"] == 0
    assert intake.get(f"/api/assets/{town.lamp_id}/photos/{seen['photos'][0]['id']}").status_code == 404


def test_the_city_as_of_a_moment(intake: Person, steward: Person, town: Town) -> None:
    lon, lat = town.lamp
    box = f"{lon - 0.01},{lat - 0.01},{lon + 0.01},{lat + 0.01}"
    now = intake.get("/api/assets.geojson", params={"bbox": box, "kind": "street_lamp"}).json()
    assert {each["id"] for each in now["features"]} >= {town.lamp_id}
    assert now["complete"]
    version = steward.get(f"/api/assets/{town.lamp_id}").json()["version"]
    patch(steward, town.lamp_id, version, {"status": "removed"}, "demolished")
    later = intake.get("/api/assets.geojson", params={"bbox": box, "kind": "street_lamp"}).json()
    assert town.lamp_id not in {each["id"] for each in later["features"]}
    params = {"bbox": box, "kind": "street_lamp", "at": now["as_of"]}
    past = intake.get("/api/assets.geojson", params=params).json()
    assert {each["id"] for each in past["features"]} == {each["id"] for each in now["features"]}
    then = intake.get(f"/api/assets/{town.lamp_id}", params={"at": now["as_of"]}).json()
    assert (then["status"], then["version"]) == ("intact", version)
    assert intake.get("/api/assets.geojson", params={"bbox": "1,2,3"}).status_code == 422
    assert patch(steward, town.lamp_id, version + 1, {"status": "intact"}, "a mistake").status_code == 200


def test_every_kind_has_its_schema_and_titles(intake: Person) -> None:
    answer = intake.get("/api/kinds").json()
    lamp = next(kind for kind in answer["kinds"] if kind["code"] == "street_lamp")
    assert lamp["schema"]["properties"]["power_w"]["x-unit"] == "W"
    assert answer["statuses"]["damaged"] == "damaged"


def test_changes_reach_the_event_log(settings: Settings, steward: Person, town: Town) -> None:
    version = steward.get(f"/api/assets/{town.lamp_id}").json()["version"]
    patch(steward, town.lamp_id, version, {"maintainer": "Bright Ltd"})
    engine = make_engine(settings.database_url)
    with engine.connect() as db:
        event = text("select payload from gis.event where kind = 'asset.changed' order by id desc limit 1")
        payload = db.execute(event).scalar_one()
    engine.dispose()
    assert payload == {"asset_id": town.lamp_id, "version": version + 1, "change": "changed", "fields": ["maintainer"]}


def test_two_who_enter_one_code_at_once_are_told_apart(steward: Person, town: Town) -> None:
    """Whoever is second learns which asset has the code; nobody meets an internal error."""
    lon, lat = town.lamp
    code = steward.get("/api/assets/proposal", params={"class_code": "C0124", "lon": lon, "lat": lat}).json()["code"]
    assert code == "9901010124000001"

    def enter(number: int) -> httpx.Response:
        place = {"type": "Point", "coordinates": [lon + 0.001, lat + 0.0001 * number]}
        changes = {"name": f"栓{number}", "code": code}
        body = {"kind": "hydrant", "geometry": place, "changes": changes, "why": "new"}
        return steward.post("/api/assets", json=body)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(enter, range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
    kept = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
    for refused in (answer.json() for answer in answers if answer.status_code == 409):
        assert refused["facts"]["other"] == kept
        assert "Hydrant 栓" in refused["facts"]["fields"]["code"]
    following = steward.get("/api/assets/proposal", params={"class_code": "C0124", "lon": lon, "lat": lat})
    assert following.json()["code"] == "9901010124000002"
    odd = steward.get("/api/assets/proposal", params={"class_code": "M0501X", "lon": lon, "lat": lat})
    assert odd.json()["code"] is None


def test_a_drawing_holds_on_to_exact_places(steward: Person, intake: Person, town: Town) -> None:
    lon, lat = town.lamp
    bbox = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    found = steward.get("/api/assets/anchors", params={"bbox": bbox}).json()["features"]
    lamp = next(each for each in found if each["id"] == town.lamp_id)
    assert lamp["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-9)
    assert {each["geometry"]["type"] for each in found} == {"Point", "LineString"}
    assert intake.get("/api/assets/anchors", params={"bbox": bbox}).status_code == 403


def test_a_retired_asset_answers_409_with_the_way_on(steward: Person, town: Town) -> None:
    place = {"type": "Point", "coordinates": list(town.lamp)}
    body = {"kind": "litter_bin", "geometry": place, "changes": {"name": "箱"}, "why": "put up"}
    asset = steward.post("/api/assets", json=body).json()["id"]
    assert patch(steward, asset, 1, {"status": "removed"}).status_code == 200
    refused = patch(steward, asset, 2, {"owner": "City"})
    assert (refused.status_code, refused.json()["title"]) == (409, "RetiredAsset")
    assert "Bring it back" in refused.json()["next_step"]
    many = {"chosen": {str(asset): 2}, "changes": {"owner": "City"}, "why": "all"}
    assert steward.post("/api/asset-sets", json=many).status_code == 409
    assert patch(steward, asset, 2, {"status": "intact"}, "stands after all").status_code == 200
    assert steward.get(f"/api/assets/{asset}/versions").json()[0]["change"] == "restored"


def test_the_last_change_of_one_asset_can_be_taken_back(steward: Person, town: Town) -> None:
    asset = f"/api/assets/{town.lamp_id}"
    before = steward.get(asset).json()
    lon, lat = before["geometry"]["coordinates"]
    moved = {"geometry": {"type": "Point", "coordinates": [lon + 0.0001, lat]}, "attributes": {"height_m": 9}}
    assert patch(steward, town.lamp_id, before["version"], moved).status_code == 200
    newest, *older = steward.get(f"{asset}/versions").json()
    assert (newest["back"]["attributes"], {each["back"] for each in older}) == ({"height_m": None}, {None})
    assert patch(steward, town.lamp_id, newest["version"], newest["back"], "wrong lamp").status_code == 200
    after = steward.get(asset).json()
    assert (after["geometry"], after["facts"]) == (before["geometry"], before["facts"])


def test_half_of_a_cut_line_is_not_taken_back_alone(steward: Person, town: Town) -> None:
    lon, lat = town.lamp
    road = next(
        each
        for each in steward.get("/api/assets", params={"lon": lon, "lat": lat, "within_m": 30}).json()
        if each["kind"] == "road"
    )
    detail = steward.get(f"/api/assets/{road['id']}").json()
    (west, south), (east, north), *_ = detail["geometry"]["coordinates"]
    middle = {"lon": (west + east) / 2, "lat": (south + north) / 2, "why": "cut"}
    match = {"If-Match": f'"{detail["version"]}"'}
    cut = steward.post(f"/api/assets/{road['id']}/split", json=middle, headers=match)
    assert cut.status_code == 201, cut.text
    assert steward.get(f"/api/assets/{road['id']}/versions").json()[0]["back"] is None
