"""The command line: every subcommand explains itself, every foreseen failure is one sentence and a next step."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from api import cli, import_work
from api.commands import import_arguments
from api.commands.registry import Command, commands


def test_every_subcommand_is_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])
    printed = capsys.readouterr().out
    for command in commands():
        assert command.name in printed
        assert command.help in " ".join(printed.split())


@pytest.mark.parametrize("kind", import_work.KINDS)
def test_each_import_explains_its_file_its_mapping_and_gives_an_example(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["import", kind, "--help"])
    printed = capsys.readouterr().out
    said = import_arguments.KINDS[kind]
    assert re.search(r"\n  FILE +\w", printed)
    assert not said.mapping or re.search(r"\n  --mapping MAPPING\s+\w", printed)
    example = printed.split("example:\n  ./citycommand ")[1].split()
    assert cli.parser(commands()).parse_args(example).kind == kind, "the example is one that is understood"


def test_names_are_given_once() -> None:
    names = [command.name for command in commands()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "words", [["psql"], ["backup", "x.tar"], ["status"], ["logs", "web"]], ids=lambda words: words[0]
)
def test_an_instance_that_is_not_there(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "--instance", "nowhere"]) == 1
    printed = capsys.readouterr().err
    assert "Next step: " in printed
    assert "Traceback" not in printed


def test_the_instance_may_stand_before_or_after_the_subcommand() -> None:
    parser = cli.parser(commands())
    for words in (["--instance", "boston", "status"], ["status", "--instance", "boston"]):
        assert parser.parse_args(words).instance == "boston"


def test_reset_asks_for_yes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["reset", "--instance", "nowhere"]) == 1
    assert "Add --yes" in capsys.readouterr().err


def test_restore_of_what_is_no_backup(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.tar").write_bytes(b"not a tar file")
    assert cli.main(["restore", str(tmp_path / "x.tar"), "--instance", "nowhere"]) == 1
    assert "is not a backup of City Command" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("number", "sentence"), [(errno.ENOSPC, "The disk is full"), (errno.EACCES, "Permission is missing")]
)
def test_errors_of_the_system_are_said_plainly(
    number: int, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise OSError(number, "no", "/var/city")

    monkeypatch.setattr(cli, "commands", lambda: [Command("break", "fails", fail)])
    assert cli.main(["break"]) == 1
    printed = capsys.readouterr().err
    assert f"{sentence}: /var/city" in printed
    assert "Next step: " in printed
