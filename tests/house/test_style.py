"""Ruff and mypy find nothing: rules and types of the whole checkout."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "command", [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]], ids=["ruff", "format", "mypy"]
)
def test_checkers_find_nothing(root: Path, command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
