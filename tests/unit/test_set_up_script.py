"""The bash part of ./citycommand: which subcommand it sees, and one clear sentence for each foreseen failure."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from api import cli
from tests.support.waiting import wait_until


def bash(root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run `script` with the functions of ./citycommand at hand."""
    sourced = f"source ./citycommand\n{script}"
    return subprocess.run(
        ["bash", "-c", sourced],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("up", "up"),
        ("--instance boston test -k x", "test"),
        ("--instance=boston status", "status"),
        ("up --instance test", "up"),
        ("", ""),
        ("--help", ""),
    ],
)
def test_the_subcommand_is_found_among_the_options(words: str, found: str, root: Path) -> None:
    assert bash(root, f"subcommand {words}").stdout == found


@pytest.mark.parametrize(
    ("output", "sentence", "next_step"),
    [
        ("ERROR: [Errno 28] No space left on device", "the disk is full", "Free some space"),
        ("E: You don't have enough free space; not have enough free space in /var", "the disk is full", "Free some"),
        ("Temporary failure resolving 'mirror.example'", "the network cannot be reached", "citycommand bundle"),
        ("Failed to establish a new connection: [Errno 101]", "the network cannot be reached", "Check the network"),
        ("npm error code ENOTFOUND", "the network cannot be reached", "Check the network"),
        ("SSLError(SSLCertVerificationError: CERTIFICATE_VERIFY_FAILED)", "certificate is not trusted", "update-ca-"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM\nTHE HASHES\n DO NOT MATCH", "differs from", "altered files"),
        ("E: Unable to locate package postgresql-15", "does not offer the packages of Debian 12", "config/deploy"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "another program is installing", "Wait until"),
        ("error: [Errno 13] Permission denied: '.venv'", "permission is missing", "user who owns this checkout"),
    ],
)
def test_a_failed_step_is_explained(output: str, sentence: str, next_step: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(output)
    result = bash(root, f"log={tmp_path}/log; explain 'Installing things'")
    assert result.returncode == 1
    assert f"Installing things failed: {sentence}" in result.stderr or sentence in result.stderr
    assert "Next step: " in result.stderr
    assert next_step in result.stderr


def test_an_unforeseen_failure_shows_its_last_lines(root: Path, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("something odd happened\n")
    result = bash(root, f"log={tmp_path}/log; explain 'Installing things'")
    assert "something odd happened" in result.stderr
    assert f"The whole output is in {tmp_path}/log" in result.stderr


def test_a_user_without_rights_gets_the_exact_command(root: Path) -> None:
    result = bash(
        root,
        "is_installed() { return 1; }; sudo() { return 1; }; id() { [ $1 = -u ] && echo 1000 || echo li; }\n"
        "ensure_packages mosquitto postgresql-15",
    )
    assert result.returncode == 1
    assert "missing, and user li may not install them: mosquitto postgresql-15." in result.stderr
    assert "apt-get install --no-install-recommends -y" in result.stderr
    assert result.stderr.rstrip().endswith("mosquitto postgresql-15")


def test_an_administrators_own_file_comes_back(root: Path, tmp_path: Path) -> None:
    own = tmp_path / "createcluster.conf"
    own.write_text("ssl = off\n")
    script = f"createcluster={own} policy={tmp_path}/policy-rc.d\nhold_back_services\ncat {own} >&2\nrelease_services"
    during = bash(root, script)
    assert during.stderr == "ssl = off\ncreate_main_cluster = false\n"
    assert own.read_text() == "ssl = off\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["createcluster.conf"]


def test_debians_own_file_takes_its_place_where_there_was_none(root: Path, tmp_path: Path) -> None:
    own = tmp_path / "etc" / "createcluster.conf"
    script = (
        f"createcluster={own} policy={tmp_path}/policy-rc.d\nhold_back_services\n"
        f"echo 'as shipped' >{own}.ucf-dist\nrelease_services"
    )
    assert bash(root, script).returncode == 0
    assert own.read_text() == "as shipped\n"


def test_a_failed_installation_leaves_nothing_behind(root: Path, tmp_path: Path) -> None:
    script = f"createcluster={tmp_path}/etc/createcluster.conf policy={tmp_path}/policy-rc.d\nhold_back_services"
    assert bash(root, f"{script}\nrelease_services\nrelease_services").returncode == 0
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_policy_of_the_administrator_is_left_alone(root: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("own")
    bash(root, f"createcluster={tmp_path}/c policy={policy}\nhold_back_services\nrelease_services")
    assert policy.read_text() == "own"


def test_a_full_disk_is_named_before_anything_is_installed(root: Path) -> None:
    result = bash(root, "require_space 999999999")
    assert result.returncode == 1
    assert "The disk is nearly full" in result.stderr


def test_an_interrupted_step_ends_with_all_it_started(root: Path, tmp_path: Path) -> None:
    script = (
        f"trap interrupted INT TERM; log={tmp_path}/log\n"
        f"work() {{ bash -c 'echo $$ >{tmp_path}/pid; exec sleep 300'; }}\n"
        f"{{ until [ -s {tmp_path}/pid ]; do sleep 0.05; done; kill -TERM $$; }} &\n"
        "step 'Working' work"
    )
    result = bash(root, script)
    assert result.returncode == 130
    assert "Interrupted. The same command goes on from here." in result.stderr
    worker = Path("/proc") / (tmp_path / "pid").read_text().strip()
    wait_until(lambda: not worker.exists(), 5, what="the step's process to end")


def test_a_step_says_how_long_it_took_and_keeps_its_status(root: Path, tmp_path: Path) -> None:
    result = bash(root, f"log={tmp_path}/log; step 'Doing it' true; step 'Failing' bash -c 'echo why; exit 7'; echo $?")
    assert re.search(r"✓ Doing it \(\d+ s\)", result.stderr)
    assert "✗ Failing" in result.stderr
    assert "why" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("words", ["up --help", "--help", "test -h", "--instance boston bench tiles --help"])
def test_help_of_a_fresh_checkout_installs_nothing(root: Path, tmp_path: Path, words: str) -> None:
    result = bash(root, f"venv={tmp_path}/none\nset_up() {{ echo installing; }}\nmain {words}")
    assert result.returncode == 0
    assert "installing" not in result.stdout
    assert "Nothing is installed in this checkout yet. './citycommand up' installs what is missing" in result.stdout
    assert "postgresql-15-postgis-3" in result.stdout


def test_help_before_the_set_up_names_the_options_of_up(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["up", "--help"])
    whole, first = " ".join(capsys.readouterr().out.split()), " ".join(bash(root, "first_help").stdout.split())
    options = re.findall(r"(--[a-z-]+ (?:[A-Z]+ )?)([a-z].*?)(?= --|$)", whole[whole.index("options:") :])
    assert len(options) > 5
    missing = [
        name + words for name, words in options if name.strip() != "--help" and name + words.strip() not in first
    ]
    assert not missing
