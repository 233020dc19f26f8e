"""Who may see a data set holds everywhere (C3): whatever answers a reader asks gis.seen_asset; who may ask gis.asset is written here."""

import re
from pathlib import Path

from config.permissions import GRANTS

MACHINE: dict[str, str] = {
    "api/exchange.py": "counts for the log of connectors",
    "data": "makes the demonstration",
    "dispatch/importing/add_cases.sql": "placing past reports",
    "dispatch/placing.py": "a hidden component still leads to the unit that mends it",
    "gis/add_assets.sql": "import",
    "gis/assets.py": "import",
    "gis/catalogue/data_sets.py": "whether a source exists, for those who keep the catalogue",
    "gis/catalogue/data_sets.sql": "counts by source; api/routes/catalogue.py leaves hidden sources out",
    "gis/catalogue/seeing.py": "tells hidden from absent",
    "gis/change_assets.sql": "import",
    "gis/count_assets.sql": "import",
    "gis/exporting/gtfs.py": "a command of the operator of the machine",
    "gis/gridding/sources.py": "draws grids",
    "gis/ground.sql": "water and main streets under figures",
    "gis/importing/difference.py": "import",
    "gis/importing/difference_of_run.sql": "import",
    "gis/importing/undo.py": "import",
    "gis/importing/undo_assets.sql": "import",
    "gis/likely_place.py": "a distance only",
    "gis/locate.py": "placing a report",
    "gis/locate.sql": "placing a report",
    "gis/locate_many.sql": "placing past reports",
    "gis/mapping/streets_near.sql": "a distance only",
    "gis/naming/coded.sql": "names of sources only; what is found is read from gis.seen_asset",
    "gis/naming/roads_that_may_meet.sql": "names are kept for all readers",
    "gis/naming/make_house_numbers.sql": "names are kept for all readers",
    "gis/naming/make_places.sql": "names are kept for all readers",
    "gis/networks/customers.py": "builds networks",
    "gis/networks/reading.py": "builds networks",
    "gis/networks/standing.py": "builds networks",
    "gis/register/bulk.py": "only who keeps the register edits",
    "gis/register/conflicts.py": "only who keeps the register edits",
    "gis/register/details.py": "triggers",
    "gis/register/editing.py": "only who keeps the register edits",
    "gis/register/lines.py": "only who keeps the register edits",
    "gis/register/nearby.sql": "only who keeps the register edits",
    "gis/register/proposing.py": "only who keeps the register edits",
    "gis/register/visits.py": "only who keeps the register edits",
    "gis/revive_assets.sql": "import",
    "ingest/alarms.py": "detection",
    "ingest/headway.py": "detection",
    "ingest/watch.py": "detection",
}
"""Files or folders whose statements read gis.asset itself, and why no reader sees what they find."""

ROOMS = ("api", "config", "dashboards", "data", "dispatch", "gis", "ingest", "welfare")
READS = re.compile(r"\b(?:from|join|,)\s+gis\.asset\b", re.IGNORECASE)
TABLE = re.compile(r"from gis\.tables import .*\basset\b(?!_)")


def test_what_answers_a_reader_asks_for_what_this_reader_may_see(root: Path) -> None:
    found = {name for room in ROOMS for name in _reading(root, room)}
    known = {name for name in found if any(name == each or name.startswith(f"{each}/") for each in MACHINE)}
    assert found - known == set(), "read gis.seen_asset, or write here why no reader sees what is found"
    assert {each for each in MACHINE if not any(name.startswith(each) for name in found)} == set(), (
        "they do not any more"
    )


def test_who_edits_and_imports_sees_all() -> None:
    """editing.py, visits.py and imports show what they work on: their permissions are with posts from which nothing is hidden."""
    for permission in ("asset.edit", "import.run", "catalogue.keep"):
        assert {post for post, held in GRANTS.items() if permission in held} <= {"data_steward", "administrator"}


def _reading(root: Path, room: str) -> list[str]:
    sources = [
        path for path in (root / room).rglob("*") if path.suffix in (".py", ".sql") and "migrations" not in path.parts
    ]
    texts = {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sources}
    return [name for name, text in texts.items() if READS.search(text) or TABLE.search(text)]


CASES_OF_NOBODY = {
    "api/routes/cases.py": "the state of a case that has just left its mover's reach",
    "data/history.py": "makes the demonstration",
    "data/replay/acting.py": "simulated people look at the case that they move",
    "data/replay/city.py": "whether anybody works in this city",
    "data/replay/play.py": "how a replay stands, for whoever runs it",
    "dispatch/calls/open_callbacks.sql": "lets callers be called back",
    "dispatch/case_facts.sql": "moves; who may make one is asked after it",
    "dispatch/case_of_alarm.sql": "alarms",
    "dispatch/cases.py": "moves; tells who was faster",
    "dispatch/classifying/history.py": "counts what the classifier decided alone, for the terminal",
    "dispatch/classifying/history.sql": "learns from all",
    "dispatch/costs.py": "whether a unit works on a case",
    "dispatch/custody/walk.sql": "verifies all evidence, at the terminal",
    "dispatch/escalation/firing.sql": "clocks",
    "dispatch/escalation/planning.py": "clocks",
    "dispatch/escalation/rungs.py": "clocks that have run out",
    "dispatch/handlers.sql": "orders on hand of a unit's own people",
    "dispatch/evaluation/keeping.py": "keeps facts for all readers, who read dispatch.seen_fact",
    "dispatch/exchange/outgoing.py": "tells the other hotline of its own tickets",
    "dispatch/exchange/receiving.py": "finds a ticket that came before",
    "dispatch/importing/close_known.sql": "import",
    "dispatch/notices.py": "tells those concerned",
    "dispatch/outcome.py": "moves",
    "dispatch/packages/evidence.sql": "numbers of what was merged into a case that its reader sees",
    "dispatch/pictures.py": "reads pictures",
    "dispatch/public/changes.sql": "what everybody may see",
    "dispatch/repeats/voices.py": "where a merged case goes on, and numbers of what was merged into a case that its reader sees",
    "dispatch/public/publication.py": "the number of a case whose photo was let out",
    "dispatch/public/records.py": "what is told to whoever holds the code of a report, be it who it may",
    "dispatch/public/records.sql": "what everybody may see; a centre's staff see no less of it than strangers",
    "dispatch/public/submissions.py": "the number of a case for who reported it",
    "dispatch/reports.py": "adds a report to a case that its sender reaches",
    "dispatch/routing/surroundings.py": "how many orders a unit has",
    "dispatch/steps.py": "a distance only",
    "dispatch/timers.py": "clocks",
}
"""Files whose statements read dispatch.cases itself, and why no reader sees what they find (C2)."""


def test_who_reads_cases_for_somebody_asks_for_what_this_somebody_may_see(root: Path) -> None:
    reads = re.compile(r"\b(?:from|join|update)\s+dispatch\.cases\b", re.IGNORECASE)
    found = {
        path.relative_to(root).as_posix()
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.suffix in (".py", ".sql") and "migrations" not in path.parts and reads.search(path.read_text("utf-8"))
    }
    assert found - CASES_OF_NOBODY.keys() == set(), (
        "read dispatch.seen_case, or write here why no reader sees what is found"
    )
    assert CASES_OF_NOBODY.keys() - found == set(), "they do not any more"


def test_who_reads_figures_asks_for_what_this_reader_may_see(root: Path) -> None:
    reads = re.compile(r"\b(?:from|join)\s+dispatch\.case_fact\b", re.IGNORECASE)
    found = {
        path.relative_to(root).as_posix()
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.suffix in (".py", ".sql") and "migrations" not in path.parts and reads.search(path.read_text("utf-8"))
    }
    assert found == {"dispatch/evaluation/keeping.py"}, "read dispatch.seen_fact"
