"""What is installed is pinned: every library by version and hash, no lock file names a download address."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["run", "test", "tipg"])
def test_python_lock_names_versions_and_hashes_only(name: str, root: Path) -> None:
    lines = (root / "requirements" / f"{name}.txt").read_text("utf-8").splitlines()
    form = re.compile(r"[a-z0-9-]+(\[[a-z]+\])?==\S+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not form.fullmatch(line)] == []


@pytest.mark.parametrize("name", ["run", "test", "tipg"])
def test_what_is_asked_for_is_locked(name: str, root: Path) -> None:
    asked = (root / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    names = {re.split(r"[\[=<>]", line)[0] for line in asked if line and not line.startswith(("#", "-"))}
    locked = set(
        re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==", (root / "requirements" / f"{name}.txt").read_text(), re.M)
    )
    assert names <= locked


def test_tests_run_with_the_libraries_of_the_city(root: Path) -> None:
    pins = {
        name: dict(
            re.findall(
                r"^([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)", (root / "requirements" / f"{name}.txt").read_text(), re.M
            )
        )
        for name in ("run", "test")
    }
    both = pins["run"].keys() & pins["test"].keys()
    assert {name: pins["test"][name] for name in both} == {name: pins["run"][name] for name in both}


def test_front_end_lock_names_no_address(root: Path) -> None:
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))
    for path, package in lock["packages"].items():
        assert "resolved" not in package, path
        assert not path or package["integrity"].startswith("sha512-"), path
    wanted = json.loads((root / "package.json").read_text("utf-8"))["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_every_front_end_file_that_pages_ask_for_is_copied(root: Path) -> None:
    vendored = json.loads((root / "package.json").read_text("utf-8"))["vendor"]
    files = [file for kind in ("*.html", "*.js", "*.css", "*.py") for file in (root / "dashboards").rglob(kind)]
    own = [file for file in files if "vendor" not in file.parts]
    asked = {path for file in own for path in re.findall(r"static/vendor/([\w@./-]+\.\w+)", file.read_text("utf-8"))}
    copied = {f"{package}/{pattern}" for package, patterns in vendored.items() for pattern in patterns}
    assert {path for path in asked if not any(Path(path).match(pattern) for pattern in copied)} == set()


def test_every_folder_of_tests_is_a_package(root: Path) -> None:
    folders = {file.parent for file in (root / "tests").rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_room_is_named_to_the_build(root: Path) -> None:
    import tomllib

    include = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"]
    rooms = {file.parent.name for file in root.glob("*/__init__.py")} - {"tests"}
    assert set(include["include"]) == {name for room in rooms for name in (room, f"{room}.*")}
