"""Imports through HTTP: a file handed in is previewed beside the server, applied, undone; refused rows come back (C3)."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, text

from gis.importing import mappings
from tests.support.server import Person, WebServer
from tests.support.smalltown import PASSWORD, SOUTH, WEST, Town
from tests.support.waiting import wait_until

MAPPING = """
source = "lamps"
reference = "{code}"
kind = "street_lamp"
name = "{road}"
system = "wgs84"
[geometry]
x = "lon"
y = "lat"
"""


@pytest.fixture(scope="module", autouse=True)
def mapped(engine: Engine, town: Town) -> None:
    """A mapping of the town's own."""
    with engine.begin() as db:
        mappings.save(db, "our-lamps", MAPPING, None)


def table(*rows: str) -> bytes:
    return "\n".join(["code,road,lon,lat", *rows]).encode()


def hand_in(person: Person, content: bytes, name: str = "lamps.csv") -> Any:
    headers = {"Content-Type": "application/octet-stream"}
    return person.post("/api/imports/files", params={"name": name}, content=content, headers=headers)


def preview(person: Person, content: bytes, **wanted: Any) -> dict[str, Any]:
    file = hand_in(person, content).json()["file"]
    answer = person.post("/api/imports", json={"file": file, "kind": "layer", "mapping": "our-lamps"} | wanted)
    assert answer.status_code == 202, answer.text
    return settled(person, answer.json()["id"], "running")


def settled(person: Person, run: int, state: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        told: dict[str, Any] = person.get(f"/api/imports/{run}").json()
        return told if told["state"] != state or told["problem"] else None

    found = wait_until(look, 60, every=0.2, what=f"run {run}")
    assert found
    return found


def test_a_file_is_previewed_applied_and_undone(steward: Person, engine: Engine) -> None:
    lon, lat = WEST + 0.001, SOUTH + 0.001
    run = preview(steward, table(f"H1,人民路,{lon},{lat}", f"H2,解放路,{lon},{lat}", "H3,,0,0"))
    assert (run["state"], run["state_name"], run["can"]) == ("previewed", "previewed", ["apply", "discard"])
    assert (run["difference"], run["refused"], run["who"]) == ({"added": 2}, 1, "steward")
    rows = steward.get(f"/api/imports/{run['id']}/changes").json()
    assert [(row["change"], row["ref"]) for row in rows] == [("added", "H1"), ("added", "H2")]
    drawn = steward.get(f"/api/imports/{run['id']}/changes.geojson").json()
    assert drawn["features"][0]["geometry"]["type"] == "Point"
    refused = steward.get(f"/api/imports/{run['id']}/rejects.csv")
    assert refused.headers["content-disposition"].endswith('rejects.csv"')
    assert "at_zero" in refused.text

    assert steward.post(f"/api/imports/{run['id']}/apply").status_code == 202
    assert settled(steward, run["id"], "previewed")["state"] == "applied"
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.asset where source = 'lamps'")).scalar_one() == 2
    undone = steward.post(f"/api/imports/{run['id']}/undo", json={})
    assert undone.json()["assets"] == {"removed": 2, "restored": 0}
    listed = steward.get("/api/imports").json()
    assert [entry["kind"] for entry in listed["runs"][:2]] == ["undo", "layer"]
    assert {"name": "our-lamps", "of": "layer"} in listed["mappings"]["own"]
    shipped = {entry["name"]: entry["of"] for entry in listed["mappings"]["shipped"]}
    assert (shipped["osm"], shipped["standards-cn"], shipped["boston-311"]) == ("osm", "standards", "reports")
    assert (shipped["boston-tracts"], shipped["dc-streetlights"], shipped["dongcheng-stops"]) == (
        "areas",
        "layer",
        "layer",
    )
    assert "" not in shipped.values()


def test_a_file_that_cannot_be_used_says_why(steward: Person) -> None:
    run = preview(steward, table("H1,,0,0"))
    assert run["state"] == "failed"
    assert "at_zero" in run["problem"]["message"]
    assert run["can"] == ["discard"]
    assert steward.post(f"/api/imports/{run['id']}/discard").status_code == 200


def test_a_stale_preview_is_told_and_previewed_again(steward: Person, engine: Engine) -> None:
    lon, lat = WEST + 0.001, SOUTH + 0.001
    run = preview(steward, table(f"S1,人民路,{lon},{lat}"))
    other = preview(steward, table(f"S1,旧名,{lon},{lat}"))
    steward.post(f"/api/imports/{other['id']}/apply")
    settled(steward, other["id"], "previewed")
    steward.post(f"/api/imports/{run['id']}/apply")
    told = settled(steward, run["id"], "previewed")
    assert told["state"] == "previewed"
    assert "has changed since" in told["problem"]["message"]
    assert told["difference"].get("changed") == 1


def test_only_the_data_steward_and_the_administrator_may(server: WebServer) -> None:
    person = server.person("inspector", PASSWORD)
    assert person.get("/api/imports").status_code == 403
    assert hand_in(person, b"x").status_code == 403
    person.close()


def announced(person: Person, length: int) -> str:
    """What the server says to a request that only announces how long it will be."""
    connection = http.client.HTTPConnection(person.base_url.host, person.base_url.port, timeout=10)
    connection.putrequest("POST", "/api/imports/files?name=a.csv")
    cookies = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
    for name, value in {
        "Cookie": cookies,
        "X-CSRF-Token": person.me["csrf"],
        "Content-Type": "application/octet-stream",
        "Content-Length": str(length),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    with closing(connection):
        return connection.getresponse().read().decode()


def test_files_are_bounded_and_named(steward: Person) -> None:
    assert hand_in(steward, b"", "lamps.csv").status_code == 422
    assert hand_in(steward, b"x", "no-ending").status_code == 422
    assert "500 MB" in announced(steward, 600_000_000)
    sneaky = hand_in(steward, b"code\n", "../../../etc/passwd.csv").json()
    assert sneaky["name"] == "passwd.csv"
    assert (
        steward.post("/api/imports", json={"file": "x" * 30, "kind": "layer", "mapping": "our-lamps"}).status_code
        == 404
    )
    path = {"file": sneaky["file"], "kind": "layer", "mapping": "/etc/passwd"}
    assert steward.post("/api/imports", json=path).status_code == 422
    unknown = steward.post("/api/imports", json=path | {"mapping": "mars"})
    assert (unknown.status_code, "mars" in unknown.text) == (422, True)
    assert steward.post("/api/imports", json=path | {"mapping": ""}).status_code == 422


def test_corrected_rows_are_handed_in(steward: Person, engine: Engine) -> None:
    lon, lat = WEST + 0.001, SOUTH + 0.001
    run = preview(steward, table(f"R1,人民路,{lon},{lat}", f",无号,{lon},{lat}"))
    steward.post(f"/api/imports/{run['id']}/apply")
    settled(steward, run["id"], "previewed")
    refused = steward.get(f"/api/imports/{run['id']}/rejects.csv").content.decode("utf-8-sig")
    corrected = refused.replace(",,无号", ",R2,无号")
    replay = preview(steward, corrected.encode(), mapping="", replays=run["id"])
    assert replay["difference"].get("added") == 1, replay
    steward.post(f"/api/imports/{replay['id']}/apply")
    settled(steward, replay["id"], "previewed")
    assert steward.get(f"/api/imports/{run['id']}").json()["replayed"] == 1
    assert steward.post(f"/api/imports/{replay['id']}/undo", json={}).json()["waiting_again"] == 1
    assert steward.get(f"/api/imports/{run['id']}").json()["replayed"] == 0
