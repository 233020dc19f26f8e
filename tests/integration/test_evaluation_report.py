"""Evaluation through HTTP: filters, formulas, the map, and the monthly report as signed PDF and as Excel (D6, C2)."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from config.errors import UnreadableFile
from config.settings import Settings
from dashboards import signing
from gis import clock
from tests.support.lives import START, Life, grey_photo
from tests.support.server import Person
from tests.support.smalltown import LAMP_CLASS, Town

PERIOD = "from=2026-03-01&to=2026-04-01"


@pytest.fixture(scope="module", autouse=True)
def lives(engine: Engine, settings: Settings, town: Town) -> None:
    """Two cases of March: one closed in time, one late; told by the instance's clock, which goes on from there."""
    with engine.begin() as db:
        life = Life(db, settings, grey_photo(settings), town)
        way = (
            "accept",
            "send_verification",
            "verify",
            "file",
            "dispatch",
            "accept_order",
            "feed_back",
            "send_check",
            "check",
            "close",
        )
        life.report().do(*way)
        life.report("hotline").do(*way[:5]).wait(hours=9)
        clock.set_virtual(db, life.now, rate=1)


@pytest.fixture
def assessor(people: dict[str, Person]) -> Person:
    return people["assessor"]


def figures(person: Person, more: str = "", by: str = "class") -> dict[str, Any]:
    answer = person.get(f"/api/evaluation?{PERIOD}&by={by}&{more}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_figures_are_narrowed_compared_and_named(assessor: Person) -> None:
    whole = figures(assessor, "compare=previous")
    row = whole["rows"][0]
    assert (row["key"], row["reported"], row["closed"], row["late"], row["earlier"]) == (LAMP_CLASS, 2, 1, 1, None)
    assert whole["names"]["late"] == "handled late"
    assert {each["code"]: each["awaits"] for each in whole["indicators"]}["missed_rate"] == [
        "inspectors' shifts in this period"
    ]
    assert figures(assessor, "source=hotline")["total"][0]["reported"] == 1
    assert figures(assessor, "class_code=M")["rows"] == []
    assert figures(assessor, "area=990101001")["total"][0]["reported"] == 2
    assert figures(assessor, "known=2026-03-02T09:03:00%2B08:00")["total"][0]["filed"] == 0
    unit = figures(assessor, by="unit")["rows"][0]
    assert unit["score"]["grade"] in "ABCDE"


def test_every_number_opens_its_cases_and_grids_are_counted(assessor: Person) -> None:
    assert (
        len(assessor.get(f"/api/evaluation/cases?{PERIOD}&by=class&key={LAMP_CLASS}&figure=late").json()["items"]) == 1
    )
    grids = assessor.get(f"/api/evaluation/grids?{PERIOD}&figure=reported").json()
    assert [grid["properties"]["cases"] for grid in grids["features"]] == [2]
    assert assessor.get(f"/api/evaluation/cases?{PERIOD}&figure=satisfied").json()["items"] == []
    assert assessor.get(f"/api/evaluation/cases?{PERIOD}&figure=happiness").status_code == 422
    choices = assessor.get("/api/evaluation/choices").json()
    assert {"district", "grid", "major", "inspector", "dispatcher"} <= {each["key"] for each in choices["by"]}


def test_only_the_assessor_changes_a_formula_and_only_into_one_that_can_be_read(people: dict[str, Person]) -> None:
    wanted = {
        "kind": "indicator", "code": "handling_rate", "valid_from": "2026-03-01", "reason": "市考评办〔2026〕3 号",
        "definition": {"zh": "处置率", "en": "handling rate", "formula": "handled / reported", "better": "more"},
    }  # fmt: skip
    assert people["leader"].post("/api/evaluation/formulas", json=wanted).status_code == 403
    wrong = wanted | {"definition": wanted["definition"] | {"formula": "exec('1')"}}  # type: ignore[operator]
    assert people["assessor"].post("/api/evaluation/formulas", json=wrong).status_code == 422
    before = figures(people["assessor"])["rows"][0]["rates"]["handling_rate"]
    assert people["assessor"].post("/api/evaluation/formulas", json=wanted).status_code == 201
    after = figures(people["assessor"])
    assert (before, after["rows"][0]["rates"]["handling_rate"]) == (0.5, 0.5)
    used = next(each for each in after["indicators"] if each["code"] == "handling_rate")
    assert used["formula"] == "handled / reported"
    past = people["mayor"].get("/api/evaluation/formulas").json()["indicators"][0]["past"]
    assert [each["reason"] for each in past] == ["市考评办〔2026〕3 号"]


@pytest.fixture(scope="module")
def reports(people: dict[str, Person]) -> dict[str, bytes]:
    found = {}
    for kind in ("pdf", "xlsx"):
        answer = people["assessor"].get(f"/api/evaluation/report?month=2026-03&format={kind}")
        assert answer.status_code == 200, answer.text
        assert f'filename="evaluation-2026-03-en.{kind}"' in answer.headers["Content-Disposition"]
        found[kind] = answer.content
    return found


def test_the_report_is_signed_and_a_changed_byte_is_found(
    reports: dict[str, bytes], settings: Settings, tmp_path: Path
) -> None:
    pdf, certificate = reports["pdf"], settings.report_signature
    found = signing.verify(pdf, certificate)
    assert (found.intact, found.ours, "City Command" in found.by) == (True, True, True)
    assert certificate.stat().st_mode & 0o777 == 0o600
    place = pdf.index(b"stream\n") + 40
    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    assert not signing.verify(changed, certificate).intact
    signing.ensure(tmp_path / "other.pem", "elsewhere", START)
    other = signing.verify(pdf, tmp_path / "other.pem")
    assert (other.intact, other.ours) == (True, False)
    for junk in (pdf + b"\n%%EOF\n", b"", b"no pdf", pdf[:900]):
        with pytest.raises(UnreadableFile):
            signing.verify(junk, certificate)


def test_the_workbook_holds_the_same_numbers(reports: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(reports["xlsx"])) as book:
        names = book.read("xl/workbook.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
        unit = book.read("xl/worksheets/sheet2.xml").decode()
    assert 'name="Indicators"' in names
    assert 'name="Unit"' in names
    assert "in-time handling rate" in texts
    assert "照明所" in texts
    assert "<v>2</v>" in unit


def test_a_month_that_is_none_or_has_not_begun_is_refused(assessor: Person) -> None:
    for month in ("2026-13", "March", "2026-12"):
        assert assessor.get(f"/api/evaluation/report?month={month}").status_code == 422


def test_who_sees_no_figures_gets_no_report(people: dict[str, Person], engine: Engine) -> None:
    assert people["intake"].get("/api/evaluation/report?month=2026-03").status_code == 403
    with engine.connect() as db:
        assert db.execute(text("select count(*) from gis.refusal where path like '%report%'")).scalar_one() == 1
