"""Which texts of a Python file people may read: everything in `_()`, notes of imports, and what errors say and advise.

An extraction method for Babel (see babel.cfg), so that `raise NotFound("There is no case {case}.")` needs no mark.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import IO, Any

from config import errors

ERRORS = frozenset(name for name, kind in vars(errors).items() if isinstance(kind, type))
"""Calls of these carry the message first and the next step second."""

MARKS = ("_", "Note")
"""Calls of these carry a message first: a text to translate, what a steward should know of an import (gis/importing/runs.py)."""

Found = tuple[int, str, str, list[str]]
"""Line, function, message, comments: what Babel expects."""


def extract(file: IO[bytes], *_asked: Sequence[str], **_options: Any) -> Iterator[Found]:
    """Every readable text of one Python file; what Babel asks for beside it (keywords, tags) is the same for all."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            for text in _spoken(node):
                yield node.lineno, "_", text, []
        elif isinstance(node, ast.Assign) and _names(node) & {"next_step", "message"}:
            yield from ((node.lineno, "_", text, []) for text in _texts([node.value]))


def _spoken(call: ast.Call) -> list[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in MARKS:
        return _texts(call.args[:1])
    return _texts(call.args[:2]) if name in ERRORS else []


def _names(assignment: ast.Assign) -> set[str]:
    return {target.id for target in assignment.targets if isinstance(target, ast.Name)}


def _texts(nodes: Sequence[ast.expr]) -> list[str]:
    return [
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value
    ]
