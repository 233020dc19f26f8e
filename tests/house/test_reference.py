"""docs/reference.md says what the code says: states, moves, permissions, settings, errors, routes (rule 10)."""

import re
from pathlib import Path

from api import reference
from config.settings import VARIABLES


def test_the_reference_page_is_what_the_code_says() -> None:
    assert reference.PATH.read_text(encoding="utf-8") == reference.text(), "run ./citycommand docs"


def test_every_variable_that_is_read_is_described(root: Path) -> None:
    read: set[str] = set()
    for room in ("config", "gis", "ingest", "dispatch", "dashboards", "api", "data"):
        for source in (root / room).rglob("*.py"):
            read |= set(re.findall(r"CITYCOMMAND_[A-Z_]+[A-Z]", source.read_text(encoding="utf-8")))
    between_our_own = {
        "CITYCOMMAND_PACKAGES",
        "CITYCOMMAND_INGEST",
    }  # the script's word to Python; a prefix in a sentence
    assert read - between_our_own == set(VARIABLES)
