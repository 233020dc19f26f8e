"""Evidence handed out to law enforcement: what is in the package, what stays behind, and that a changed byte is found (D10)."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from api import cli, package_check
from config.settings import Settings
from dispatch import evidence, reports
from dispatch.evidence import path_of
from dispatch.reports import NewReport, Position
from gis import actors, clock
from tests.support.http_cases import jpeg, lamp_report
from tests.support.server import Person
from tests.support.smalltown import LAMP_CLASS, Town

WANTED = {"recipient": "城管执法大队 李警官", "reason": "城执函〔2026〕17 号"}


@pytest.fixture(scope="module")
def case(people: dict[str, Person], town: Town) -> dict[str, Any]:
    """A case of the hotline with a caller, verified on site with a photo, given to law enforcement."""
    caller = {"name": "赵女士", "phone": "13800001234"}
    made = people["intake"].hand_in("/api/reports", lamp_report(town, source="hotline", reporter=caller)).json()["case"]
    here = {"lon": town.lamp[0], "lat": town.lamp[1]}
    for who, move, more in (
        ("intake", "accept", {}),
        ("intake", "send_verification", {}),
        ("inspector", "verify", {"position": here, "photos": [jpeg("red"), jpeg("blue")]}),
        ("leader", "transfer_to_law", {"note": "涉嫌故意损毁"}),
    ):
        assert people[who].move(made["id"], move, **more).status_code == 200, move
    return dict(made)


def handed_out(person: Person, case_id: int, **changes: str) -> httpx.Response:
    return person.post(f"/api/cases/{case_id}/evidence-packages", json=WANTED | changes)


@pytest.fixture(scope="module")
def package(people: dict[str, Person], case: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    answer = handed_out(people["leader"], case["id"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    path = tmp_path_factory.mktemp("package") / "package.zip"
    path.write_bytes(answer.content)
    return path


def test_the_package_holds_record_originals_and_their_entries(
    package: Path, case: dict[str, Any], engine: Engine, settings: Settings
) -> None:
    with zipfile.ZipFile(package) as found:
        contents = {name: found.read(name) for name in found.namelist()}
    record = json.loads(contents["record.json"])
    with engine.connect() as db:
        rows = db.execute(text("select sha256, account_id from dispatch.evidence order by id")).all()
        entries = db.execute(text("select number, entry, hash from dispatch.custody order by number")).all()
    assert [exhibit["sha256"] for exhibit in record["evidence"]] == [bytes(row.sha256).hex() for row in rows]
    for exhibit, row in zip(record["evidence"], rows, strict=True):
        assert contents[exhibit["file"]] == path_of(settings.evidence_directory, bytes(row.sha256)).read_bytes()
        assert (exhibit["receiver"], exhibit["receiver_name"]) == (row.account_id, "inspector")
        assert exhibit["distance_m"] == 0
    assert [contents[f"log/{entry.number:08d}.txt"].decode() for entry in entries] == [each.entry for each in entries]
    assert record["log"] == {"last_entry": entries[-1].number, "hash": bytes(entries[-1].hash).hex()}
    assert record["package"] | WANTED | {"number": f"{case['number']}-1"} == record["package"]
    assert record["case"]["class_name"] == "路灯 Street lamp"
    assert [step["move"] for step in record["history"]][-1] == "transfer_to_law"
    assert record["history"][-1]["move_name"].split(" ", 1)[0] == "移送执法"
    assert contents["record.pdf"].startswith(b"%PDF")


def test_who_called_is_nowhere_in_it(package: Path) -> None:
    with zipfile.ZipFile(package) as found:
        whole = b"".join(found.read(name) for name in found.namelist() if not name.endswith(".pdf"))
    assert "赵女士".encode() not in whole
    assert b"13800001234" not in whole


def test_it_can_be_checked_without_this_system(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as found:
        found.extractall(tmp_path)
    for command in (
        ["sha256sum", "--quiet", "-c", "manifest.sha256"],
        [
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "manifest.sha256.p7s", "-content", "manifest.sha256",
            "-CAfile", "certificate.pem", "-purpose", "any", "-out", "/dev/null",
        ],
    ):  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_the_command_says_that_it_is_as_it_was_and_finds_a_changed_byte(
    package: Path,
    settings: Settings,
    settings_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["evidence", "verify", str(package)]) == 0
    assert "as it was handed out" in capsys.readouterr().out
    whole = package.read_bytes()
    with zipfile.ZipFile(package) as found:
        places = {
            entry.filename: entry.header_offset + 30 + len(entry.filename.encode()) + 3 for entry in found.infolist()
        }
    changed = tmp_path / "changed.zip"
    for name, place in places.items():
        changed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cli.main(["evidence", "verify", str(changed), "--json"]) == 3, name
        told = json.loads(capsys.readouterr().out)
        assert any(name in finding for finding in told["findings"]), name
    changed.write_bytes(whole[:12] + bytes([whole[12] ^ 1]) + whole[13:])
    assert package_check.check(settings, changed, None).findings == ["The file differs from the one handed out."]
    changed.write_bytes(whole[:5000])
    assert cli.main(["evidence", "verify", str(changed)]) == 1


def test_a_package_made_up_elsewhere_is_told(package: Path, settings: Settings, tmp_path: Path) -> None:
    """Who changes a photo, and the manifest with it, cannot sign it."""
    made_up = tmp_path / "made-up.zip"
    with zipfile.ZipFile(package) as true, zipfile.ZipFile(made_up, "w") as false:
        contents = {name: true.read(name) for name in true.namelist()}
        name = next(each for each in contents if each.startswith("evidence/"))
        before, contents[name] = hashlib.sha256(contents[name]).hexdigest(), jpeg("green")
        after = hashlib.sha256(contents[name]).hexdigest()
        contents["manifest.sha256"] = contents["manifest.sha256"].replace(before.encode(), after.encode())
        contents["more.txt"] = b"put in later"
        for each, content in contents.items():
            false.writestr(each, content)
    findings = package_check.check(settings, made_up, None).findings
    assert "manifest.sha256 is not what was signed." in findings
    assert f"{name} is not the file that the record names." in findings
    assert "more.txt is not in the manifest: it was put in later." in findings


def test_each_handing_out_is_written_down_and_only_by_those_with_the_right(
    package: Path, people: dict[str, Person], case: dict[str, Any], engine: Engine
) -> None:
    assert handed_out(people["dispatcher"], case["id"]).status_code == 403
    assert handed_out(people["mayor"], case["id"], reason="  ").status_code == 422
    assert handed_out(people["mayor"], case["id"], recipient="公安局").status_code == 200
    listed = people["leader"].get(f"/api/cases/{case['id']}/evidence-packages").json()
    assert [(one["ordinal"], one["by"], one["recipient"]) for one in listed] == [
        (2, "mayor", "公安局"),
        (1, "leader", WANTED["recipient"]),
    ]
    assert listed[1]["sha256"] == hashlib.sha256(package.read_bytes()).hexdigest()
    with engine.connect() as db, pytest.raises(Exception, match="permission denied"):
        db.execute(text("delete from dispatch.evidence_package"))


def test_a_file_that_is_not_as_it_came_stops_the_package(
    people: dict[str, Person], case: dict[str, Any], engine: Engine, settings: Settings
) -> None:
    with engine.connect() as db:
        sha256 = bytes(db.execute(text("select sha256 from dispatch.evidence order by id limit 1")).scalar_one())
    path = path_of(settings.evidence_directory, sha256)
    content = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    answer = handed_out(people["leader"], case["id"])
    path.write_bytes(content)
    assert answer.status_code == 409
    assert "is not as it came" in answer.json()["detail"]


def test_a_cameras_files_go_after_both_reviews_and_with_a_published_site(
    people: dict[str, Person], engine: Engine, settings: Settings, town: Town
) -> None:
    with engine.begin() as db:
        camera = db.execute(
            text(
                "insert into gis.asset (kind, code, name, name_en, geom, source, source_ref)"
                " values ('camera', 'CAM-7', '路口监控', 'Crossing', st_setsrid(st_makepoint(:lon, :lat), 4326), 'cameras', '7')"
                " returning id"
            ),
            {"lon": town.lamp[0], "lat": town.lamp[1]},
        ).scalar_one()
        now = clock.now(db)
        photo = evidence.keep(settings.evidence_directory, io.BytesIO(jpeg("white")), "frame.jpg", 1_000_000)
        new = NewReport("camera", "占道", now, Position(*town.lamp), LAMP_CLASS, asset_id=camera)
        who = actors.actor(db, "intake")
        seen = reports.receive(db, settings, new, now=now, actor=who, photos=[photo])
    refused = handed_out(people["leader"], seen.case_id)
    assert (refused.status_code, "reviewers" in refused.json()["next_step"]) == (422, True)
    for who_reviews, move in (("jurist", "review_law"), ("technician", "review_technique")):
        assert people[who_reviews].move(seen.case_id, move, note="合法有效").status_code == 200
    with engine.begin() as db:
        restrict = "insert into gis.data_set (source, visible_to) values ('cameras', '{data_steward}')"
        db.execute(text(restrict))
    assert handed_out(people["leader"], seen.case_id).status_code == 422
    with engine.begin() as db:
        db.execute(text("update gis.data_set set visible_to = '{}' where source = 'cameras'"))
    answer = handed_out(people["leader"], seen.case_id)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as found:
        record = json.loads(found.read("record.json"))
    assert [(one["name"], one["code"], one["published"]) for one in record["cameras"]] == [
        ("路口监控 Crossing", "CAM-7", True)
    ]
