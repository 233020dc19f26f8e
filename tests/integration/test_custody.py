"""Custody of evidence: every file in an append-only log; what somebody with every right changes is found (C5, D2)."""

from __future__ import annotations

import importlib
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from api import cli
from config.settings import Settings
from dispatch import evidence, exhibits, reports
from dispatch.custody import entries
from dispatch.evidence import StoredFile, path_of
from dispatch.reports import NewReport, Position
from gis import actors, clock, migrations
from gis.db import url_of
from tests.support import databases, smalltown
from tests.support.databases import Cluster, Database
from tests.support.smalltown import Town

OF = "id = (select evidence_id from dispatch.custody where number = {})"


def picture(settings: Settings, shade: int, name: str = "photo.jpg") -> StoredFile:
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(content, "JPEG")
    content.seek(0)
    return evidence.keep(settings.evidence_directory, content, name, 1_000_000)


def report(db: Connection, settings: Settings, town: Town, photo: StoredFile) -> int:
    """A case with a photo; returns the case's id."""
    now = clock.now(db)
    new = NewReport("inspector", "路灯不亮", now, Position(*town.lamp), smalltown.LAMP_CLASS)
    who = actors.actor(db, "inspector")
    return reports.receive(db, settings, new, now=now, actor=who, photos=[photo]).case_id


@pytest.fixture(scope="module")
def files(engine: Engine, settings: Settings, town: Town) -> list[StoredFile]:
    """Four photos of four cases, entered one after another; one name tries to write lines of its own."""
    names = ["a.jpg", 'b"\nnumber 7\n.jpg', "照片.jpg", "d.jpg"]
    stored = [picture(settings, 40 * n, name) for n, name in enumerate(names)]
    for file in stored:
        with engine.begin() as db:
            report(db, settings, town, file)
    return stored


@pytest.fixture
def owner(database: Database, files: list[StoredFile]) -> Iterator[Connection]:
    """Somebody with every right on the tables; what they do is undone afterwards, by the same rights."""
    engine = create_engine(url_of(database.owner_url), isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        for statement in (
            "create table gis.kept_custody as select * from dispatch.custody",
            "create table gis.kept_evidence as select * from dispatch.evidence",
            "alter table dispatch.custody drop constraint fk_custody_evidence_id, drop constraint uq_custody_previous",
        ):
            db.execute(text(statement))
        yield db
        for statement in (
            "alter table dispatch.evidence disable trigger enter_evidence",
            "delete from dispatch.custody",
            "delete from dispatch.evidence",
            "insert into dispatch.evidence overriding system value select * from gis.kept_evidence",
            "insert into dispatch.custody select * from gis.kept_custody",
            (
                "alter table dispatch.custody add constraint fk_custody_evidence_id foreign key (evidence_id)"
                " references dispatch.evidence, add constraint uq_custody_previous unique (previous)"
            ),
            "alter table dispatch.evidence enable trigger enter_evidence",
            "drop table gis.kept_custody, gis.kept_evidence",
        ):
            db.execute(text(statement))
    engine.dispose()


@pytest.fixture(autouse=True)
def command(settings_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line runs with the variables of this module's instance, as under systemd."""
    for name, value in settings_environment.items():
        monkeypatch.setenv(name, value)


def verdict(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[tuple[str, int | None]], str]:
    """Exit status, kinds with the number of the evidence's entry, all sentences."""
    capsys.readouterr()
    status = cli.main(["evidence", "verify", "--json", *options])
    told = json.loads(capsys.readouterr().out)
    found = [(finding["kind"], finding["number"]) for finding in told["findings"]]
    return status, found, "\n".join(finding["what"] + " " + finding["next_step"] for finding in told["findings"])


def test_untouched_evidence_is_said_to_be_as_it_came(
    files: list[StoredFile], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdict(capsys) == (0, [], "")
    assert cli.main(["evidence", "verify"]) == 0
    told = capsys.readouterr().out
    assert "4 entries and 4 files" in told
    assert "All evidence is as it came." in told


def test_an_entry_says_what_the_guide_says_it_does(engine: Engine, files: list[StoredFile], town: Town) -> None:
    with engine.connect() as db:
        rows = db.execute(text("select * from dispatch.custody order by number")).all()
        sent = db.execute(text("select * from dispatch.evidence order by id")).all()
        number = db.execute(text("select number from dispatch.cases where id = :id"), {"id": sent[1].case_id}).scalar()
    assert bytes(rows[0].previous) == entries.FIRST
    fields = entries.parse(rows[1].entry)
    assert fields is not None
    assert list(fields) == list(entries.FIELDS)
    assert (fields["number"], fields["case"], fields["sha256"]) == ("2", number, files[1].sha256.hex())
    assert fields["receiver"] == str(sent[1].account_id)
    assert json.loads(fields["name"]) == files[1].file_name
    assert tuple(map(float, fields["position"].split())) == town.lamp
    assert fields["recorded"] == sent[1].recorded_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (bytes(rows[1].previous), bytes(rows[1].hash)) == (bytes(rows[0].hash), entries.digest(rows[1].entry))


def test_a_changed_byte_in_a_file_is_found_with_its_case(
    files: list[StoredFile], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = path_of(settings.evidence_directory, files[2].sha256)
    original = path.read_bytes()
    path.chmod(0o640)
    path.write_bytes(original[:-9] + bytes([original[-9] ^ 1]) + original[-8:])
    status, found, words = verdict(capsys)
    path.write_bytes(original)
    assert (status, found) == (3, [("file_changed", 3)])
    assert "of case 2" in words
    assert "from a backup" in words
    assert verdict(capsys)[0] == 0


def test_a_missing_file_is_found_and_one_that_no_row_knows_is_only_mentioned(
    files: list[StoredFile], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    path = path_of(settings.evidence_directory, files[0].sha256)
    aside = path.rename(path.with_name("aside"))
    assert verdict(capsys)[:2] == (3, [("file_missing", 1)])
    aside.rename(path)
    refused = path_of(settings.evidence_directory, picture(settings, 255).sha256)
    assert verdict(capsys)[:2] == (0, [])
    an_hour_and_more = refused.stat().st_mtime - 4000
    os.utime(refused, (an_hour_and_more, an_hour_and_more))
    status, found, words = verdict(capsys)
    refused.unlink()
    assert (status, found) == (0, [("file_unknown", None)])
    assert refused.name in words


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (
            "update dispatch.evidence set account_id = null, geom = st_translate(geom, 1e-7, 0) where " + OF.format(2),
            [("evidence_changed", 2)],
        ),
        (
            "update dispatch.evidence set occurred_at = occurred_at - interval '1 microsecond' where " + OF.format(4),
            [("evidence_changed", 4)],
        ),
        (
            "delete from dispatch.evidence where " + OF.format(3),
            [("evidence_removed", 3)],
        ),
        (
            "update dispatch.custody set entry = replace(entry, 'stage report', 'stage check') where number = 2",
            [("entry_changed", 2), ("evidence_changed", 2)],
        ),
        (
            (
                "update dispatch.custody set entry = replace(entry, 'stage report', 'stage check'),"
                " hash = sha256(convert_to(replace(entry, 'stage report', 'stage check'), 'UTF8')) where number = 2"
            ),
            [("evidence_changed", 2), ("chain_broken", 3)],
        ),
        (
            "delete from dispatch.custody where number = 2",
            [("entry_removed", 3), ("not_entered", None)],
        ),
        (
            (
                "with gone as (delete from dispatch.custody where number = 2 returning evidence_id)"
                " delete from dispatch.evidence where id in (select evidence_id from gone)"
            ),
            [("entry_removed", 3), ("file_unknown", None)],
        ),
        (
            (
                "update dispatch.custody set number = 30 where number = 2;"
                " update dispatch.custody set number = 2 where number = 3;"
                " update dispatch.custody set number = 3 where number = 30"
            ),
            [
                ("chain_broken", 2),
                ("entry_changed", 2),
                ("chain_broken", 3),
                ("entry_changed", 3),
                ("chain_broken", 4),
            ],
        ),
    ],
    ids=["place", "time", "row", "text", "text-and-hash", "entry", "both", "order"],
)
def test_what_is_done_to_rows_is_found(
    owner: Connection,
    files: list[StoredFile],
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    deed: str,
    expected: list[tuple[str, int | None]],
) -> None:
    for file in files:
        path = path_of(settings.evidence_directory, file.sha256)
        os.utime(path, (path.stat().st_mtime - 4000,) * 2)
    owner.execute(text(deed))
    status, found, _ = verdict(capsys)
    assert (status, found) == (3, expected)


def test_a_log_that_was_written_anew_disagrees_with_a_head_kept_outside(
    owner: Connection, tmp_path: Path, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as db:
        clock.set_virtual(db, clock.now(db) + timedelta(days=1))
    assert cli.main(["evidence", "heads", str(tmp_path)]) == 0
    (kept,) = tmp_path.iterdir()
    assert verdict(capsys, "--heads", str(tmp_path))[:2] == (0, [])

    owner.execute(text("delete from dispatch.custody"))
    owner.execute(text("update dispatch.evidence set distance_m = 1"))
    owner.execute(text("select dispatch.take_into_custody(e) from (select * from dispatch.evidence order by id) e"))
    assert verdict(capsys)[:2] == (0, []), "it agrees with itself"
    assert verdict(capsys, "--heads", str(tmp_path))[:2] == (3, [("head_differs", 4)])
    assert cli.main(["evidence", "heads", str(tmp_path)]) == 3

    owner.execute(text("delete from dispatch.custody where number = 4"))
    assert ("log_cut", 4) in verdict(capsys, "--heads", str(tmp_path))[1]

    kept.write_text(kept.read_text().replace('"number": 4', '"number": 3'))
    assert cli.main(["evidence", "verify", "--heads", str(tmp_path)]) == 1
    assert "was not signed by this instance" in capsys.readouterr().err


def test_the_application_cannot_write_the_log(engine: Engine, files: list[StoredFile]) -> None:
    for statement in (
        "insert into dispatch.custody select number + 9, evidence_id, entry, hash, hash from dispatch.custody",
        "update dispatch.custody set entry = ''",
        "delete from dispatch.custody",
        "select dispatch.take_into_custody(e) from dispatch.evidence e",
    ):
        with engine.connect() as db, pytest.raises(DBAPIError, match="permission denied"):
            db.execute(text(statement))


def test_many_at_once_make_one_chain_and_nobody_waits_for_who_has_not_finished(
    engine: Engine, settings: Settings, town: Town, files: list[StoredFile], capsys: pytest.CaptureFixture[str]
) -> None:
    with engine.begin() as slow:
        slow.execute(text("set local lock_timeout = '2s'"))
        case_id = report(slow, settings, town, picture(settings, 200))

        def several(shade: int) -> None:
            for n in range(5):
                with engine.begin() as db:
                    db.execute(text("set local lock_timeout = '20s'"))
                    report(db, settings, town, picture(settings, shade + n))

        with ThreadPoolExecutor(6) as pool:
            list(pool.map(several, range(10, 70, 10)))
        now = clock.now(slow)
        exhibits.add(slow, case_id, "report", [files[0]], None, None, None, now, now, "0" * 32)
    with engine.connect() as db, db.begin() as given_up:
        report(db, settings, town, picture(settings, 201))
        db.execute(text("set constraints all immediate"))
        given_up.rollback()
    with engine.connect() as db:
        numbers = db.execute(text("select number from dispatch.custody order by number")).scalars().all()
    assert numbers == list(range(1, 4 + 30 + 2 + 1))
    assert verdict(capsys)[:2] == (0, [])


def test_evidence_stored_before_there_was_a_log_enters_it(cluster: Cluster, database: Database) -> None:
    revision = importlib.import_module("gis.migrations.versions.0041_custody")
    old = databases.create(cluster, f"{database.name}_uncharted")
    try:
        migrations.upgrade(old.owner_url, revision.down_revision)
        engine = create_engine(url_of(old.owner_url))
        with engine.begin() as db:
            db.execute(
                text("""
                    with made as (
                        insert into dispatch.cases (number, state, source, title, occurred_at, trace_id)
                        select 'C' || n, 'reported', 'other', 'old', now(), md5('') from generate_series(1, 3) n returning id
                    )
                    insert into dispatch.evidence (case_id, stage, sha256, size, media_type, occurred_at, trace_id)
                    select id, 'report', sha256(convert_to(id::text, 'UTF8')), 1, 'image/jpeg', now(), md5('') from made
                """)
            )
        migrations.upgrade(old.owner_url, revision.revision)
        with engine.connect() as db:
            chain = db.execute(text("select number, evidence_id from dispatch.custody order by number")).all()
        engine.dispose()
        assert [(row.number, row.evidence_id) for row in chain] == [(1, 1), (2, 2), (3, 3)]
    finally:
        databases.drop(cluster, old.name)
