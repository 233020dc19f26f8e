"""docs/guide/demonstration.md names what there is: every kind of asset, every fault, commands that are understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import compare, demonstration, figures, gtfs, simulator
from data.faults import FAULTS
from data.generator import generate
from data.generator.organisation import ACCOUNTS, UNITS


@pytest.fixture(scope="module")
def guide(root: Path) -> str:
    return (root / "docs/guide/demonstration.md").read_text(encoding="utf-8")


def test_every_kind_of_asset_is_named(guide: str) -> None:
    assert [kind for kind in generate().assets if f"`{kind}`" not in guide] == []


def test_every_fault_and_the_control_topic_are_named(guide: str) -> None:
    assert all(f"| {fault} |" in guide for fault in FAULTS)
    assert simulator.CONTROL in guide


def test_every_account_is_named(guide: str) -> None:
    desks = {f"unit_{unit.code}" for unit in UNITS}
    assert [a.username for a in ACCOUNTS if a.username not in desks and a.username not in guide] == []


@pytest.mark.parametrize("main", [demonstration.main, simulator.main, figures.main, compare.main, gtfs.main])
def test_the_commands_explain_themselves(main: object, capsys: pytest.CaptureFixture[str], guide: str) -> None:
    assert callable(main)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    options = [word.strip("[],") for word in capsys.readouterr().out.split() if word.strip("[").startswith("--")]
    assert {option for option in options if option != "--help"} <= set(
        guide.replace("[", " ").replace("]", " ").split()
    )
