"""`frame estimate | check`: the city's own coordinate frame from control points, and how well it fits. Parameters are never shown."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from api.commands.database import variables_of
from api.commands.importing import lines
from api.commands.registry import Command
from config.errors import InvalidInput
from config.settings import from_environment
from gis import frame_estimate, frames


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    estimate = actions.add_parser("estimate", help="parameters by least squares into a new protected file")
    estimate.add_argument("--kind", choices=sorted(frames.FIELDS), default="helmert4")
    estimate.add_argument("--base", default="", metavar="EPSG:CODE", help="projected system of a helmert4")
    estimate.add_argument(
        "--plane", type=Path, metavar="FILE", help="protected file with the local plane of a helmert7"
    )
    estimate.add_argument("--write", type=Path, required=True, metavar="FILE", help="new file, outside the checkout")
    check = actions.add_parser("check", help="how well control points fit the frame of this instance")
    for action in (estimate, check):
        action.add_argument(
            "points", type=Path, metavar="POINTS.csv", help="columns x, y, lon, lat and, if there, name"
        )
        action.add_argument("--instance", default=argparse.SUPPRESS, metavar="NAME")
        action.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def run_frame(arguments: argparse.Namespace) -> int:
    """Estimate or check, and print residuals in metres."""
    points = frame_estimate.read_points(arguments.points)
    if arguments.action == "estimate":
        fit = frame_estimate.estimate(points, arguments.kind, arguments.write, arguments.base, arguments.plane)
    else:
        path = from_environment(variables_of(arguments)).local_frame
        if path is None:
            raise InvalidInput(
                "This instance has no local coordinate frame.", "Name its file in CITYCOMMAND_LOCAL_FRAME."
            )
        fit = frame_estimate.fit(points, frames.read(path))
    figures = {
        "points": len(points.names),
        "rms_m": round(fit.rms_m, 4),
        "residuals_m": fit.residuals_m,
        "doubtful": fit.doubtful,
    }
    print(json.dumps(figures, ensure_ascii=False) if arguments.json else "\n".join(lines(figures)))
    return 0


COMMANDS = [Command("frame", "the city's own coordinate frame from control points", run_frame, _configure)]
"""Subcommands of this group."""
