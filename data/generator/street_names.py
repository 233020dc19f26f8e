"""Names of streets: municipal streets have their own, lanes are numbered along the street they leave (文昌一巷)."""

from __future__ import annotations

from shapely import STRtree

from data.generator import names as naming
from data.generator.drawing import MUNICIPAL, Plan
from data.generator.frame import random

KINDS = {"expressway": "大道", "arterial": "大街", "collector": "路", "branch": "街"}
LANE = "巷"


def street_names(seed: int, drawn: Plan) -> dict[int, tuple[str, str]]:
    """Street number → (Chinese, English). Pieces of one street share a name; no two streets share one in either language."""
    stems = naming.stems(random(seed, "street names"))
    found: dict[int, tuple[str, str]] = {}
    taken: set[str] = set()
    for number, street in enumerate(drawn.streets):
        if street.continues in found:
            found[number] = found[street.continues]
        elif street.kind in KINDS or street.fixed_name:
            found[number] = _own(street.fixed_name, KINDS.get(street.kind, LANE), stems, taken)
    _lanes(drawn, found)
    return found


def _own(fixed: str | None, kind: str, stems: naming.Stems, taken: set[str]) -> tuple[str, str]:
    """A name that sounds like no other, whatever kind of street: 安怡 and 安益 are both Anyi."""
    stem = naming.stem(fixed) if fixed else next(stems)
    while fixed is None and naming.romanise(stem) in taken:
        stem = next(stems)
    taken.add(naming.romanise(stem))
    name = fixed or stem + kind
    return name, naming.english(name)


def _lanes(drawn: Plan, found: dict[int, tuple[str, str]]) -> None:
    hosts = [number for number in found if drawn.streets[number].kind in MUNICIPAL]
    lanes = [number for number in range(len(drawn.streets)) if number not in found]
    tree = STRtree([drawn.streets[number].line for number in hosts])
    used: dict[str, int] = {}
    lines = [drawn.streets[number].line for number in lanes]
    touching = tree.query(lines, predicate="dwithin", distance=1.0).tolist()
    hosts_of = dict(zip(*(side[::-1] for side in touching), strict=True))
    for place, number in enumerate(lanes):
        continues = drawn.streets[number].continues
        if continues in found:
            found[number] = found[continues]
            continue
        host = hosts_of.get(place)
        stem = naming.stem(found[hosts[tree.nearest(lines[place]) if host is None else host]][0])
        used[stem] = used.get(stem, 0) + 1
        name = f"{stem}{naming.numeral(used[stem])}{LANE}"
        found[number] = (name, naming.english(name))
