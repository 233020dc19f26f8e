"""Parameters of a local frame from control points known in both systems, by least squares, straight into a protected file.

What is told is how well the points fit, in metres: residuals say nothing about the parameters.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.errors import ConfigurationError, InvalidInput, UnreadableFile
from gis import frames
from gis.ellipsoid import CGCS2000_A, CGCS2000_F, Mercator, geocentric
from gis.frames import FIELDS, SECOND

Numbers = NDArray[np.float64]
COLUMNS = ("x", "y", "lon", "lat")
PLANE_FIELDS = FIELDS["helmert7"][:6]

LEAST = {"helmert4": 2, "helmert7": 3}
GROSS = 3.0
"""A residual of so many times the root mean square is probably a mistake in the point."""


@dataclass(frozen=True)
class Points:
    """Control points: names, local metres (n, 2) east and north, CGCS2000 or WGS 84 degrees (n, 2)."""

    names: list[str]
    local: Numbers
    degrees: Numbers


@dataclass(frozen=True)
class Fit:
    """How well the points fit: metres by point, root mean square, and the points that fit badly."""

    residuals_m: dict[str, float]
    rms_m: float
    doubtful: list[str]


def read_points(path: Path) -> Points:
    """Control points of a CSV with the columns x, y, lon, lat and, if there, name. Raises UnreadableFile."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        numbers = np.array([[float(row[name]) for name in COLUMNS] for row in rows], dtype=np.float64).reshape(-1, 4)
        names = [row.get("name") or str(number) for number, row in enumerate(rows, start=1)]
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        raise UnreadableFile(
            "The control points in {file} cannot be read.",
            "It needs columns x, y, lon, lat, all numbers.",
            file=path.name,
        ) from None
    if not np.isfinite(numbers).all():
        raise UnreadableFile("A control point in {file} is no number.", file=path.name)
    return Points(names, numbers[:, :2], numbers[:, 2:])


def estimate(points: Points, kind: str, target: Path, base: str = "", plane: Path | None = None) -> Fit:
    """Estimate the parameters, write them to `target` (new, mode 0600), and say how the points fit.

    `base` is the projected system of a helmert4; `plane` a protected file with PLANE_FIELDS for a helmert7. Raises InvalidInput
    for too few points or a wrong base, ConfigurationError for a file that stands or lies in the checkout.
    """
    if len(points.local) < LEAST[kind] or len(np.unique(points.local, axis=0)) < LEAST[kind]:
        raise InvalidInput(
            "A {kind} needs at least {least} different control points.",
            "Add points; with more than the least, their residuals show how good they are.",
            kind=kind,
            least=LEAST[kind],
        )
    text = _helmert4(points, base) if kind == "helmert4" else _helmert7(points, plane)
    _write(target, text)
    return fit(points, frames.read(target))


def fit(points: Points, frame: frames.Frame) -> Fit:
    """How far the control points lie from where the frame puts them, in metres on the ground."""
    x, y = frame.from_wgs84(points.degrees[:, 0], points.degrees[:, 1])
    off = np.hypot(x - points.local[:, 0], y - points.local[:, 1])
    rms = float(np.sqrt((off**2).mean()))
    doubtful = [
        name for name, metres in zip(points.names, off, strict=True) if metres > max(GROSS * np.median(off), 0.05)
    ]
    return Fit({name: round(float(metres), 4) for name, metres in zip(points.names, off, strict=True)}, rms, doubtful)


def _helmert4(points: Points, base: str) -> str:
    way = frames.projected(base)
    if way is None:
        raise InvalidInput("'{base}' is no projected system.", "State one such as EPSG:4547.", base=base)
    x, y = way.transform(points.degrees[:, 0], points.degrees[:, 1], direction="INVERSE")
    plane, local = np.asarray(x) + 1j * np.asarray(y), points.local[:, 0] + 1j * points.local[:, 1]
    off = local - local.mean()
    turn = (np.conj(off) * (plane - plane.mean())).sum() / (np.abs(off) ** 2).sum()
    moved = plane.mean() - turn * local.mean()
    values = (moved.real, moved.imag, np.angle(turn) / SECOND, (abs(turn) - 1) * 1e6)
    return _toml("helmert4", dict(zip(FIELDS["helmert4"], map(float, values), strict=True)), base)


def _helmert7(points: Points, plane: Path | None) -> str:
    known = _plane(plane)
    a, rf, meridian, east0, north0, scale = (known[name] for name in PLANE_FIELDS)
    mercator = Mercator(a, 1 / rf, float(np.radians(meridian)), scale)
    lon, lat = mercator.to_degrees(points.local[:, 0] - east0, points.local[:, 1] - north0)
    local = geocentric(lon, lat, a, 1 / rf)
    there = geocentric(points.degrees[:, 0], points.degrees[:, 1], CGCS2000_A, CGCS2000_F)
    middle = local.mean(axis=1, keepdims=True)
    x, y, z = local - middle
    nothing, one = np.zeros_like(x), np.ones_like(x)
    rows = np.concatenate([
        np.stack([one, nothing, nothing, nothing, z, -y, x], axis=1),
        np.stack([nothing, one, nothing, -z, nothing, x, y], axis=1),
        np.stack([nothing, nothing, one, y, -x, nothing, z], axis=1),
    ])  # fmt: skip
    # Ill-conditioned over one city: turns and shifts trade against each other; the least-norm solution about the middle fits alike.
    found = np.linalg.lstsq(rows, (there - local).reshape(-1), rcond=1e-12)[0]
    turns, size = found[3:6], found[6]
    turn = np.array([[size, -turns[2], turns[1]], [turns[2], size, -turns[0]], [-turns[1], turns[0], size]])
    # The file turns first and then scales the turned: with angles of seconds the two orders differ by nanometres.
    moved = found[:3] - (turn @ middle).reshape(-1)
    values = [*moved, *(turns / (1 + size) / SECOND), size * 1e6]
    return _toml("helmert7", known | dict(zip(FIELDS["helmert7"][6:], map(float, values), strict=True)), "")


def _plane(path: Path | None) -> dict[str, float]:
    import tomllib

    what = "is not named" if path is None else frames.unprotected(path)
    if path is not None and not what:
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
            return {name: float(content[name]) for name in PLANE_FIELDS}
        except (OSError, ValueError, KeyError, TypeError):
            what = f"lacks a number of {', '.join(PLANE_FIELDS)}"
    raise ConfigurationError(
        "The file with the local plane cannot be used: it {what}.",
        "Give a protected TOML file (mode 0600) with the ellipsoid and the meridian of the local plane by --plane.",
        what=what,
    )


def _toml(kind: str, values: dict[str, float], base: str) -> str:
    lines = [f'kind = "{kind}"', *([f'base = "{base}"'] if base else [])]
    return "\n".join([*lines, *(f"{name} = {value!r}" for name, value in values.items())]) + "\n"


def _write(target: Path, text: str) -> None:
    if target.resolve().is_relative_to(frames.CHECKOUT):
        raise ConfigurationError("The parameters may not lie in the checkout.", "Name a file elsewhere by --write.")
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(
            "The file {file} stands already.", "Name a new one; move the old one away yourself.", file=target.name
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
