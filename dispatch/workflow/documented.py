"""The table as people read it: a picture, and one row for each move with the states that it leads from. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.workflow.guards import GUARDS
from dispatch.workflow.names import FINAL, MOVES, STATES
from dispatch.workflow.table import OPEN, TRANSITIONS
from dispatch.workflow.transitions import Transition

HEAD = ("move", "中文", "English", "from", "to", "permission", "whose", "needs", "may have", "clock", "only where")


def diagram() -> str:
    """Mermaid source of all changes of state; what leaves a case where it is stands in the table alone."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for step in TRANSITIONS:
        if step.source != step.target:
            arrows.setdefault((step.source, step.target), []).append(MOVES[step.move][1])
    lines = [f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in arrows.items()]
    ends = [f"    {state} --> [*]" for state in STATES if state in FINAL]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> reported: Report", *lines, *ends, "```"])


def rows() -> Iterator[tuple[str, ...]]:
    """One row for each way of making a move (HEAD), with all states that it leads from."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for step in TRANSITIONS:
        groups.setdefault(_facts(step), []).append(step.source)
    for facts, sources in groups.items():
        came = "any open state" if set(sources) == set(OPEN) else ", ".join(sources)
        yield (*facts[:3], came, *facts[3:])


def _facts(step: Transition) -> tuple[str, ...]:
    stays = step.source == step.target
    return (
        step.move,
        *MOVES[step.move],
        "(stays)" if stays else step.target,
        step.permission,
        f"own {step.own}" if step.own else "",
        ", ".join(field.name for field in step.fields if field.required),
        ", ".join(field.name for field in step.fields if not field.required),
        step.clock,
        "; ".join(_only_where(step)),
    )


def _only_where(step: Transition) -> Iterator[str]:
    if step.asks:
        yield f"no {step.asks} is asked for"
    if step.answers:
        yield f"{step.answers} is asked for"
    yield from (f"`{name}`" for name in step.guards)


def guards() -> Iterator[tuple[str, str, str]]:
    """Name, refusal and next step of every guard."""
    for name, guard in GUARDS.items():
        yield f"`{name}`", guard.refusal, guard.next_step
