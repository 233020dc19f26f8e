"""Imports point down (house rule 1), and each room is the one of this checkout."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOMS = ["api", "config", "dashboards", "data", "dispatch", "gis", "ingest", "welfare"]


def test_every_import_points_down(root: Path) -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_room_resolves_to_this_checkout(room: str, root: Path) -> None:
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == root / room
