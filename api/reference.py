"""docs/reference.md, written from the literals themselves: states, moves, posts, permissions, errors, settings, routes.

`./citycommand docs` writes it; a test fails while it differs from what the code says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from fastapi.routing import APIRoute

from api.auth import Permit
from api.problems import STATUS
from config.permissions import GRANTS, PERMISSIONS, POSTS
from config.settings import VARIABLES, Settings
from dispatch.policy import stage_limits
from dispatch.workflow import DISPATCH_DUTY, STAGE_OF, STAGES, STATES, SUPERVISION_DUTY, documented

PATH = Path(__file__).resolve().parent.parent / "docs" / "reference.md"


def text() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "Written by `./citycommand docs` from the code; a test keeps it true.",
        *_workflow(),
        *_rights(),
        *_errors(),
        *_settings(),
        *_routes(),
    ]
    return "\n\n".join(parts) + "\n"


def _workflow() -> Iterator[str]:
    yield "## The closed loop\n\nOne literal, `TRANSITIONS` in dispatch/workflow/table.py; the database refuses the rest."
    yield documented.diagram()
    yield _table(
        ("state", "中文", "English", "clock that runs"),
        ((state, *STATES[state], STAGES[STAGE_OF[state]][1] if state in STAGE_OF else "–") for state in STATES),
    )
    yield _table(documented.HEAD, documented.rows())
    yield "Conditions of a move, what is said where one does not hold, and the next step:"
    yield _table(("only where", "else", "next step"), documented.guards())
    yield (
        f"Duties kept apart on one case (C1): {', '.join(sorted(DISPATCH_DUTY))} against {', '.join(sorted(SUPERVISION_DUTY))}."
    )
    yield _table(
        ("stage", "中文", "limit"),
        ((stage, STAGES[stage][0], f"{limit.amount:g} {limit.kind}") for stage, limit in stage_limits().items()),
    )
    yield "The limit of handling comes from the filing condition (立案条件)."


def _rights() -> Iterator[str]:
    yield "## Posts and permissions"
    yield _table(("post", "中文", "may"), ((post, POSTS[post][0], ", ".join(sorted(GRANTS[post]))) for post in POSTS))
    yield _table(("permission", "allows to"), PERMISSIONS.items())


def _errors() -> Iterator[str]:
    yield "## Errors\n\nAnswers are `application/problem+json` (RFC 9457) with `next_step` and `trace_id`."
    yield _table(
        ("title", "status", "meaning"),
        ((kind.__name__, str(status), _first_line(kind)) for kind, status in STATUS.items()),
    )


def _settings() -> Iterator[str]:
    yield "## Settings\n\nRead once from the environment (config/settings.py); `./citycommand up` writes them for its instance."
    yield _table(("variable", "meaning"), VARIABLES.items())
    defaults = [(f.name, str(f.default)) for f in fields(Settings) if isinstance(f.default, int | float | str)]
    yield "Defaults that have no variable yet:"
    yield _table(("setting", "default"), defaults)


def _routes() -> Iterator[str]:
    yield "## Routes\n\nEvery route states the permission it needs; `public` needs none."
    yield _table(
        ("method", "path", "permission", "what it does"), sorted(_route_rows(), key=lambda row: (row[1], row[0]))
    )


def _route_rows() -> Iterator[tuple[str, str, str, str]]:
    from api.app import routers

    for router in routers():
        for route in router.routes:
            if isinstance(route, APIRoute):
                methods = ", ".join(sorted(route.methods or ()))
                yield methods, route.path, permission_of(route), _first_line(route.endpoint)


def permission_of(route: APIRoute) -> str:
    """The permission a route states. Raises StopIteration for one that states none."""
    return next(d.call.permission for d in route.dependant.dependencies if isinstance(d.call, Permit))


def _first_line(documented: Any) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
